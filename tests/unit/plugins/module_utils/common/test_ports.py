# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from ansible_collections.hydra.swarm.plugins.module_utils.common import ports


def test_split() -> None:
    assert [ports.split(port) for port in ports.MEMBERS] == [("7946", "tcp"), ("7946", "udp"), ("4789", "udp")]
