# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path

from ansible_collections.hydra.swarm.plugins.module_utils.common import world_files


def test_a_file_without_content_goes(tmp_path: Path) -> None:
    path = tmp_path / "x.conf"
    world_files.write(str(path), "")
    path.write_text("old")
    world_files.write(str(path), "")
    assert not path.exists()
