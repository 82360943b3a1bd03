# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which nodes a user's words mean, and whose answer counts where several managers were asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..common.suggestion import meant
from .cluster.lost import said


def nodes_named(
    words: Iterable[str],
    known: Mapping[str, str],
    argument: str = "NODE",
    kind: str = "node of this cluster",
    all_without: bool = False,
) -> dict[str, Any]:
    """The names of the nodes that the words mean, or why they mean none.

    C(known) is the name of its node for each host of the inventory; a word is one or the other. C(all_without): without
    a word all are meant.
    """
    words = [word for word in words if word]
    by_word = {**{name: name for name in known.values()}, **known}
    unknown = [word for word in words if word not in by_word]
    if not unknown and (words or all_without):
        return {"names": list(dict.fromkeys(by_word[word] for word in words or known)), "refusal": ""}
    wrong = (
        f"{argument}={','.join(unknown)} is no {kind}{meant(unknown[0], by_word)}"
        if unknown
        else f"no {argument} is given"
    )
    return {
        "names": [],
        "refusal": f"{wrong}; {_choice(known, argument, kind)}" + (", or leave it out for all" if all_without else ""),
    }


def _choice(known: Mapping[str, str], argument: str, kind: str) -> str:
    what, hosts = f"{kind.split()[0]}s", sorted(known)
    if not hosts:
        return f"there are no {what} in it"
    how_many = "some" if argument.endswith("S") else "one"
    example = f"{argument}={hosts[0]} (-e {argument.lower()}={hosts[0]})"
    return f"the {what} are {', '.join(hosts)}: name {how_many} of them, for example {example}"


def answers(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], result: str) -> dict[str, Any]:
    """What was kept of each host in the variable C(result); nothing of one that was not asked.

    A filter, since the same in Jinja works out far more of what hosts have than this variable.
    """
    return {host: hostvars[host].get(result) or {} for host in hosts if host in hostvars}


def answering(hosts: Iterable[str], hostvars: Mapping[str, Mapping[str, Any]], result: str) -> dict[str, Any]:
    """Of several managers the first that has answered: C(host), and what it showed of the C(swarm).

    C(result) is the variable in which the answer of C(swarm_info) was kept. Where nobody answered, C(host) is empty,
    and C(silence) says why.
    """
    found = answers(hosts, hostvars, result)
    for host, answer in found.items():
        if answer.get("swarm") is not None:
            return {"host": host, "swarm": answer["swarm"], "silence": ""}
    if lost := said(found.values()):
        return {"host": "", "swarm": {"nodes": []}, "silence": f"{lost[:1].upper()}{lost[1:]}"}
    why = next((answer["msg"] for answer in found.values() if answer.get("msg")), "none is reachable")
    return {
        "host": "",
        "swarm": {"nodes": []},
        "silence": f"No manager of the swarm answers ({why}): make or resume the cluster with make swarm-up.",
    }
