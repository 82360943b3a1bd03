# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The house of module_utils: packages that stand on each other, in each pure files that decide and worlds that touch.

A world is called C(world.py) or C(world_NAME.py); every other file is pure.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

UTILS = Path(__file__).resolve().parents[2] / "plugins" / "module_utils"
TESTS = Path(__file__).resolve().parent / "plugins" / "module_utils"
OURS = ("ansible_collections", "hydra", "swarm", "plugins", "module_utils")
# From the ground up: a package imports itself and those before it.
PACKAGES = [
    "common",
    "engine",
    "server",
    "gpu",
    "machine",
    "lab",
    "swarm",
    "drill",
    "image",
    "storage",
    "stack",
    "student",
    "backup",
    "report",
]
# What of the standard library neither reads nor changes anything outside the process.
PURE = {
    "__future__",
    "base64",
    "collections.abc",
    "dataclasses",
    "functools",
    "hashlib",
    "hmac",
    "ipaddress",
    "itertools",
    "json",
    "posixpath",
    "re",
    "shlex",
    "typing",
    "urllib.parse",
    "zlib",
}
TOUCHING = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"}


def is_world(name: str) -> bool:
    return name == "world" or name.startswith("world_")


def imported(path: Path, tree: ast.AST) -> Iterator[tuple[str, ...]]:
    """What a file imports, name by name: ('json',), or ('', 'swarm', 'nodes', 'Node') for what is ours."""
    package = (*OURS, *path.relative_to(UTILS).parts[:-1])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (*base, *(node.module or "").split(".")) if node.module else base
            if module[: len(OURS)] == OURS:
                yield from (("", *module[len(OURS) :], alias.name) for alias in node.names)
            else:
                yield module


def troubles(path: Path, source: str) -> list[str]:
    """What a file of the house may not do; C(path) says where it stands."""
    found = []
    tree = ast.parse(source)
    room = path.relative_to(UTILS).parts[0]
    pure = not is_world(path.stem)
    for module in imported(path, tree):
        name = ".".join(part for part in module if part)
        if module[0] == "":
            if PACKAGES.index(module[1]) > PACKAGES.index(room):
                found.append(f"imports {name}, which stands above {room}")
            if pure and any(is_world(part) for part in module):
                found.append(f"is pure and imports the world {name}")
        elif module[0] in ("ansible", "ansible_collections"):
            found.append(f"knows Ansible: {name}")
        elif pure and name not in PURE:
            found.append(f"is pure and imports {name}")
    for node in ast.walk(tree):
        if pure and isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TOUCHING:
            found.append(f"is pure and calls {node.func.id}")
    if "fail_json" in source:
        found.append("fails a task, which only modules do")
    return found


def files() -> list[Path]:
    found = sorted(UTILS.rglob("*.py"))
    assert found, f"there are no files below {UTILS}"
    return found


def name_of(path: Path) -> str:
    return path.relative_to(UTILS).as_posix()


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_a_file_keeps_to_its_place(path: Path) -> None:
    assert path.parent != UTILS, "a file belongs into a package"
    assert troubles(path, path.read_text(encoding="utf-8")) == []


def test_the_packages_are_those_in_the_list() -> None:
    assert {path.relative_to(UTILS).parts[0] for path in files()} == set(PACKAGES)


def test_a_package_has_a_size_to_be_looked_through() -> None:
    packages = {path.parent for path in files()}
    assert {str(one): len(list(one.glob("*.py"))) for one in packages if len(list(one.glob("*.py"))) > 15} == {}


def test_tests_lie_where_what_they_test_lies() -> None:
    tests = sorted(TESTS.rglob("test_*.py"))
    assert tests
    tested = [path.relative_to(TESTS).with_name(path.name.removeprefix("test_")) for path in tests]
    assert [str(path) for path in tested if not (UTILS / path).exists()] == []


def test_every_module_has_a_test() -> None:
    """Of what it takes, refuses and returns; what it decides and does is tested where that is written."""
    modules = {path.name for path in (UTILS.parent / "modules").glob("*.py")}
    tests = {path.name.removeprefix("test_") for path in (TESTS.parent / "modules").glob("test_*.py")}
    assert modules and modules - tests == set()
    assert tests - modules == set()


@pytest.mark.parametrize(
    ("place", "source", "trouble"),
    [
        ("swarm/x.py", "from ..common.errors import Refusal", []),
        ("swarm/x.py", "from . import nodes", []),
        ("swarm/x.py", "from .. import stack", ["imports stack, which stands above swarm"]),
        ("swarm/x.py", "from ..stack.file import report", ["imports stack.file.report, which stands above swarm"]),
        ("swarm/x.py", f"from {'.'.join(OURS)}.report import text", ["imports report.text, which stands above swarm"]),
        ("swarm/world_x.py", "from ..stack import plan", ["imports stack.plan, which stands above swarm"]),
        ("stack/file/x.py", "from .. import world", ["is pure and imports the world stack.world"]),
        ("stack/file/x.py", "from ...engine.world import Engine", ["is pure and imports the world engine.world.Engine"]),
        ("swarm/x.py", "from ..common.world_wait import until", ["is pure and imports the world common.world_wait.until"]),
        ("swarm/x.py", "def f():\n    import os", ["is pure and imports os"]),
        ("swarm/x.py", "import os.path", ["is pure and imports os.path"]),
        ("swarm/x.py", "from pathlib import Path", ["is pure and imports pathlib"]),
        ("swarm/x.py", "text = open('x').read()", ["is pure and calls open"]),
        ("swarm/world.py", "import os\nopen('x')", []),
        ("swarm/world.py", "from ansible.module_utils.basic import AnsibleModule", ["knows Ansible: ansible.module_utils.basic"]),
        ("swarm/world.py", "module.fail_json(msg='')", ["fails a task, which only modules do"]),
        ("swarm/worldly.py", "import os", ["is pure and imports os"]),
    ],
)  # fmt: skip
def test_what_leaves_its_place_is_found(place: str, source: str, trouble: list[str]) -> None:
    assert troubles(UTILS / place, source) == trouble
