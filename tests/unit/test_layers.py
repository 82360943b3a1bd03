# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Imports point towards _core, which decides and touches nothing; only modules and plugins know Ansible."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

UTILS = Path(__file__).resolve().parents[2] / "plugins" / "module_utils"
OURS = "ansible_collections.hydra.swarm.plugins.module_utils"
# What of the standard library neither reads nor changes anything outside the process.
PURE = {
    "__future__",
    "collections.abc",
    "dataclasses",
    "functools",
    "hashlib",
    "ipaddress",
    "itertools",
    "json",
    "posixpath",
    "re",
    "typing",
    "zlib",
}
TOUCHING = {"open", "print", "input", "eval", "exec", "__import__"}


def files(folder: str) -> list[Path]:
    return sorted((UTILS / folder).glob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def called(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


@pytest.mark.parametrize("path", files("_core"), ids=lambda path: path.name)
def test_core_only_decides(path: Path) -> None:
    assert {
        name for name in imported(path) if not name.startswith((f"{OURS}._core", f"{OURS}.lab", f"{OURS}.server"))
    } <= PURE
    assert not called(path) & TOUCHING


@pytest.mark.parametrize("path", files("."), ids=lambda path: path.name)
def test_adapters_do_not_know_ansible(path: Path) -> None:
    foreign = {name for name in imported(path) if name.split(".")[0] == "ansible" or "plugins.modules" in name}
    assert not foreign
    assert "fail_json" not in path.read_text(encoding="utf-8")
