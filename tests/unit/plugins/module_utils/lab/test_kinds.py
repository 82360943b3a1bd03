# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.lab.kinds import KINDS, NEEDS, Here, choose, problem

ROOTLESS = Here(engine=True, unfit="runs without root (rootless)", flags="fpu vmx", kvm=True)


@pytest.mark.parametrize(
    ("wanted", "there", "here", "kind"),
    [
        ("auto", "", Here(engine=True, flags="vmx", kvm=True), "container"),
        ("auto", "", Here(flags="fpu vmx sse", kvm=True), "qemu"),
        ("auto", "", Here(flags="fpu svm", kvm=True), "qemu"),
        ("auto", "", Here(flags="fpu vmx"), "uml"),
        # The device is there, but this processor shows no virtualisation to whoever runs here.
        ("auto", "", Here(flags="fpu sse", kvm=True), "uml"),
        ("auto", "", ROOTLESS, "qemu"),
        ("uml", "", Here(engine=True, flags="vmx", kvm=True), "uml"),
        ("qemu", "", Here(), "qemu"),
        # It installs an engine.
        ("container", "", Here(), "container"),
        # A lab that is there keeps its kind, whatever has come to this computer since.
        ("auto", "uml", Here(engine=True), "uml"),
        ("qemu", "uml", Here(), "uml"),
    ],
)
def test_the_kind_of_server(wanted: str, there: str, here: Here, kind: str) -> None:
    assert choose(wanted, there, here) == kind


@pytest.mark.parametrize(
    ("wanted", "there", "here", "message"),
    [
        ("auto", "", Here(engine=True), ""),
        ("auto", "", ROOTLESS, ""),
        ("container", "", Here(), ""),
        ("container", "container", Here(engine=True), ""),
        ("auto", "", Here(silent="no Docker Engine answers on the control host: ..."), ""),
        (
            "container",
            "",
            Here(silent="no Docker Engine answers on the control host: permission denied on its socket: run with sudo"),
            "lab_host_backend=container: no Docker Engine answers on the control host: permission denied on its socket: run "
            "with sudo",
        ),
        (
            "container",
            "",
            ROOTLESS,
            "lab_host_backend=container: the engine here runs without root (rootless), and a server needs root of this "
            "computer: use an engine without that, or lab_host_backend=qemu",
        ),
        (
            "container",
            "",
            Here(engine=True, unfit="maps its containers' users (userns-remap)"),
            "lab_host_backend=container: the engine here maps its containers' users (userns-remap), and a server needs root "
            "of this computer: use an engine without that, or lab_host_backend=uml",
        ),
        (
            "container",
            "uml",
            Here(engine=True),
            "lab hydra-lab is there, of user-mode Linux (lab_host_backend=uml), and container is asked for: remove it first "
            "(make lab-down), or leave lab_host_backend out",
        ),
    ],
)
def test_what_cannot_be_made(wanted: str, there: str, here: Here, message: str) -> None:
    assert problem("hydra-lab", wanted, there, here) == message


def test_every_kind_says_what_it_needs() -> None:
    assert set(NEEDS) == set(KINDS)
