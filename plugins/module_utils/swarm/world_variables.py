# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The collection's own files, from which it follows which variables it reads."""

from __future__ import annotations

from pathlib import Path

from .variables import known

COLLECTION = Path(__file__).resolve().parents[3]
# What takes a host's variables as they are.
FILTERS = ("swarm/inventory.py", "server/probe.py")


def known_here(collection: Path = COLLECTION) -> tuple[set[str], list[str]]:
    """The variables that the collection reads, and its roles."""
    specs = {path.parts[-3]: _text(path) for path in collection.glob("roles/*/meta/argument_specs.yml")}
    playbooks = [_text(path) for path in collection.glob("playbooks/**/*.yml")]
    filters = [_text(collection / "plugins/module_utils" / name) for name in FILTERS]
    return known(specs, playbooks, filters), sorted(specs)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
