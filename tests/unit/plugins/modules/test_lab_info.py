# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import lab_info

ENGINE = {"answers": True, "image": {"name": "hydra-swarm/server:1", "present": False}, "machines": []}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A lab that is not there yet, on a computer that does not virtualise."""
    monkeypatch.setattr(lab_info, "has_kvm", lambda: False)
    monkeypatch.setattr(lab_info, "processor_flags", lambda: "fpu")
    (tmp_path / "recipe").mkdir()
    (tmp_path / "recipe/packages").write_text("systemd\n")
    return {
        "lab": "hydra-lab",
        "folder": str(tmp_path / "lab"),
        "gateway": "172.27.0.1/24",
        "guests": [{"name": "one", "address": "172.27.0.10"}],
        "recipe": str(tmp_path / "recipe"),
        "release": "trixie",
        "cache": str(tmp_path / "cache"),
    }


def test_where_an_engine_answers_servers_are_containers(call: Any, lab: dict[str, Any]) -> None:
    result = call(lab_info, check=True, **lab, engine=ENGINE)
    assert (result["changed"], result["backend"], result["problem"]) == (False, "container", "")
    assert result["base"] == {"folder": "hydra-swarm/server:1", "present": False}
    assert result["guests"] == [{"name": "one", "address": "172.27.0.10", "state": "absent", "ssh": False}]


def test_virtual_servers_start_from_a_disk_that_its_recipe_names(
    call: Any, lab: dict[str, Any], tmp_path: Path
) -> None:
    first = call(lab_info, **lab, engine=ENGINE, backend="uml")
    assert (first["backend"], first["base"]["present"], first["base"]["broken"]) == ("uml", False, False)
    assert first["base"]["disk"] == f"{first['base']['folder']}/disk.ext4"
    assert call(lab_info, **lab, engine=ENGINE, backend="uml")["base"] == first["base"]
    (tmp_path / "recipe/packages").write_text("systemd\nsshd\n")
    assert call(lab_info, **lab, engine=ENGINE, backend="uml")["base"]["folder"] != first["base"]["folder"]


def test_a_cache_that_was_cut_off_is_broken(call: Any, lab: dict[str, Any]) -> None:
    Path(call(lab_info, **lab, backend="uml")["base"]["folder"]).mkdir(parents=True)
    base = call(lab_info, **lab, backend="uml")["base"]
    assert (base["present"], base["broken"]) == (False, True)


def test_a_kind_that_cannot_run_here_is_told(call: Any, lab: dict[str, Any]) -> None:
    engine = {"answers": False, "installable": False, "reason": "permission denied on its socket"}
    result = call(lab_info, **lab, backend="container", engine=engine)
    assert result["problem"] == "lab_host_backend=container: permission denied on its socket"
    assert "container" not in result["works"]


def test_without_an_engine_there_is_no_image(call: Any, lab: dict[str, Any]) -> None:
    assert call(lab_info, **lab, backend="container")["base"] == {"folder": "", "present": False}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"gateway": "here"}, "write an address with its prefix, like 172.27.0.1/24"),
        ({"guests": [{"name": "One!", "address": "172.27.0.10"}]}, "server 'One!' is no host name"),
    ],
)
def test_what_is_refused(call: Any, lab: dict[str, Any], more: dict[str, Any], said: str) -> None:
    assert said in call(lab_info, **{**lab, **more}, engine=ENGINE)["msg"]
