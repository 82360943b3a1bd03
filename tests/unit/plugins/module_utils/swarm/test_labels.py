# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.engine.nodes import Node
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import labels

KEY = "no placement constraint can name it; use letters, digits, '.', '_' and '-'"
VALUE = (
    "no placement constraint can name it; use letters, digits, inner spaces and : . _ / * ( ) ? + [ ] \\ ^ $ | -, "
    "or '' for an empty one"
)


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        (
            {
                "role": "manager",
                "gpu": True,
                "n": 1,
                "ratio": 1.5,
                "e": "",
                7: False,
                "-a.": "a b/c:d",
                "p": "x(1)|[y]?",
            },
            [],
        ),
        ({"": "x"}, [f"label key '': {KEY}"]),
        ({"a b": "x"}, [f"label key 'a b': {KEY}"]),
        ({"a=b": "x", "ä": "x"}, [f"label key 'a=b': {KEY}", f"label key 'ä': {KEY}"]),
        ({"a\n": "x"}, [f"label key 'a\\n': {KEY}"]),
        ({"a": "b=c"}, [f"label a, value 'b=c': {VALUE}"]),
        ({"a": " b"}, [f"label a, value ' b': {VALUE}"]),
        ({"a": "b\n"}, [f"label a, value 'b\\n': {VALUE}"]),
        ({"a": None}, ["label 'a': it has no value; write '' for an empty one"]),
        ({"a": ["b"]}, ["label 'a': it is no plain value"]),
    ],
)
def test_what_no_constraint_could_name_is_a_problem(given: dict[Any, Any], problems: list[str]) -> None:
    assert labels.label_problems(given) == problems


@pytest.mark.parametrize(
    ("state", "wanted", "after"),
    [
        ("exact", {"gpu": True, "n": 1}, {"gpu": "true", "n": "1"}),
        ("exact", {}, {}),
        ("present", {"gpu": False, "empty": ""}, {"role": "worker", "old": "", "gpu": "false", "empty": ""}),
        ("absent", {"old": None, "gone": "x"}, {"role": "worker"}),
    ],
)
def test_labels_after(state: str, wanted: dict[str, Any], after: dict[str, str]) -> None:
    assert labels.labels_after({"role": "worker", "old": ""}, wanted, state) == after


def test_a_plan_shows_each_named_node_and_no_other() -> None:
    node = Node("id1", "hydra", "down", "active", "worker", "", {"gpu": "true"}, "")
    wanted = [
        {"node": "id1", "labels": {"gpu": True}, "state": "exact"},
        {"node": "to-come", "labels": {"gpu": 1}, "state": "exact"},
    ]
    change = labels.plan({"id1": node}, wanted)
    assert change.diff() == {
        "before": {"id1": {"gpu": "true"}, "to-come": {}},
        "after": {"id1": {"gpu": "true"}, "to-come": {"gpu": "1"}},
    }
    assert not labels.plan({"id1": node}, wanted[:1]).changed


def test_all_problems_of_all_nodes_are_said_at_once() -> None:
    wanted = [
        {"node": "hydra", "labels": {"a b": "x"}, "state": "exact"},
        {"node": "chimera", "labels": {"c": None}, "state": "present"},
        {"node": "cerberus", "labels": {"a b": None}, "state": "absent"},
    ]
    with pytest.raises(Refusal) as caught:
        labels.check_wanted(wanted)
    assert str(caught.value) == (
        f"node hydra: label key 'a b': {KEY}; node chimera: label 'c': it has no value; write '' for an empty one"
    )
