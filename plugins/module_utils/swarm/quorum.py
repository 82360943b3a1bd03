# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a swarm survives that managers stop being managers: more than half of them have to be reachable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def quorum(managers: int) -> int:
    """How many of so many managers have to be reachable."""
    return managers // 2 + 1


def loss(managers: Mapping[str, bool], leaving: Iterable[str]) -> str:
    """Why the swarm would not survive the leaving of these managers, one after the other; empty: it would.

    C(managers) says of each manager (by any name) whether it is reachable now; the unreachable ones leave first,
    since that makes nothing worse.
    """
    left = dict(managers)
    for name in sorted((name for name in leaving if name in left), key=lambda name: (left[name], name)):
        del left[name]
        if not left:
            return f"{name} is the last manager; make another node a manager first"
        reachable, needed = sum(left.values()), quorum(len(left))
        if reachable < needed:
            dead = ", ".join(sorted(other for other, alive in left.items() if not alive))
            return (
                f"without {name} the swarm has {len(left)} {'manager' if len(left) == 1 else 'managers'}, "
                f"of which {needed} must be reachable and {reachable} would be; "
                f"bring back or remove {dead} first, or make another node a manager"
            )
    return ""
