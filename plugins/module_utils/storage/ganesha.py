# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How NFS-Ganesha is set up on a server: its settings, and what is added to the distribution's unit.

The distribution's own files stay as they are, so that upgrades of its package ask nothing. The development cluster's
container has settings of its own, in the role node_image.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..common.errors import Refusal

HEADER = "# Written by hydra.swarm (role nfs_server); changes made by hand are overwritten.\n"
SETTINGS, EXPORTS = "/etc/ganesha/hydra.conf", "/etc/ganesha/exports.conf"
# NFSv4 needs no monitor of locks, and one that the kernel's server has may run.
WITHOUT_LOCKS = f"{HEADER}[Unit]\nConditionPathExists=!{SETTINGS}\n"
# What comes with the package mounts a file system for such calls, and would be a unit that failed for ever.
WITHOUT_RPC = f"{HEADER}[Unit]\nConditionPathExists=/proc/net/rpc\n"


def drop_in(unit: str, name: str) -> str:
    return f"/etc/systemd/system/{unit}.d/{name}.conf"


def files(service: str, paths: Iterable[str], layered: bool, rpc: bool = True) -> dict[str, str]:
    """Every file with its text.

    C(layered) says whether the machine's root is an overlay, as a container's is, and C(rpc) whether its kernel can do
    remote calls.
    """
    return {
        SETTINGS: settings(layered),
        drop_in(f"{service}.service", "hydra"): unit(),
        drop_in(f"{service}.service", "hydra-mounts"): mounts(paths),
        drop_in(f"{service}-lock.service", "hydra"): WITHOUT_LOCKS,
        **({} if rpc else {drop_in("run-rpc_pipefs.mount", "hydra"): WITHOUT_RPC}),
    }


def settings(layered: bool) -> str:
    # The grace period is left at its 90 s: after a restart, clients claim what they had open or locked. Without clients
    # of the last life it ends at once.
    return f"""{HEADER}\
# NFSv4 over TCP only: one port, and nothing but what nfs_export writes is exported.
NFS_CORE_PARAM {{
    Protocols = 4;
    NFS_Port = 2049;
    Enable_UDP = false;
    Enable_NLM = false;
    Enable_RQUOTA = false;
    # A file system is known by its UUID, which stays. Below an overlay that is hidden, and only device numbers differ.
    Fsid_Device = {str(layered).lower()};
    # PR_SET_IO_FLUSHER needs CAP_SYS_RESOURCE, which containers may lack.
    allow_set_io_flusher_fail = true;
}}
NFSv4 {{
    # As the kernel's server does with security sys: users are numbers.
    Only_Numeric_Owners = true;
}}
# Directories are also made, given away and removed beside the server, which is to notice at once, as the kernel's does.
EXPORT_DEFAULTS {{
    Attr_Expiration_Time = 0;
}}
MDCACHE {{
    Dir_Chunk = 0;
}}
NFS_KRB5 {{
    Active_krb5 = false;
}}
%include "{EXPORTS}"
"""


def unit() -> str:
    return f"""{HEADER}\
[Service]
Type=exec
ExecStartPre=/usr/bin/touch {EXPORTS}
ExecStart=
ExecStart=/usr/bin/ganesha.nfsd -F -L STDERR -N EVENT -f {SETTINGS}
Restart=on-failure
"""


def mounts(paths: Iterable[str]) -> str:
    """It starts when the exports' file systems are mounted, and never serves the empty directories below them."""
    lines = [f"RequiresMountsFor={_word(path)}\n" for path in sorted(paths)]
    return f"{HEADER}[Unit]\n{''.join(lines)}"


def _word(path: str) -> str:
    escaped = path.replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
    return f'"{escaped}"'


def effective(service: str) -> tuple[str, str]:
    """The files that it has to be started again for; what it waits for at boot matters at the next boot."""
    return SETTINGS, drop_in(f"{service}.service", "hydra")


def check_ours(active: bool, found: Mapping[str, str | None]) -> None:
    """One that somebody else set up is not taken over, since what it exports would be served no more."""
    if active and not any(found.values()):
        raise Refusal(
            "NFS-Ganesha runs here with settings that are not this role's: stop it and take it out of the boot "
            f"(systemctl disable --now nfs-ganesha), or let its settings include {EXPORTS} and say "
            "nfs_server_managed: false"
        )
