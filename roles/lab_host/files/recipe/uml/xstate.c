/*
 * Lets kernels of user-mode Linux up to 6.12 (those of Debian 12 and 13) run on processors with AMX.
 *
 * Before each system call of a server such a kernel gives back the registers of the process, by ptrace, in 2696 bytes: all
 * that x86 had until AVX-512 and protection keys. This computer's kernel takes its whole set or nothing, and with AMX that
 * is 11008 bytes: EFAULT, "ptrace set fp regs failed, errno = 14", and the first process of the server dies.
 *
 * So a set that is handed over here is always the longest there may be; this computer's kernel takes from it what it knows.
 * What follows the 2696 bytes is zero and is not looked at: the set's own header names the parts that are in use, and those
 * are never among them, since a process must ask for AMX and a server's kernel does not know how.
 *
 * Built by tcc, which needs no header files; so the few words that are used are said here.
 */
struct iovec {
    void *base;
    unsigned long length;
};
void *dlsym(void *library, const char *name);
void *memcpy(void *to, const void *from, unsigned long length);

#define RTLD_NEXT ((void *)-1L)
#define PTRACE_SETREGSET 0x4205
#define NT_X86_XSTATE ((void *)0x202)

long ptrace(int request, int process, void *address, void *data)
{
    static long (*next)(int, int, void *, void *);
    static char longest[16384];
    struct iovec *given = data, whole = {longest, sizeof longest};

    if (!next)
        next = dlsym(RTLD_NEXT, "ptrace");
    if (request == PTRACE_SETREGSET && address == NT_X86_XSTATE && given->length < whole.length) {
        memcpy(longest, given->base, given->length);
        data = &whole;
    }
    return next(request, process, address, data);
}
