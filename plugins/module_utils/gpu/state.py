# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state a host's GPUs and their driver are in, what of them the swarm can hand out, and what mends the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..common.errors import Refusal
from .smi import Gpu, Pci, parse_query

# What 1.18 does by default leaves out swarm's resources, and then a task gets every GPU of its node
# (NVIDIA/nvidia-container-toolkit, issue 1599 and pull request 1600).
TOOLKIT = (1, 19)
PASSED_ON = "vfio-pci"  # the driver of a device that belongs to a virtual machine
INFOROM = 14  # nvidia-smi warns of a corrupted infoROM with this status; the GPU works
LOST = (
    r"GPU is lost|fallen off the bus|Unable to determine the device handle",
    "a GPU no longer answers: look for 'NVRM: Xid' in 'dmesg', and at its power and temperature; a reboot often "
    "brings it back",
    False,
)
# What nvidia-smi says when it fails, what that means and what to do, and whether a reboot is known to help.
FAILURES = (
    (
        "Driver/library version mismatch",
        "the driver was updated, and the kernel still runs the old one: reboot this host",
        True,
    ),
    (
        "couldn't communicate with the NVIDIA driver",
        "the driver's kernel module is not loaded: reboot this host; if that does not help, see 'dkms status' (was it "
        "built for this kernel?) and 'mokutil --sb-state' (Secure Boot refuses modules nobody signed)",
        False,
    ),
    LOST,
    ("No devices were found", "the driver cannot use the GPU: look for 'NVRM' in 'dmesg'", False),
    ("Insufficient Permissions", "run this as root", False),
    (
        "blocked by the operating system",
        "the kernel refuses /dev/nvidiactl: see 'ls -l /dev/nvidia*', and whether this host is itself a container",
        False,
    ),
    (
        "couldn't find libnvidia-ml",
        "the driver's libraries are missing: install all of its packages in one version",
        False,
    ),
)


@dataclass(frozen=True)
class Answer:
    """What a command printed, errors included, and its exit status; None: it did not end in time."""

    status: int | None
    text: str


def usable(devices: Iterable[Pci]) -> list[Pci]:
    """The GPUs that are this host's to use, less those it has passed on to virtual machines."""
    return [device for device in devices if device.driver != PASSED_ON]


def driver(
    devices: Sequence[Pci], names: Mapping[str, str], answer: Answer | None, module: str
) -> tuple[dict[str, Any], list[Gpu]]:
    """The driver's state, and the GPUs it reports.

    C(names) is what lspci calls the devices, C(answer) what nvidia-smi said (None: it is not installed), C(module) the
    version of the loaded kernel module.
    """
    if not devices:
        return _state("absent"), []
    cards = ", ".join(f"{names.get(one.slot, one.id)} at {one.slot}" for one in devices)
    if answer is None:
        has = next((one.driver for one in devices if one.driver not in ("", "nvidia")), "")
        found = f"there is no nvidia-smi for {cards}"
        found += f", which {has} drives" if has else ""
        return _state("missing", module, f"{found}: install NVIDIA's driver"), []
    gpus, complaints = parse_query(answer.text)
    version = gpus[0].version if gpus else module
    if answer.status is None:
        return _state("broken", version, f"nvidia-smi does not answer ({cards}): look for 'NVRM' in 'dmesg'"), gpus
    silent = [one for one in devices if one.slot not in {gpu.slot for gpu in gpus}]
    warned = answer.status in (0, INFOROM) and all(line.upper().startswith("WARNING") for line in complaints)
    if warned and not silent:
        return _state("ok", version), gpus
    said = " ".join(complaints) or f"nvidia-smi lists {len(gpus)} of {len(devices)} GPUs"
    missing = f"; not listed: {', '.join(one.slot for one in silent)}" if gpus and silent else ""
    remedy, reboot = _remedy(said, silent, listed=bool(gpus))
    return _state("broken", version, f"{said.rstrip('.')}{missing}. That means: {remedy}", reboot), gpus


