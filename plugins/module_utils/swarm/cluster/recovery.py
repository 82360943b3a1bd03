# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of the managers that are left a swarm without a quorum is made again from, and what to ask before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..quorum import quorum
from .lost import counted

Look = Mapping[str, Any]


def recovery(looks: Mapping[str, Look], managers: Sequence[str]) -> dict[str, Any]:
    """The C(host) with the most recent log, its C(address), and the C(question); or why it is C(refused).

    C(looks) are results of quorum_info by host, C(managers) the inventory's. The others that C(leave) have data too,
    but not more of it: they join anew.
    """
    seen = {host: looks[host]["quorum"] for host in managers if (looks.get(host) or {}).get("quorum")}
    silent = [host for host in managers if host not in seen]
    alive = {host: look for host, look in seen.items() if look["manager"] and look["position"]}
    peers = {peer for look in alive.values() for peer in look["peers"]}
    answer = {"host": "", "address": "", "leave": [], "refused": "", "question": ""}
    if refused := _refused(seen, alive, len(peers), silent):
        return {**answer, "refused": f"Nothing was done: {refused}"}
    host = max(alive, key=lambda host: _position(alive[host]))
    missing = sorted(peers - {look["address"] for look in alive.values()})
    return {
        **answer,
        "host": host,
        "address": alive[host]["address"],
        "leave": [other for other in alive if other != host],
        "question": _question(host, alive, missing, len(peers), silent),
    }


def _refused(seen: Mapping[str, Look], alive: Mapping[str, Look], total: int, silent: Sequence[str]) -> str:
    for host, look in seen.items():
        if look["leader"]:
            return (
                f"the quorum is not lost. {host} finds a leader of {len(look['peers'])} managers; what is missing is "
                "mended by make swarm-up"
            )
    locked = [host for host, look in seen.items() if look["state"] == "locked"]
    if locked:
        return f"the swarm's data on {', '.join(locked)} is locked. Unlock it (docker swarm unlock), and run this again"
    if not alive:
        unasked = f" ({', '.join(silent)} could not be asked)" if silent else ""
        return f"no manager that was asked has data of the swarm{unasked}. make swarm-up says which ways are left"
    if len(alive) >= quorum(total):
        return (
            f"{counted(len(alive), total)} run and have their data ({', '.join(alive)}), which is a quorum, but they "
            "do not find each other. Look at port 2377 between them, then make swarm-up"
        )
    return ""


def _question(host: str, alive: Mapping[str, Look], missing: Sequence[str], total: int, silent: Sequence[str]) -> str:
    term, index = _position(alive[host])
    others = [other for other in alive if other != host]
    return " ".join(
        [
            f"The swarm has lost its quorum: {counted(len(alive), total)} left ({', '.join(alive)}), and "
            f"{quorum(total)} are needed. Lost: {', '.join(missing)}.",
            f"The same swarm is made again from what {host} knows (its log goes to entry {index} of term {term}), with "
            f"{host} as its only manager; then the other managers of the inventory join it anew. Tasks of workers go "
            f"on running, those of {host} start anew.",
            *([f"{', '.join(others)} knows no more than that, leaves, and joins anew."] if others else []),
            "What only the lost ones knew is gone, and one that comes back with old data has to be wiped.",
            *(
                [
                    f"{', '.join(silent)} could not be asked. If there are managers among them that run and reach each "
                    "other, they still have the swarm: then answer no, and bring them back."
                ]
                if silent
                else []
            ),
        ]
    )


def _position(look: Look) -> tuple[int, int]:
    return look["position"]["term"], look["position"]["index"]
