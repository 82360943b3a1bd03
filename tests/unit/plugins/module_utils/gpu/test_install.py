# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import install

NO_GPU = "A host that is to offer no GPU has swarm_node_gpus: 0"
WAITS = (
    "A reboot is needed: allow it (nvidia_gpu_reboot: true), or reboot the host yourself, drained, and run this again"
)


def found(
    state: str, version: str = "", toolkit: str = "1.19.0", problem: str = "", reboot: bool = False
) -> dict[str, Any]:
    """As gpu_info returns it."""
    lacks = "" if toolkit else "no toolkit"
    return {
        "driver": {"state": state, "version": version, "problem": problem, "reboot": reboot},
        "toolkit": {"ok": not lacks, "version": toolkit, "problem": lacks},
        "disagreement": "",
        "uuids": ["GPU-a"],
    }


def plan(first: dict[str, Any], second: dict[str, Any] | None = None, **wanted: str) -> dict[str, Any]:
    nothing = {"driver_source": "none", "driver_version": "", "toolkit_version": ""}
    return install.plan(first, second or {}, {**nothing, **wanted})


def test_a_host_that_is_as_it_should_be() -> None:
    seen = found("ok", "580.95.05")
    assert plan(seen, driver_source="distribution") == {
        "now": seen,
        "driver": False,
        "replaced": False,
        "toolkit": False,
        "usable": True,
        "installed": False,
        "reboot": False,
        "problems": [],
        "remedy": "",
        "refusal": "",
        "uuids": ["GPU-a"],
    }


@pytest.mark.parametrize(
    ("state", "version", "source", "wanted", "driver", "replaced"),
    [
        ("missing", "", "none", "", False, False),
        ("missing", "", "distribution", "", True, False),
        ("missing", "", "nvidia", "580", True, False),
        ("broken", "580.95.05", "distribution", "", False, False),
        ("broken", "550.163.01", "distribution", "580", True, False),
        ("ok", "580.95.05", "distribution", "580", False, False),
        ("ok", "550.163.01", "distribution", "", False, False),
        ("ok", "550.163.01", "distribution", "580", True, True),
        ("ok", "550.163.01", "none", "580", False, False),
        ("absent", "", "distribution", "580", False, False),
        ("simulated", "", "distribution", "580", False, False),
    ],
)
def test_when_a_driver_is_installed(
    state: str, version: str, source: str, wanted: str, driver: bool, replaced: bool
) -> None:
    made = plan(found(state, version), driver_source=source, driver_version=wanted)
    assert (made["driver"], made["replaced"]) == (driver, replaced)


def test_one_that_works_is_replaced_once_the_host_is_drained() -> None:
    made = plan(found("ok", "550.163.01"), driver_source="distribution", driver_version="580")
    assert (made["reboot"], made["remedy"]) == (
        True,
        "Allow the reboot (nvidia_gpu_reboot: true), or drain the host and install that driver yourself",
    )
    assert made["problems"] == [
        "driver 580 is installed in the place of 550.163.01 once the host is drained for the reboot"
    ]


@pytest.mark.parametrize(
    ("there", "wanted", "differs"),
    [("", "", True), ("1.19.0", "", False), ("1.19.0", "1.19.0", False), ("1.19.0", "1.20.1", True)],
)
def test_when_the_toolkit_is_installed(there: str, wanted: str, differs: bool) -> None:
    made = plan(found("ok", "580", there), toolkit_version=wanted)
    assert (made["toolkit"], made["installed"]) == (differs, differs)


def test_nothing_is_made_of_gpus_without_a_driver() -> None:
    made = plan(found("missing", toolkit="", problem="there is no nvidia-smi"))
    assert (made["usable"], made["installed"], made["uuids"]) == (False, False, None)
    # Without a driver nobody misses the toolkit.
    assert made["problems"] == ["there is no nvidia-smi"]
    assert made["remedy"] == (
        f"Or let this role install it (nvidia_gpu_driver_source: distribution or nvidia). {NO_GPU}"
    )


def test_a_driver_that_was_just_installed_and_does_not_answer_waits_for_a_reboot() -> None:
    first, second = found("missing", problem="old"), found("broken", "580", problem="new")
    made = plan(first, second, driver_source="distribution")
    assert (made["now"], made["reboot"], made["remedy"], made["problems"]) == (second, True, WAITS, ["new"])
    # What is known to be mended by a reboot is rebooted for in any case; else a broken one is somebody's to look at.
    assert plan(found("broken", reboot=True))["remedy"] == WAITS
    assert (plan(found("broken"))["reboot"], plan(found("broken"))["remedy"]) == (False, NO_GPU)


def test_an_answer_that_was_skipped_is_none() -> None:
    seen = found("ok", "580")
    assert plan(seen, {"skipped": True, "changed": False})["now"] == seen


@pytest.mark.parametrize(
    ("version", "refused"), [("", False), ("1.18.2", True), ("1.19.0", False), ("1.20.0-rc.1", False)]
)
def test_a_toolkit_that_does_not_keep_gpus_apart_is_refused(version: str, refused: bool) -> None:
    said = (
        f"nvidia_gpu_toolkit_version is {version}: before 1.19 a task gets every GPU of its node. Name a later one, or leave "
        "it empty."
    )
    assert plan(found("ok"), toolkit_version=version)["refusal"] == (said if refused else "")
