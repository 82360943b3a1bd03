# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fixtures for tests on the lab's servers (scripts/molecule create prod), on which the swarm is made if it is not there yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("lab")

from lab import Lab  # noqa: E402  # what it asserts is to be explained too


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The servers, with the swarm."""
    return Lab("prod").with_swarm()


@pytest.fixture(scope="session")
def tiny(lab: Lab) -> Iterator[str]:
    with lab.tiny() as image:
        yield image
