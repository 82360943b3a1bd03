# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import declared as gpus

REAL = "GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94"
NUMBER = "write how many GPUs it has, 0 to 64, or a list of their UUIDs"
AS_SHOWN = "write it as nvidia-smi -L shows it, like GPU-8f2a61c5-0d7b-4c1e-9a35-6e1f0b7c2d94"
FOLLOWS = "leave gpu out of swarm_node_labels, it follows from swarm_node_gpus"


@pytest.mark.parametrize("declared", [None, "", 0, "0", [], -1, "two", True, 1.5, 65, ["a"], {}])
def test_no_gpus(declared: Any) -> None:
    assert gpus.uuids("chimera-node", declared) == []
    assert gpus.with_label({"role": "worker"}, declared) == {"role": "worker"}
    assert gpus.with_resources({"debug": True}, "chimera-node", declared) == {"debug": True}


def test_simulated_ones_look_real_and_never_change() -> None:
    made = gpus.uuids("chimera-node", 3)
    assert all(re.fullmatch(r"GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uuid) for uuid in made)
    assert made[0] == "GPU-90e401fc-bafd-8958-1be4-cfb058e7fc9e"
    assert gpus.uuids("chimera-node", "1") == made[:1]
    assert len({*made, *gpus.uuids("cerberus-node", 3)}) == 6


def test_listed_ones_are_taken_as_they_are() -> None:
    assert gpus.uuids("chimera-node", [REAL, "MIG-1f"]) == [REAL, "MIG-1f"]


@pytest.mark.parametrize(
    ("settings", "after"),
    [
        ({}, {"node-generic-resources": [f"NVIDIA-GPU={REAL}"]}),
        (
            {"debug": True, "node-generic-resources": ["SSD=2"]},
            {"debug": True, "node-generic-resources": ["SSD=2", f"NVIDIA-GPU={REAL}"]},
        ),
        ({"node-generic-resources": "SSD=2"}, {"node-generic-resources": ["SSD=2", f"NVIDIA-GPU={REAL}"]}),
        ({"node-generic-resources": [f"NVIDIA-GPU={REAL}"]}, {"node-generic-resources": [f"NVIDIA-GPU={REAL}"]}),
        (None, None),
    ],
)
def test_engine_settings(settings: Any, after: Any) -> None:
    before = repr(settings)
    assert gpus.with_resources(settings, "chimera-node", [REAL]) == after
    assert repr(settings) == before


@pytest.mark.parametrize(
    ("labels", "after"),
    [
        ({}, {"gpu": "true"}),
        ({"role": "worker"}, {"role": "worker", "gpu": "true"}),
        ({"gpu": True}, {"gpu": True}),
        ({"gpu": "no"}, {"gpu": "no"}),  # a problem, see below
        ("gpu", "gpu"),
    ],
)
def test_the_label_follows(labels: Any, after: Any) -> None:
    assert gpus.with_label(labels, 1) == after


@pytest.mark.parametrize(
    ("declared", "labels", "found"),
    [
        (None, {"gpu": True}, []),  # as somebody says who does not declare GPUs
        (2, {}, []),
        (2, {"gpu": True}, []),
        ([REAL, "MIG-1f"], {"gpu": "true"}, []),
        ("2", "no mapping", []),
        (0, {"gpu": False}, []),
        (2, {"gpu": False}, [f"label gpu is 'false', but swarm_node_gpus says 2: {FOLLOWS}"]),
        ([REAL], {"gpu": "yes"}, [f"label gpu is 'yes', but swarm_node_gpus says 1: {FOLLOWS}"]),
        (0, {"gpu": True}, [f"label gpu is 'true', but swarm_node_gpus says 0: {FOLLOWS}"]),
        (-1, {}, [f"swarm_node_gpus '-1' is no number of GPUs: {NUMBER}"]),
        ("two", {"gpu": False}, [f"swarm_node_gpus 'two' is no number of GPUs: {NUMBER}"]),
        (True, {}, [f"swarm_node_gpus 'True' is no number of GPUs: {NUMBER}"]),
        (1.5, {}, [f"swarm_node_gpus '1.5' is no number of GPUs: {NUMBER}"]),
        (65, {}, [f"swarm_node_gpus '65' is no number of GPUs: {NUMBER}"]),
        ({"a": 1}, {}, ["swarm_node_gpus '{'a': 1}' is no number of GPUs: " + NUMBER]),
        (
            [REAL, "GPU 1", 7],
            {},
            [
                f"swarm_node_gpus lists 'GPU 1', which is no GPU's UUID: {AS_SHOWN}",
                f"swarm_node_gpus lists '7', which is no GPU's UUID: {AS_SHOWN}",
            ],
        ),
    ],
)
def test_problems(declared: Any, labels: Any, found: list[str]) -> None:
    assert gpus.problems(declared, labels) == found


def test_a_uuid_is_that_of_one_gpu() -> None:
    assert gpus.shared([("a", 2), ("b", 2), ("c", [REAL]), ("d", None)]) == []
    assert gpus.shared([("a", [REAL, "GPU-1f"]), ("b", [REAL.upper()]), ("c", ["GPU-2e"] * 2)]) == [
        "swarm_node_gpus lists GPU-2e 2 times, for c: each GPU has a UUID of its own",
        f"swarm_node_gpus lists {REAL} 2 times, for a and b: each GPU has a UUID of its own",
    ]


def test_gpus_are_declared_in_one_place() -> None:
    settings = {"node-generic-resources": ["NVIDIA-GPU=2", "SSD=1"]}
    assert gpus.doubled(gpus.with_resources(settings, "a", None), "a", None) == []
    assert gpus.doubled(gpus.with_resources({}, "a", 2), "a", 2) == []
    assert gpus.doubled(gpus.with_resources(settings, "a", 3), "a", 3) == [
        "dind_node_settings lists NVIDIA-GPU=2, and swarm_node_gpus declares 3 more: declare all GPUs in swarm_node_gpus"
    ]


@pytest.mark.parametrize(
    ("declared", "renounced"), [(0, True), ("0", True), ([], True), (None, False), ("", False), (1, False), (-1, False)]
)
def test_none_is_said_by_0(declared: Any, renounced: bool) -> None:
    assert gpus.renounced(declared) is renounced


@pytest.mark.parametrize(
    ("declared", "found", "said"),
    [
        (None, [REAL], ""),
        ("", [], ""),
        (1, [REAL], ""),
        ("1", ["MIG-1f"], ""),
        ([REAL.upper()], [REAL], ""),
        ([REAL, "GPU-1f"], ["GPU-1f", REAL], ""),
        (2, [REAL], f"declares 2, and found are 1: {REAL}"),
        (1, [], "declares 1, and found are 0: none"),
        ([REAL], ["GPU-1f"], f"declares {REAL}, and found are 1: GPU-1f"),
        ([REAL, REAL], [REAL], f"declares {REAL}, {REAL}, and found are 1: {REAL}"),
    ],
)
def test_what_is_declared_must_be_found(declared: Any, found: list[str], said: str) -> None:
    after = (
        f"swarm_node_gpus {said}. Correct swarm_node_gpus, or leave it out to offer what is found; if a GPU is missing, "
        "look at nvidia-smi -L"
    )
    assert gpus.disagreement(declared, found) == (after if said else "")
