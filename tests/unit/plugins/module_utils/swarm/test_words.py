# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.words import answering, answers, nodes_named

KNOWN = {"hydra": "hydra-node", "chimera": "chimera-node", "cerberus": "cerberus"}
ARE = "the nodes are cerberus, chimera, hydra: name"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["chimera"], ["chimera-node"]),
        (["chimera-node"], ["chimera-node"]),
        (["cerberus"], ["cerberus"]),
        (["hydra", "chimera", "hydra-node"], ["hydra-node", "chimera-node"]),
    ],
)
def test_hosts_and_nodes_names_mean_nodes(words: list[str], names: list[str]) -> None:
    assert nodes_named(words, KNOWN) == {"names": names, "refusal": ""}


@pytest.mark.parametrize(
    ("words", "options", "refusal"),
    [
        (["medusa"], {}, f"NODE=medusa is no node of this cluster; {ARE} one of them, for example NODE=cerberus (-e node=cerberus)"),
        (["chimera-nod"], {}, "NODE=chimera-nod is no node of this cluster; did you mean chimera-node?; "
         f"{ARE} one of them, for example NODE=cerberus (-e node=cerberus)"),
        ([""], {}, f"no NODE is given; {ARE} one of them, for example NODE=cerberus (-e node=cerberus)"),
        (["hydra", "medusa", "gorgo"], {"argument": "NODES", "all_without": True},
         f"NODES=medusa,gorgo is no node of this cluster; {ARE} some of them, for example NODES=cerberus (-e nodes=cerberus), "
         "or leave it out for all"),
        (["medusa"], {"kind": "machine of this inventory", "all_without": True},
         "NODE=medusa is no machine of this inventory; the machines are cerberus, chimera, hydra: name one of them, for example "
         "NODE=cerberus (-e node=cerberus), or leave it out for all"),
    ],
)  # fmt: skip
def test_words_that_mean_none(words: list[str], options: dict[str, Any], refusal: str) -> None:
    assert nodes_named(words, KNOWN, **options) == {"names": [], "refusal": refusal}


def test_without_a_word() -> None:
    assert nodes_named([], KNOWN, all_without=True)["names"] == list(KNOWN.values())
    assert nodes_named(["x"], {})["refusal"] == "NODE=x is no node of this cluster; there are no nodes in it"


def test_the_first_manager_that_answers() -> None:
    asked = {
        "a": {"seen": {"msg": "its engine does not answer", "failed": True}},
        "b": {"seen": {"swarm": {"nodes": ["of b"]}}},
        "c": {"seen": {"swarm": {"nodes": ["of c"]}}},
        "d": {},
    }
    assert answering("abcd", asked, "seen") == {"host": "b", "swarm": {"nodes": ["of b"]}, "silence": ""}
    assert answering("dca", asked, "seen")["host"] == "c"
    silence = "No manager of the swarm answers ({}): make or resume the cluster with make swarm-up."
    nobody = {"host": "", "swarm": {"nodes": []}}
    assert answering("da", asked, "seen") == {**nobody, "silence": silence.format("its engine does not answer")}
    assert answering("dx", asked, "seen") == {**nobody, "silence": silence.format("none is reachable")}
    assert answering([], asked, "seen")["silence"] == silence.format("none is reachable")


def test_what_was_kept_of_each_host() -> None:
    kept = {"a": {"seen": {"swarm": {}}, "other": 1}, "b": {"seen": None}, "c": {}}
    assert answers("abcd", kept, "seen") == {"a": {"swarm": {}}, "b": {}, "c": {}}


def test_a_lost_quorum_is_told_whoever_else_said_something() -> None:
    lost = "the swarm has lost its quorum: 1 of 3"
    asked = {"a": {"seen": {"msg": "it is in no swarm"}}, "b": {"seen": {"msg": f"Task failed: {lost}"}}}
    assert answering("ab", asked, "seen")["silence"] == "The swarm has lost its quorum: 1 of 3"
