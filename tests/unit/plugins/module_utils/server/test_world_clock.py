# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import world_clock


@pytest.mark.parametrize(("capabilities", "ours"), [("000001ffffffffff", True), ("000001fffdffffff", False)])
def test_who_may_not_set_the_clock_has_its_hosts(tmp_path: Path, capabilities: str, ours: bool) -> None:
    status = tmp_path / "status"
    status.write_text(f"Name:\tsystemd\nCapEff:\t{capabilities}\nCapBnd:\t{capabilities}\nNoNewPrivs:\t0\n")
    assert world_clock._ours(str(status)) is ours
