# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds for every role, and for the documentation of every module."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted((ROOT / "roles").iterdir())
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
# Groups, and the hosts of the inventories: a role is given what it needs.
INVENTORY = re.compile(r"\bgroups\s*[\[.]|\bgroup_names\b|\bnfs_servers\b|\bchimera\b|\bcerberus\b|hydra-node")

each_role = pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def defaults_of(role: Path) -> dict[str, Any]:
    path = role / "defaults" / "main.yml"
    return read(path) if path.exists() else {}


def options_of(role: Path) -> dict[str, Any]:
    """Those of all entry points together."""
    specs = read(role / "meta" / "argument_specs.yml")["argument_specs"]
    return {name: option for spec in specs.values() for name, option in spec.get("options", {}).items()}


@each_role
def test_options_are_the_defaults_and_what_is_required(role: Path) -> None:
    required = {name for name, option in options_of(role).items() if option.get("required")}
    assert set(options_of(role)) == set(defaults_of(role)) | required
    assert not required & set(defaults_of(role))


@each_role
def test_defaults_are_as_documented(role: Path) -> None:
    literal = {name: value for name, value in defaults_of(role).items() if "{{" not in str(value)}
    # A dict is documented by its own options.
    literal = {name: value for name, value in literal.items() if "options" not in options_of(role)[name]}
    assert {name: options_of(role)[name].get("default") for name in literal} == literal


@each_role
def test_entry_points_are_task_files(role: Path) -> None:
    for entry in read(role / "meta" / "argument_specs.yml")["argument_specs"]:
        assert (role / "tasks" / f"{entry}.yml").exists()


@each_role
def test_task_files_are_short(role: Path) -> None:
    lines = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in role.glob("tasks/*.yml")}
    assert {name: count for name, count in lines.items() if count > 80} == {}


@each_role
def test_variables_bear_the_name_of_the_role(role: Path) -> None:
    ours = (f"{role.name}_", f"__{role.name}_")
    internal = read(role / "vars" / "main.yml") if (role / "vars" / "main.yml").exists() else {}
    assert [name for name in {**defaults_of(role), **internal} if not name.startswith(ours)] == []


@each_role
def test_no_role_knows_the_inventory(role: Path) -> None:
    found = {
        f"{path.relative_to(role)}: {match[0]}"
        for folder in ("defaults", "handlers", "tasks", "templates", "vars")
        for path in (role / folder).rglob("*.*")
        for match in INVENTORY.finditer(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_every_module_is_documented() -> None:
    command = [str(Path(sys.executable).with_name("ansible-doc")), "--type", "module", "--json"]
    names = [f"hydra.swarm.{name}" for name in MODULES]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections")}
    shown = json.loads(subprocess.run([*command, *names], env=environment, check=True, capture_output=True).stdout)
    assert sorted(shown) == names
    for name, page in shown.items():
        assert page["examples"], name
        assert page["return"], name
        assert set(page["doc"]["attributes"]) >= {"check_mode", "diff_mode"}, name
