# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine.shape import SHAPES, dropped, unfit


def test_a_server_has_nothing_of_its_host() -> None:
    server = SHAPES["server"]
    assert {"/proc/sys/fs", "/proc/sys/vm", "/proc/sys/kernel"} <= set(server.read_only)
    assert not server.devices
    # Its network is its own.
    assert "/proc/sys/net" not in server.read_only


@pytest.mark.parametrize(
    ("service", "privileges", "lacks"),
    [
        ("engine", "full", []),
        ("engine", "reduced", ["SYS_RESOURCE"]),
        ("server", "full", ["SYS_TIME", "SYS_RAWIO"]),
        ("server", "reduced", ["SYS_TIME", "SYS_RAWIO", "SYS_RESOURCE"]),
    ],
)
def test_capabilities(service: str, privileges: str, lacks: list[str]) -> None:
    assert dropped(service, privileges) == lacks


@pytest.mark.parametrize(
    ("security", "words"),
    [
        (["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"], ""),
        (["name=seccomp,profile=default", "name=rootless"], "runs without root (rootless)"),
        (["name=userns"], "maps its containers' users (userns-remap)"),
    ],
)
def test_engines_that_run_no_machines(security: list[str], words: str) -> None:
    assert unfit(security) == words
