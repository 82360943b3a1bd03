# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook import Playbook
from ansible.vars.manager import VariableManager
from ansible_collections.hydra.swarm.plugins.plugin_utils import _vars_files

PLAY = """
- hosts: all
  vars_files: [words.yml, "{{ more }}.yml", nothing.yml]
  tasks: []
"""


@pytest.mark.parametrize("kept", [True, False])
def test_a_plays_files_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    (tmp_path / "words.yml").write_text("doubled: '{{ 21 * 2 }}'\n")
    (tmp_path / "play.yml").write_text(PLAY)
    loader = DataLoader()
    manager = VariableManager(loader=loader)
    plays = Playbook.load(str(tmp_path / "play.yml"), variable_manager=manager, loader=loader).get_plays()
    parsed = []
    load = loader.load
    monkeypatch.setattr(loader, "load", lambda data, *a, **k: parsed.append(str(data)) or load(data, *a, **k))
    if kept:
        _vars_files.keep(plays)
    for _task in range(3):
        assert manager.get_vars(play=plays[0])["doubled"] == "{{ 21 * 2 }}"
    assert len(parsed) == (1 if kept else 3)
