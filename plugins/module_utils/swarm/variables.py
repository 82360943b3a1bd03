# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Variables of an inventory that look like this project's and are not: nobody reads what is misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..common.suggestion import distance, meant

# Besides the roles' names: what inventories and playbooks call theirs.
PREFIXES = ("dind_", "stacks_", "student_", "swarm_")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# As the filters read them of a host.
READ = re.compile(r'\bvariables(?:\.get\(|\[)"([a-z]\w+)"')
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# A name with another beginning is taken for a misspelt one if this few letters differ.
SLIPS = 2
OWN = "preflight_own_variables"


def prefixes(roles: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*PREFIXES, *(f"{role}_" for role in roles)}))


def known(specs: Mapping[str, str], playbooks: Iterable[str], filters: Iterable[str]) -> set[str]:
    """Every variable of ours that somebody reads.

    C(specs) are the texts of the roles' argument specs, C(playbooks) those of the playbooks and their variables,
    C(filters) the Python that takes a host's variables.
    """
    ours = prefixes(specs)
    found = {name for role, text in specs.items() for name in re.findall(rf"^ +({role}_\w+):", text, re.MULTILINE)}
    found |= {word for text in playbooks for word in WORD.findall(text) if word.startswith((*ours, "lab_"))}
    return found | {name for text in filters for name in READ.findall(text) if not name.startswith("inventory_")}


def used(value: Any) -> set[str]:
    """The names in the expressions of a variable's value: what an inventory's own variables are made of."""
    if isinstance(value, str):
        return {word for part in EXPRESSION.findall(value) for word in WORD.findall(part)} if "{" in value else set()
    if isinstance(value, Mapping):
        return set().union(*(used(part) for part in value.values()))
    if isinstance(value, Sequence):
        return set().union(*(used(part) for part in value))
    return set()


def own(places: Mapping[str, Mapping[str, Any]]) -> list[str] | None:
    """The user's own variables, as they are listed wherever one is given; nothing where only an expression tells."""
    lists = [given[OWN] for given in places.values() if OWN in given]
    if not all(isinstance(one, Sequence) and not isinstance(one, str) for one in lists):
        return None
    return [str(name) for one in lists for name in one]


def problems(
    places: Mapping[str, Mapping[str, Any]], names: Iterable[str], roles: Iterable[str], own: Iterable[str] = ()
) -> list[str]:
    """A sentence for each variable that is not known.

    C(places) has the variables by where they are given, C(names) are those that are read, C(own) the user's own.
    """
    taken, ours = set(names), prefixes(roles)
    expressed = {name for given in places.values() for name in used(given)}
    accepted = taken | expressed | set(own)
    where: dict[str, list[str]] = {}
    for place, given in places.items():
        for name in given:
            if name not in accepted and (name.startswith(ours) or _near(name, taken)):
                where.setdefault(name, []).append(place)
    suggested = taken | {name for name in expressed if name.startswith(ours)}
    return [
        f"{name} ({', '.join(found)}) is no variable of hydra.swarm{_remedy(meant(name, suggested))}"
        for name, found in sorted(where.items())
    ]


def _remedy(suggestion: str) -> str:
    if suggestion:
        return f"{suggestion} If it is one of your own, list it in {OWN}"
    return f": take it away, or list it in {OWN} if it is one of your own"


def _near(name: str, taken: Iterable[str]) -> bool:
    """Whether a name that begins like none of ours is one of them but for a slip."""
    if name.startswith("ansible_"):
        return False
    candidates = [
        other for other in taken if "_" in other and len(other) >= 4 * SLIPS and _apart(name, other) <= 2 * SLIPS
    ]
    return any(distance(name, other) <= SLIPS for other in candidates)


def _apart(one: str, other: str) -> int:
    """How many letters only one of them has, or more than matter; cheaper than the distance, and at most twice that."""
    if abs(len(one) - len(other)) > SLIPS:
        return 3 * SLIPS
    return sum(abs(one.count(letter) - other.count(letter)) for letter in {*one, *other})
