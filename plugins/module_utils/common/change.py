# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every plan() returns: the state before and the state after, from which changed and diff follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """The difference between what is and what should be; both sides are plain data."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def diff(self) -> dict[str, Any]:
        return {"before": dict(self.before), "after": dict(self.after)}
