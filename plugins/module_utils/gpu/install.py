# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has to be done to a host so that its GPUs can be used: driver, toolkit, reboot; and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import state as gpu_state

NO_GPU = "A host that is to offer no GPU has swarm_node_gpus: 0"
Found = Mapping[str, Any]


def plan(found: Found, second: Found, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Compare.

    C(found) is what gpu_info returned before anything was done, C(second) what it returned afterwards, if it was asked
    again. C(wanted) is the C(driver_source), the C(driver_version) and the C(toolkit_version); empty ones are any.
    """
    now = second if second.get("driver") else found
    state = now["driver"]["state"]
    driver = _driver_differs(found["driver"], wanted)
    # One that works is replaced only where no task runs any more: new libraries do not work with the module in use.
    replaced = driver and found["driver"]["state"] == "ok"
    # Nothing is made of GPUs without a driver.
    usable = driver or found["driver"]["state"] == "ok"
    toolkit = not found["toolkit"]["ok"] or wanted["toolkit_version"] not in ("", found["toolkit"]["version"])
    # A driver that was just installed and does not answer yet waits for a reboot, since the old one holds the GPU.
    reboot = now["driver"]["reboot"] or replaced or (driver and state == "broken")
    problems = [
        _waits(found["driver"], wanted) if replaced else "",
        now["driver"]["problem"],
        now["disagreement"],
        now["toolkit"]["problem"] if usable else "",
    ]
    return {
        "now": dict(now),
        "driver": driver,
        "replaced": replaced,
        "toolkit": toolkit,
        "usable": usable,
        "installed": usable and (driver or toolkit),
        "reboot": reboot,
        "problems": [problem for problem in problems if problem],
        "remedy": _remedy(state, replaced, reboot),
        "refusal": _refusal(str(wanted["toolkit_version"])),
        # Not known, while a driver is missing: then what is declared counts.
        "uuids": None if state in ("missing", "broken") else now["uuids"],
    }


def _driver_differs(driver: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """A driver that works is left alone, unless another version is asked for."""
    if wanted["driver_source"] == "none":
        return False
    if driver["state"] == "missing":
        return True
    version = str(wanted["driver_version"])
    return driver["state"] in ("ok", "broken") and not driver["version"].startswith(version)


def _waits(driver: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    return (
        f"driver {wanted['driver_version']} is installed in the place of {driver['version']} once the host is drained "
        "for the reboot"
    )


def _remedy(state: str, replaced: bool, reboot: bool) -> str:
    if replaced:
        return "Allow the reboot (nvidia_gpu_reboot: true), or drain the host and install that driver yourself"
    if reboot:
        return (
            "A reboot is needed: allow it (nvidia_gpu_reboot: true), or reboot the host yourself, drained, and run "
            "this again"
        )
    if state == "missing":
        return f"Or let this role install it (nvidia_gpu_driver_source: distribution or nvidia). {NO_GPU}"
    return NO_GPU if state == "broken" else ""


def _refusal(version: str) -> str:
    """Why a version of the toolkit that is asked for is none that may be installed."""
    if not version or gpu_state.toolkit(version)["ok"]:
        return ""
    least = ".".join(map(str, gpu_state.TOOLKIT))
    return (
        f"nvidia_gpu_toolkit_version is {version}: before {least} a task gets every GPU of its node. Name a later one, "
        "or leave it empty."
    )
