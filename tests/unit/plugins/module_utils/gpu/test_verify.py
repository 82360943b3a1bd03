# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import verify

ONE, TWO, PART = "GPU-1f", "GPU-2e", "MIG-3d"
END = "hydra-gpu-verify: end"


def node(name: str = "chimera", gpus: int | list[str] = 0, **more: Any) -> dict[str, Any]:
    offered = {"NVIDIA-GPU": gpus} if gpus else {}
    return {"id": f"id-{name}", "name": name, "generic_resources": offered, "engine_labels": {}, **more}


def environment(value: str | None) -> str:
    words = ["PATH=/usr/bin", "NVIDIA_VISIBLE_DEVICES=all"]
    return "\0".join([*words, *([f"DOCKER_RESOURCE_NVIDIA-GPU={value}"] if value else []), ""])


def card(uuid: str, index: int = 0) -> str:
    return f"GPU {index}: NVIDIA A100-SXM4-80GB (UUID: {uuid})"


@pytest.mark.parametrize(
    ("given", "lines", "real", "problem"),
    [
        ([ONE], [environment(ONE), card(ONE), END], True, ""),
        ([ONE], [environment(ONE), END], False, ""),
        # Of a MIG instance the container sees its GPU's UUID as well.
        ([PART], [environment(PART), card(ONE), f"  MIG 3g.40gb     Device  0: (UUID: {PART})", END], True, ""),
        (
            [ONE],
            [environment(ONE), card(ONE), card(TWO, 1), END],
            True,
            "its container sees 2 GPUs (GPU-1f, GPU-2e), and only GPU-1f is reserved: it takes the NVIDIA Container "
            'Toolkit 1.19 or later with swarm-resource = "DOCKER_RESOURCE_NVIDIA-GPU" in '
            "/etc/nvidia-container-runtime/config.toml",
        ),
        (
            [ONE],
            [environment(ONE), card(TWO), END],
            True,
            "its container sees 1 GPUs (GPU-2e), and only GPU-1f is reserved: it takes the NVIDIA Container Toolkit 1.19 "
            'or later with swarm-resource = "DOCKER_RESOURCE_NVIDIA-GPU" in /etc/nvidia-container-runtime/config.toml',
        ),
        (
            [ONE],
            [environment(ONE), "/bin/sh: 1: nvidia-smi: not found", END],
            True,
            "nvidia-smi lists no GPU in its container (/bin/sh: 1: nvidia-smi: not found): is nvidia the engine's default "
            "runtime there, and does the image have a shell and the C library?",
        ),
        (
            [ONE],
            [environment(None), END],
            False,
            "DOCKER_RESOURCE_NVIDIA-GPU of its container is not set, and GPU-1f is reserved: the engine and the swarm "
            "disagree; restart the engine of that node, drained",
        ),
        (
            [ONE],
            [environment("GPU-1f,GPU-2e"), END],
            False,
            "DOCKER_RESOURCE_NVIDIA-GPU of its container is GPU-1f,GPU-2e, and GPU-1f is reserved: the engine and the "
            "swarm disagree; restart the engine of that node, drained",
        ),
        ([], [environment(ONE), END], False, "the swarm reserved 0 GPUs for one task (none): one was asked for"),
    ],
)
def test_a_task_sees_its_gpu_and_no_other(given: list[str], lines: list[str], real: bool, problem: str) -> None:
    assert verify.problem(given, lines, real) == problem


def test_which_nodes() -> None:
    nodes = [node("hydra"), node("chimera", [ONE]), node("cerberus", [TWO])]
    assert [one["name"] for one in verify.chosen(nodes, [])] == ["chimera", "cerberus"]
    assert [one["name"] for one in verify.chosen(nodes, ["cerberus"])] == ["cerberus"]
    with pytest.raises(Refusal) as refusal:
        verify.chosen(nodes, ["hydra", "cerberus"])
    assert str(refusal.value) == "hydra: offers no NVIDIA-GPU; those that do are chimera, cerberus"
    with pytest.raises(Refusal) as refusal:
        verify.chosen([node("hydra")], [])
    assert str(refusal.value) == (
        "no node of this swarm offers NVIDIA-GPU: declare its GPUs (swarm_node_gpus), run swarm-up, and look at 'docker "
        "node inspect NODE'"
    )


def test_the_service() -> None:
    spec = verify.spec(node("chimera", [ONE]), "cuda:1", "hydra")
    template = spec["TaskTemplate"]
    assert (spec["Name"], spec["Labels"]) == ("hydra-gpu-verify-chimera", {"hydra.swarm.cluster": "hydra"})
    assert template["Placement"] == {"Constraints": ["node.id==id-chimera"]}
    assert template["Resources"]["Reservations"]["GenericResources"] == [
        {"DiscreteResourceSpec": {"Kind": "NVIDIA-GPU", "Value": 1}}
    ]
    assert template["RestartPolicy"] == {"Condition": "none"}
    assert "nvidia-smi -L" in template["ContainerSpec"]["Command"][2]


def test_of_simulated_gpus_nvidia_smi_is_not_asked() -> None:
    one = node("chimera", [ONE], engine_labels={"hydra.swarm.gpus": "simulated"})
    assert verify.simulated(one)
    assert not verify.simulated(node("chimera", [ONE]))
    assert "nvidia-smi" not in verify.spec(one, "i", "hydra")["TaskTemplate"]["ContainerSpec"]["Command"][2]


def test_what_the_swarm_gave() -> None:
    given = [{"NamedResourceSpec": {"Kind": "NVIDIA-GPU", "Value": ONE}}, {"DiscreteResourceSpec": {"Kind": "SSD"}}]
    assert verify.reserved({"GenericResources": given}) == [ONE]
    assert verify.reserved({}) == []


@pytest.mark.parametrize(
    ("state", "error", "lines", "said"),
    [
        ("complete", "", [], ""),
        (
            "pending",
            "no suitable node (insufficient resources on 1 node)",
            [],
            "not verified, since no GPU is free on it (no suitable node (insufficient resources on 1 node)): try again "
            "when a service has given one back",
        ),
        (
            "rejected",
            "No such image: cuda:1",
            [],
            "not verified, since the task is rejected: No such image: cuda:1",
        ),
        (
            "failed",
            "task: non-zero exit (127)",
            ["a", "b", "c", "d"],
            "not verified, since the task is failed: task: non-zero exit (127); its log ends: b / c / d",
        ),
        ("preparing", "", [], "not verified, since the task is preparing: no reason given"),
    ],
)
def test_a_task_that_did_not_end_well(state: str, error: str, lines: list[str], said: str) -> None:
    assert verify.unfinished({"Status": {"State": state, "Err": error}}, lines) == said


def test_the_report() -> None:
    one = {"node": "chimera", "simulated": False, "reserved": [ONE], "problem": ""}
    assert verify.report([one, {**one, "simulated": True}, {**one, "problem": "it is not"}]) == [
        "chimera: a task that reserves one GPU gets GPU-1f (and no other GPU)",
        "chimera: a task that reserves one GPU gets GPU-1f (simulated GPU, so the reservation alone was checked)",
        "chimera: it is not",
    ]
