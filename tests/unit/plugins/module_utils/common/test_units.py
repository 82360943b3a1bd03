# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.units import octets, parse_size, size


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("512m", 2**29),
        ("2G", 2**31),
        ("1.5 gb", 3 * 2**29),
        ("64kib", 2**16),
        ("1p", 2**50),
        ("100", 100),
        ("10b", 10),
        (64, 64),
        ("0", 0),
    ],
)
def test_octets(text: Any, number: int) -> None:
    assert octets(text) == parse_size(text) == number


@pytest.mark.parametrize("text", ["", None])
def test_nothing_is_no_limit(text: Any) -> None:
    assert parse_size(text) == 0


@pytest.mark.parametrize("text", ["lots", "-1g", "2x", "1,5g", "g"])
def test_sizes_that_are_none(text: str) -> None:
    assert octets(text) is None
    with pytest.raises(ValueError) as error:
        parse_size(text)
    assert str(error.value) == (
        f"size '{text}' is not a number with one of the units b, k, m, g, t: write it like 512m or 2g"
    )


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (1023.4, "1023 B"), (1023.5, "1 KiB"), (1536, "1.5 KiB"), (2**29, "512 MiB"), (5 * 2**40, "5 TiB")],
)
def test_size(number: float, text: str) -> None:
    assert size(number) == text
