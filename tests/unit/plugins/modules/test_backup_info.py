# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.hydra.swarm.plugins.modules import backup_info


def test_a_manager_with_exports(call: Any, swarm: Any, tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    swarm.answers["/info"]["DockerRootDir"] = str(tmp_path)
    swarm.answers["/info"]["Swarm"]["Cluster"] = {"ID": "r2al"}
    (tmp_path / "swarm" / "raft").mkdir(parents=True)
    found = call(backup_info, exports=[str(tmp_path), "/nowhere"])
    assert found["exports"] == {str(tmp_path): 2, "/nowhere": 0}
    assert (found["state"], found["manager"], found["swarm_id"], found["left"]) == ("active", True, "r2al", ["raft"])
    assert swarm.posted == [] and isinstance(found["seals"], bool)


def test_an_nfs_server_has_no_engine_to_ask(call: Any) -> None:
    assert "state" not in call(backup_info, swarm=False, exports=[])
