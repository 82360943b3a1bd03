# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.plugin_utils._compiled import Compiled

OURS = "ansible_collections.hydra.swarm.plugins.module_utils.common"


def test_modules_of_ours_are_pythons_to_load_and_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "text.py").write_text("")
    (tmp_path / "package").mkdir()
    found = Compiled.find_spec(f"{OURS}.text", [str(tmp_path)])
    assert found and found.origin == str(tmp_path / "text.py")
    for name, path in (
        (f"{OURS}.package", [str(tmp_path)]),
        (f"{OURS}.missing", [str(tmp_path)]),
        ("ansible_collections.other.swarm.plugins.text", [str(tmp_path)]),
        ("json", None),
    ):
        assert Compiled.find_spec(name, path) is None


@pytest.mark.parametrize("plugin", ["callback/verb.py", "plugin_utils/_in_process.py"])
def test_who_imports_others_of_ours_imports_it_first(plugin: str) -> None:
    text = (Path(__file__).resolve().parents[4] / "plugins" / plugin).read_text()
    imports = [line for line in text.splitlines() if line.startswith("from ansible_collections.hydra.swarm.")]
    assert imports[0].split("#")[0].split()[-1] == "_compiled"


def test_a_second_process_finds_it_compiled(tmp_path: Path) -> None:
    """By the command itself, in a copy that nobody has used."""
    there = tmp_path / "ansible_collections/hydra/swarm"
    for name in ("plugin_utils/_compiled.py", "module_utils/common/text.py"):
        target = there / "plugins" / name
        target.parent.mkdir(parents=True)
        target.write_bytes((Path(__file__).resolve().parents[4] / "plugins" / name).read_bytes())
    program = (
        "from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder as Finder\n"
        f"Finder(paths=[{str(tmp_path)!r}], scan_sys_paths=False)._install()\n"
        "from ansible_collections.hydra.swarm.plugins.plugin_utils import _compiled\n"
        "from ansible_collections.hydra.swarm.plugins.module_utils.common import text\n"
    )
    free = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([sys.executable, "-c", program], check=True, env=free)
    assert list(there.glob("plugins/module_utils/common/__pycache__/text.*.pyc"))
