# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The network namespaces, and the server's firewall in each tool."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from spaces import Server, spaces


@pytest.fixture(scope="session")
def _spaces() -> Iterator[None]:
    with spaces():
        yield


@pytest.fixture(params=["nftables", "iptables", "iptables-legacy"])
def server(request: pytest.FixtureRequest, _spaces: None, tmp_path: Path) -> Iterator[Server]:
    one = Server(tmp_path, request.param)
    yield one
    one.play(state="absent")
