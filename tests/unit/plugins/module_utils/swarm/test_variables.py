# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import variables

SPECS = {
    "swarm_node": "      swarm_node_labels:\n        description: swarm_node_of_text\n",
    "firewall": "  firewall_state:\n",
}
FILTERS = ['variables.get("swarm_node_name") or variables["dind_node_cpus"], variables.get("inventory_hostname")']
NAMES = variables.known(SPECS, ["swarm_stacks | default([]), lab_folder, groups['managers']"], FILTERS)
MISSPELT = "is no variable of hydra.swarm; did you mean swarm_node_labels? If it is one of your own, list it in "
UNKNOWN = "is no variable of hydra.swarm: take it away, or list it in preflight_own_variables if it is one of your own"


def problems(places: dict[str, dict[str, Any]], *own: str) -> list[str]:
    return variables.problems(places, NAMES, SPECS, own)


def test_what_is_read_is_known() -> None:
    assert {
        "swarm_node_labels", "firewall_state", "swarm_stacks", "lab_folder", "swarm_node_name", "dind_node_cpus"
    } == NAMES  # fmt: skip
    assert problems({"group all": dict.fromkeys(NAMES, 1)}) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("swarm_node_lables", MISSPELT + "preflight_own_variables"),
        ("swarn_node_labels", MISSPELT + "preflight_own_variables"),
        ("swam_node_label", MISSPELT + "preflight_own_variables"),
        ("firewall_zones_of_mine", UNKNOWN),
        ("stacks_gitea", UNKNOWN),
        # Theirs, and nothing to us.
        ("ansible_host", ""),
        ("node", ""),
        ("vault_swarm_secrets", ""),
        ("dockerhub_mirror", ""),
        ("my_swarm_node_labels", ""),
    ],
)
def test_what_nobody_reads(name: str, found: str) -> None:
    assert problems({"host hydra": {name: 1}}) == ([f"{name} (host hydra) {found}"] if found else [])


def test_every_place_is_named_and_every_variable() -> None:
    places = {
        "group all": {"stacks_gitea": 1},
        "host hydra": {"swarm_node_lables": 1},
        "given with -e": {"swarm_node_lables": 2},
    }
    assert problems(places) == [
        f"stacks_gitea (group all) {UNKNOWN}",
        f"swarm_node_lables (host hydra, given with -e) {MISSPELT}preflight_own_variables",
    ]


@pytest.mark.parametrize(
    "value",
    [
        "{{ stacks_gitea }}",
        [{"environment": {"X": "a {{ stacks_gitea.image | default('') }}"}}],
        "{% if stacks_gitea %}",
    ],
)
def test_what_the_inventory_itself_uses_is_its_own(value: Any) -> None:
    assert problems({"group all": {"stacks_gitea": 1, "swarm_stacks": value}}) == []
    assert problems({"group all": {"stacks_gitae": 1, "stacks_gitea": 2, "swarm_stacks": value}}) == [
        "stacks_gitae (group all) is no variable of hydra.swarm; did you mean stacks_gitea? If it is one of your own, "
        "list it in preflight_own_variables"
    ]


def test_what_is_only_a_word_of_a_text_is_not_used() -> None:
    assert problems({"group all": {"stacks_gitea": 1, "other": "stacks_gitea {x}"}}) == [
        f"stacks_gitea (group all) {UNKNOWN}"
    ]


def test_a_list_of_ones_own() -> None:
    assert (
        problems(
            {"group all": {"firewall_zones_of_mine": 1, "swarm_node_lable": 1}},
            "firewall_zones_of_mine",
            "swarm_node_lable",
        )
        == []
    )


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ({}, []),
        (
            {
                "group all": {"preflight_own_variables": ["stacks_a"]},
                "host b": {"preflight_own_variables": ["stacks_b"]},
            },
            ["stacks_a", "stacks_b"],
        ),
        ({"group all": {"preflight_own_variables": "{{ mine }}"}}, None),
    ],
)
def test_the_users_own_variables_are_read_as_they_are_written(given: Any, own: Any) -> None:
    assert variables.own(given) == own
