# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that set NFS-Ganesha up on a server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.storage import ganesha

ROOT = Path(__file__).resolve().parents[5]
DROP_IN = "/etc/systemd/system/nfs-ganesha.service.d"


def words(text: str) -> set[str]:
    """Every setting of a configuration, without its comments."""
    return {line.strip() for line in text.splitlines() if re.match(r"\s*[%A-Za-z]", line) and "{" not in line}


def test_files() -> None:
    files = ganesha.files("nfs-ganesha", ["/exports/b", "/exports/a"], layered=False)
    assert list(files) == [
        "/etc/ganesha/hydra.conf",
        f"{DROP_IN}/hydra.conf",
        f"{DROP_IN}/hydra-mounts.conf",
        "/etc/systemd/system/nfs-ganesha-lock.service.d/hydra.conf",
    ]
    assert set(ganesha.files("nfs-ganesha", [], layered=True, rpc=False)) - set(files) == {
        "/etc/systemd/system/run-rpc_pipefs.mount.d/hydra.conf"
    }
    assert ganesha.effective("nfs-ganesha") == ("/etc/ganesha/hydra.conf", f"{DROP_IN}/hydra.conf")


@pytest.mark.parametrize(("layered", "device"), [(True, "Fsid_Device = true;"), (False, "Fsid_Device = false;")])
def test_settings(layered: bool, device: str) -> None:
    assert words(ganesha.settings(layered)) == {
        "Protocols = 4;",
        "NFS_Port = 2049;",
        "Enable_UDP = false;",
        "Enable_NLM = false;",
        "Enable_RQUOTA = false;",
        device,
        "allow_set_io_flusher_fail = true;",
        "Only_Numeric_Owners = true;",
        "Attr_Expiration_Time = 0;",
        "Dir_Chunk = 0;",
        "Active_krb5 = false;",
        '%include "/etc/ganesha/exports.conf"',
    }


def test_the_development_cluster_differs_by_what_a_rehearsal_needs() -> None:
    dev = words((ROOT / "roles/node_image/files/ganesha.conf").read_text(encoding="utf-8"))
    assert words(ganesha.settings(layered=True)) - dev == set()
    assert dev - words(ganesha.settings(layered=True)) == {
        "Bind_addr = 0.0.0.0;",
        "Graceless = true;",
    }


def test_unit() -> None:
    assert ganesha.unit() == (
        f"{ganesha.HEADER}[Service]\n"
        "Type=exec\n"
        "ExecStartPre=/usr/bin/touch /etc/ganesha/exports.conf\n"
        "ExecStart=\n"
        "ExecStart=/usr/bin/ganesha.nfsd -F -L STDERR -N EVENT -f /etc/ganesha/hydra.conf\n"
        "Restart=on-failure\n"
    )


def test_mounts() -> None:
    assert ganesha.mounts(["/exports/b c", "/exports/100%"]) == (
        f'{ganesha.HEADER}[Unit]\nRequiresMountsFor="/exports/100%%"\nRequiresMountsFor="/exports/b c"\n'
    )


def test_one_that_somebody_else_set_up_is_not_taken_over() -> None:
    nothing = dict.fromkeys(ganesha.files("nfs-ganesha", [], layered=False))
    ganesha.check_ours(False, nothing)
    ganesha.check_ours(True, {**nothing, ganesha.SETTINGS: "old"})
    with pytest.raises(Refusal) as refusal:
        ganesha.check_ours(True, nothing)
    assert str(refusal.value) == (
        "NFS-Ganesha runs here with settings that are not this role's: stop it and take it out of the boot (systemctl "
        "disable --now nfs-ganesha), or let its settings include /etc/ganesha/exports.conf and say nfs_server_managed: false"
    )
