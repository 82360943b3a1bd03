# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Managers without a leader: whether so many are lost that there will be none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..quorum import quorum

SIGN = "the swarm has lost its quorum"
MEANWHILE = (
    "Tasks that run go on running; until there is a quorum nothing is started, moved or changed. Start the managers "
    "that still have their data (make swarm-up starts machines that are containers); if their data is gone: make "
    "recover-quorum"
)


def lost(peers: Mapping[str, bool]) -> str:
    """Why there will be no leader; empty where there may be one soon.

    C(peers) are the managers by address, and whether each answers.
    """
    answering, needed = sum(peers.values()), quorum(len(peers))
    if not peers or answering >= needed:
        return ""
    missing = sorted(address for address, answers in peers.items() if not answers)
    return (
        f"{SIGN}: {counted(answering, len(peers))} {'answers' if answering == 1 else 'answer'}, and {needed} are "
        f"needed; {len(missing)} {'is' if len(missing) == 1 else 'are'} missing: {', '.join(missing)}. {MEANWHILE}"
    )


def said(answers: Iterable[Mapping[str, Any]]) -> str:
    """What managers that were asked said of a lost quorum, if one of them did."""
    texts = (str(answer.get("msg") or "").removeprefix("Task failed: ") for answer in answers)
    return next((text[text.index(SIGN) :] for text in texts if SIGN in text), "")


def counted(some: int, of: int) -> str:
    return f"{some} of {of} {'manager' if of == 1 else 'managers'}"
