# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Labels as an engine wants them: keys and values are strings, whatever YAML made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import Refusal


def label_text(value: Any) -> str:
    """A label's value as the engine wants it: a string; YAML's true, 1 and 1.5 are those words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise ValueError("it has no value; write '' for an empty one" if value is None else "it is no plain value")


def label_texts(labels: Mapping[Any, Any], of: str) -> dict[str, str]:
    """Keys and values as strings; C(of) names what they are labels of."""
    texts = {}
    for key, value in labels.items():
        try:
            texts[label_text(key)] = label_text(value)
        except ValueError as error:
            raise Refusal(f"{of}: label {key!r}: {error}") from None
    return texts
