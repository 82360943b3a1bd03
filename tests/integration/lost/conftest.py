# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cluster of molecule/safety, whose swarm is lost again and again; so these come after all others on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import inventory_of


@pytest.fixture(scope="session")
def inventory() -> Path:
    return inventory_of("safety")
