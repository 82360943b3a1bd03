# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Labels of nodes: what may be one, and which ones a node ends up with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..common.change import Change
from ..common.errors import Refusal
from ..common.label_texts import label_text
from ..engine.nodes import Node

# A node takes any label, but placement constraints (node.labels.KEY == VALUE) are checked against these patterns, so
# anything else would be a label that no service can ask for, found out only when a stack is deployed.
KEY = re.compile(r"[A-Za-z0-9._-]+")
VALUE = re.compile(r"[A-Za-z0-9:._/*()?+\[\]\\^$|-]([A-Za-z0-9:._/*()?+\[\]\\^$| -]*[A-Za-z0-9:._/*()?+\[\]\\^$|-])?")
KEY_RULE = "no placement constraint can name it; use letters, digits, '.', '_' and '-'"
# What a node under maintenance was before; it is ours, and exact labels leave it (see maintenance).
MAINTENANCE = "hydra.swarm.maintenance"
VALUE_RULE = (
    "no placement constraint can name it; use letters, digits, inner spaces and : . _ / * ( ) ? + [ ] \\ ^ $ | -, "
    "or '' for an empty one"
)


def label_problems(labels: Mapping[Any, Any]) -> list[str]:
    """What is wrong with the labels somebody wants on a node; empty: nothing."""
    problems = []
    for key, value in labels.items():
        try:
            name, text = label_text(key), label_text(value)
        except ValueError as error:
            problems.append(f"label {key!r}: {error}")
            continue
        if not KEY.fullmatch(name):
            problems.append(f"label key {name!r}: {KEY_RULE}")
        if text and not VALUE.fullmatch(text):
            problems.append(f"label {name}, value {text!r}: {VALUE_RULE}")
    return problems


def labels_after(current: Mapping[str, str], labels: Mapping[Any, Any], state: str) -> dict[str, str]:
    """The labels of a node that has C(current), once C(labels) are its only ones, among them, or gone."""
    if state == "absent":
        gone = {label_text(key) for key in labels}
        return {key: value for key, value in current.items() if key not in gone}
    wanted = {label_text(key): label_text(value) for key, value in labels.items()}
    kept = {key: value for key, value in current.items() if key == MAINTENANCE} if state == "exact" else current
    return {**kept, **wanted}


def check_wanted(wanted: Iterable[Mapping[str, Any]]) -> None:
    """Refuse labels that nobody could use, all of them in one message; what is to go may be called anything."""
    problems = [
        f"node {item['node']}: {problem}"
        for item in wanted
        if item["state"] != "absent"
        for problem in label_problems(item["labels"])
    ]
    if problems:
        raise Refusal("; ".join(problems))


def plan(found: Mapping[str, Node], wanted: Iterable[Mapping[str, Any]]) -> Change:
    """The labels of the wanted nodes before and after, by the word each is named with.

    C(found) says which entry a word stands for; a node that is not in it (see find_all) has no labels yet.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for item in wanted:
        node = found.get(item["node"])
        before[item["node"]] = dict(node.labels) if node else {}
        after[item["node"]] = labels_after(before[item["node"]], item["labels"], item["state"])
    return Change(before, after)
