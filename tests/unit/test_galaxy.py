# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the collection says it needs is all that it uses."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"(?<![\w.])(?!ansible\.builtin|hydra\.)((?:ansible|community)\.[a-z0-9_]+)\.[a-z0-9_]+")
IMPORTED = re.compile(r"ansible_collections\.(?!hydra)(\w+\.\w+)")


def test_every_collection_that_is_used_is_declared() -> None:
    declared = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["dependencies"]
    used: dict[str, str] = {}
    for folder in ("inventories", "playbooks", "roles"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            text = re.sub(r"(?m)^\s*#.*", "", path.read_text(encoding="utf-8"))
            # In descriptions, modules of others are mentioned, and not used.
            found = [] if path.name == "argument_specs.yml" else NAMED.findall(text)
            used |= dict.fromkeys(found, str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        used |= dict.fromkeys(IMPORTED.findall(path.read_text(encoding="utf-8")), str(path.relative_to(ROOT)))
    assert {"community.docker", "community.general"} <= used.keys()
    assert {name: where for name, where in used.items() if name not in declared} == {}
