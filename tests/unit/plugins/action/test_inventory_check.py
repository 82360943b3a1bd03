# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this repository's inventories, playbooks and texts call a variable is known, and where one is given is seen."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager
from ansible_collections.hydra.swarm.plugins.module_utils.swarm import variables
from ansible_collections.hydra.swarm.plugins.module_utils.swarm.world_variables import known_here
from ansible_collections.hydra.swarm.plugins.plugin_utils._places import places

ROOT = Path(__file__).resolve().parents[4]
INVENTORIES = sorted(
    path for pattern in ("inventories/*/", "molecule/*/inventory/") for path in ROOT.glob(pattern) if path.is_dir()
)
NAMES, ROLES = known_here()


def given(*sources: Path, **extra: Any) -> dict[str, dict[str, Any]]:
    loader = DataLoader()
    inventory = InventoryManager(loader, [str(source) for source in sources])
    manager = VariableManager(loader, inventory)
    manager._extra_vars = extra
    return places(inventory, loader, manager)


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_inventories_of_this_repository(inventory: Path) -> None:
    found = given(inventory)
    assert {"group all", "group workers", "host hydra"} <= found.keys() or "host one" in found
    assert variables.problems(found, NAMES, ROLES) == []


def test_where_a_variable_is_given(tmp_path: Path) -> None:
    copy = tmp_path / "inventory"
    shutil.copytree(ROOT / "inventories/dev", copy)
    (copy / "group_vars/workers.yml").write_text("swarm_node_lables: {}\n", encoding="utf-8")
    (copy / "host_vars").mkdir()
    (copy / "host_vars/nfs.yml").write_text("dind_node_memroy: 1g\n", encoding="utf-8")
    shutil.copy(ROOT / "inventories/vault.example.yml", copy / "group_vars/all/vault.yml")
    found = variables.problems(given(copy, swarm_node_timout=1), NAMES, ROLES)
    assert [problem.partition(" is no variable")[0] for problem in found] == [
        "dind_node_memroy (host nfs)",
        "swarm_node_lables (group workers)",
        "swarm_node_timout (given with -e)",
    ]


def test_whatever_takes_variables_of_a_host_is_looked_at() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "plugins").rglob("*.py")]
    read = {name for text in texts for name in variables.READ.findall(text) if not name.startswith("inventory_")}
    assert "dind_node_service" in read
    assert read - NAMES == set()


def test_what_texts_and_comments_recommend_is_known() -> None:
    files = [
        ROOT / "README.md",
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("inventories/**/*.yml"),
        *ROOT.glob("roles/*/README.md"),
    ]
    line = re.compile(rf"^[ #]*((?:{'|'.join(variables.prefixes(ROLES))})\w+):", re.MULTILINE)
    named = {name for file in files for name in line.findall(file.read_text(encoding="utf-8"))}
    expressed = {name for path in INVENTORIES for place in given(path).values() for name in variables.used(place)}
    assert "docker_engine_hold" in named
    assert named - NAMES - expressed == set()
