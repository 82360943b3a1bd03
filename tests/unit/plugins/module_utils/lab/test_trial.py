# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What kernels 6.12 of user-mode Linux said, shortened: each was brought into the situation for real, but for the processor with
AMX, whose answer to ptrace a library in between gave."""

from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.lab.trial import command, problem, reason, version

CHECKS = """\
Core dump limits :
\tsoft - 0
Checking that ptrace can change system call numbers...OK
"""
BOOT = """\
Checking PROT_EXEC mmap in /dev/shm...OK
mmapper_init - find_iomem failed
epollctl add err fd 14, Operation not permitted
"""
INIT = "Run /bin/true as init process\n"
RUNS = f"{CHECKS}{BOOT}{INIT}Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000000\n"
AMX = "userspace - ptrace set fp regs failed, errno = 14\n"
STACK = "CPU: 0 UID: 0 PID: 1 Comm: true Not tainted 6.12.113 #1\n [<60704e02>] ? no such thing failed\n"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            f"{CHECKS}{BOOT}{INIT}{AMX}Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n{STACK}",
            "userspace - ptrace set fp regs failed, errno = 14",
        ),
        (
            "Checking that ptrace can change system call numbers...ptrace: Operation not permitted\n"
            "check_ptrace : expected SIGSTOP, got status = 9\n",
            "Checking that ptrace can change system call numbers...ptrace: Operation not permitted",
        ),
        (
            f"{CHECKS}Checking PROT_EXEC mmap in /dev/shm...Operation not permitted\n/dev/shm must be not mounted noexec\n",
            "/dev/shm must be not mounted noexec",
        ),
        (
            f"{CHECKS}kmsg_dump:\n<3>Bus error - the host /dev/shm or /tmp mount likely just ran out of space\n"
            f"<0>Kernel panic - not syncing: Kernel mode signal 7\n{STACK}",
            "Bus error - the host /dev/shm or /tmp mount likely just ran out of space",
        ),
        (
            f"{CHECKS}setup_physmem - mapping 46964736 bytes of memory at 0x0 failed - errno = -12\n",
            "setup_physmem - mapping 46964736 bytes of memory at 0x0 failed - errno = -12",
        ),
        ("Something\nnew and strange\n\n", "new and strange"),
        ("", "(nothing)"),
    ],
)
def test_the_line_that_tells_why(said: str, why: str) -> None:
    assert reason(said.splitlines()) == why
    assert problem(said, True, "/cache/uml", ["container", "qemu"]) == (
        f"user-mode Linux does not run on this computer; its kernel says: {why}. "
        "Another kind of server runs here: lab_host_backend=container"
    )


def test_its_version() -> None:
    assert version(f"{CHECKS}Linux version 6.12.113 (sbuild@sbuild) (gcc)\n{BOOT}") == "6.12.113"
    assert version(CHECKS) == ""


def test_a_kernel_that_gets_to_its_first_program_runs_here() -> None:
    assert problem(RUNS, True, "/cache/uml", []) == ""


def test_where_no_other_kind_runs_it_says_what_they_want() -> None:
    assert problem(AMX, False, "/cache/uml", []) == (
        "user-mode Linux does not run on this computer; its kernel says: userspace - ptrace set fp regs failed, errno = 14 "
        "(and then nothing more). Neither does another kind of server: container wants a Docker Engine that answers, "
        "qemu a processor that virtualises, and /dev/kvm"
    )


@pytest.mark.parametrize(
    "line",
    [
        'VFS: Unable to mount root fs on "/dev/ubda" or unknown-block(98,0)',
        "Requested init /bin/true failed (error -2).",
    ],
)
def test_a_broken_disk_is_told_from_a_computer_that_cannot(line: str) -> None:
    assert problem(f"{BOOT}Kernel panic - not syncing: {line}\n{STACK}", True, "/cache/uml", ["container"]) == (
        f"the disk that servers start from is broken ({line}): remove /cache/uml and run this again, which builds it anew"
    )


def test_it_writes_to_a_folder_of_its_own_alone() -> None:
    words = command("/cache/uml/kernel", "/cache/uml/disk.ext4", "/tmp/trial")
    assert words[0] == "/cache/uml/kernel"
    assert {"uml_dir=/tmp/trial/", "ubd0r=/cache/uml/disk.ext4", "ro"} <= set(words)
