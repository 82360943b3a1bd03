# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import world_seal
from ansible_collections.hydra.swarm.plugins.modules import swarm_backup

PUBLIC = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.fixture(autouse=True)
def sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What age and tar do is tried on a cluster."""
    monkeypatch.setattr(world_seal, "require", lambda: None)


def test_a_rehearsal_copies_nothing(call: Any, swarm: Any, tmp_path: Path) -> None:
    result = call(swarm_backup, check=True, cluster="hydra", folder=str(tmp_path), recipients=[PUBLIC])
    assert result["changed"] and result["archive"].startswith(f"{tmp_path}/hydra-")
    assert (list(tmp_path.iterdir()), swarm.posted) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"recipients": ["--x"]}, "is no public key of age"),
        ({"recipients": []}, "no key is given"),
        ({"folder": "/nowhere"}, "there is no folder /nowhere to write the backup to"),
        ({"exports": ["/nowhere"]}, "there is no directory /nowhere, which is to be copied: run swarm-up"),
    ],
)
def test_what_cannot_be_is_refused(
    call: Any, swarm: Any, tmp_path: Path, arguments: dict[str, Any], words: str
) -> None:
    told = {"cluster": "hydra", "folder": str(tmp_path), "recipients": [PUBLIC], **arguments}
    assert words in call(swarm_backup, **told)["msg"]
    assert swarm.posted == []


def test_an_autolocked_swarm_is_refused(call: Any, swarm: Any, tmp_path: Path) -> None:
    swarm.answers["/swarm"]["Spec"]["EncryptionConfig"] = {"AutoLockManagers": True}
    told = call(swarm_backup, cluster="hydra", folder=str(tmp_path), recipients=[PUBLIC])["msg"]
    assert "this swarm is autolocked" in told and "docker swarm update --autolock=false" in told


def test_a_worker_has_nothing_to_copy(call: Any, swarm: Any, tmp_path: Path) -> None:
    swarm.worker()
    assert "is a worker" in call(swarm_backup, cluster="hydra", folder=str(tmp_path), recipients=[PUBLIC])["msg"]