def _state(state: str, version: str = "", problem: str = "", reboot: bool = False) -> dict[str, Any]:
    return {"state": state, "version": version, "problem": problem, "reboot": reboot}


def _remedy(said: str, silent: Sequence[Pci], listed: bool) -> tuple[str, bool]:
    for pattern, remedy, reboot in FAILURES:
        if re.search(pattern, said):
            # Another driver holds the GPU since the host started, and lets go of it when the host starts anew.
            return remedy, reboot or any(one.driver == "nouveau" for one in silent)
    if silent and listed:
        return LOST[1], False
    return "see what 'nvidia-smi' says on that host, and 'dmesg'", False


def nothing() -> dict[str, Any]:
    """A host without GPUs, or one that is said to have none, so that nobody looks for any."""
    return {"driver": _state("absent"), "gpus": [], "offered": [], "notes": []}


def simulated(name: str, uuids: Sequence[str], devices: Sequence[Pci]) -> dict[str, Any]:
    """A host whose GPUs are made up; where there are real ones, a made-up one would be handed out in their place."""
    if devices:
        raise Refusal(
            f"{name}: its GPUs are to be simulated, and it has {len(devices)} real ones "
            f"({', '.join(one.slot for one in devices)}): take nvidia_gpu_simulated away"
        )
    made = [Gpu(index, uuid, "simulated", 0, "", False, "").facts() for index, uuid in enumerate(uuids)]
    return {"driver": _state("simulated"), "gpus": made, "offered": list(uuids), "notes": []}


def offered(gpus: Iterable[Gpu]) -> list[str]:
    """The UUIDs that the swarm can hand out: of whole GPUs, and of the instances of GPUs in MIG mode."""
    return [uuid for gpu in gpus for uuid in ([one["uuid"] for one in gpu.mig] if gpu.mig_mode else [gpu.uuid])]


def notes(gpus: Iterable[Gpu]) -> list[str]:
    """What is no failure, and yet should be known."""
    return [
        f"GPU {gpu.index} ({gpu.uuid}) is in MIG mode and has no instances, so it offers nothing: instances do not "
        "survive a reboot, make them anew (nvidia-smi mig -cgi ..., nvidia-mig-parted)"
        for gpu in gpus
        if gpu.mig_mode and not gpu.mig
    ]


def toolkit(version: str) -> dict[str, Any]:
    """The NVIDIA Container Toolkit: its version, whether it is new enough, and if not, why that matters."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    least = ".".join(map(str, TOOLKIT))
    problem = ""
    if not numbers:
        problem = f"the NVIDIA Container Toolkit is not installed; it takes {least} or later"
    elif numbers < TOOLKIT:
        problem = f"the NVIDIA Container Toolkit is {version}: before {least} a task gets every GPU of its node"
    return {"version": version, "ok": not problem, "problem": problem}


def no_toolkit() -> dict[str, Any]:
    """Where there is no real GPU, none is missing."""
    return {"version": "", "ok": True, "problem": ""}


def summary(
    state: Mapping[str, Any], gpus: Iterable[Mapping[str, Any]], uuids: Sequence[str], tools: Mapping[str, Any]
) -> str:
    """A line on the host's GPUs; C(gpus) are their facts, C(tools) what toolkit() says."""
    if state["state"] in ("missing", "broken"):
        return f"GPUs that cannot be used, driver {state['state']}"
    if not uuids:
        return "no GPU"
    number = f"{len(uuids)} {'GPU' if len(uuids) == 1 else 'GPUs'}"
    if state["state"] == "simulated":
        return f"{number}, simulated"
    names = ", ".join(dict.fromkeys(str(gpu["name"]) for gpu in gpus))
    return f"{number} ({names}), driver {state['version']}, container toolkit {tools['version'] or 'missing'}"
