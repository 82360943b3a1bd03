# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module's own code, run by the Python of a machine that is a container, without Ansible.

What it needs of this collection travels with it as text, by the standard input of one exec. That takes a third of what
shipping the module takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from ..common.errors import EngineError
from .world_sdk import connect, doing
from .world_tunnel import Conversation

PLUGINS = Path(__file__).resolve().parents[2]
NAME = __name__.split(".module_utils.", maxsplit=1)[0]
BASIC = "ansible.module_utils.basic"
IMPORT = re.compile(r"^\s*from (\.+)([\w.]*) import (?:\(([^)]*)\)|(.*))$", re.MULTILINE)
# Runs what one line of JSON says, and answers with one. Only its main(), which is left out, needs AnsibleModule.
PROGRAM = """
import importlib, json, sys
from importlib.machinery import ModuleSpec
said = json.loads(sys.stdin.buffer.readline())
texts, warnings = said["texts"], []
class Texts:
    @staticmethod
    def find_spec(name, path=None, target=None):
        return ModuleSpec(name, Texts, origin=name, is_package=texts[name] is None) if name in texts else None
    @staticmethod
    def create_module(spec):
        return None
    @staticmethod
    def exec_module(module):
        exec(compile(texts[module.__name__] or "", module.__name__, "exec"), module.__dict__)
class Task:
    params, check_mode, warn = said["params"], said["check_mode"], staticmethod(warnings.append)
sys.meta_path.insert(0, Texts)
try:
    result = importlib.import_module(said["module"]).run(Task)
except importlib.import_module(said["errors"]).HydraError as error:
    result = {"failed": True, "msg": str(error)}
print(json.dumps({**result, "warnings": warnings} if warnings else result), flush=True)
# An engine under load can lose what a command writes just before it ends, so it ends when its answer was read.
sys.stdin.buffer.read()
"""


def texts(module: ModuleType) -> dict[str, str | None]:
    """The module and all that it imports of this collection, by name; None stands for a package."""
    found: dict[str, str | None] = {BASIC: "AnsibleModule = None"}
    waiting = [module.__name__.removeprefix(f"{NAME}."), "module_utils.common.errors"]
    while waiting:
        name = waiting.pop()
        if f"{NAME}.{name}" not in found:
            text = (PLUGINS / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")
            found[f"{NAME}.{name}"] = text
            waiting += _imported(name, text)
    packages = {name.rsplit(".", depth)[0] for name in found for depth in range(1, name.count(".") + 1)}
    return {**found, **dict.fromkeys(packages)}


def _imported(name: str, text: str) -> Iterator[str]:
    for dots, tail, several, one in IMPORT.findall(text):
        base = ".".join([*name.split(".")[: -len(dots)], *filter(None, [tail])])
        words = [base, *(f"{base}.{word.split()[0]}" for word in (several or one).split(",") if word.strip())]
        yield from (word for word in words if (PLUGINS / f"{word.replace('.', '/')}.py").is_file())


def run_there(machine: str, module: ModuleType, params: Mapping[str, Any], check_mode: bool, timeout: float) -> Any:
    """The result of C(module.run) in the container C(machine); a HydraError there is a result that failed."""
    said = {
        "module": module.__name__,
        "errors": f"{NAME}.module_utils.common.errors",
        "texts": texts(module),
        "params": params,
        "check_mode": check_mode,
    }
    with doing(machine):
        conversation = Conversation(connect(), machine, ["python3", "-Ic", PROGRAM], timeout)
    try:
        conversation.sendall(json.dumps(said).encode() + b"\n")
        with conversation.makefile() as answers:
            return json.loads(answers.readline())
    except (OSError, ValueError) as error:
        what = module.__name__.rpartition(".")[2]
        raise EngineError(f"{machine}: {what} gave no answer there ({error})") from error
    finally:
        conversation.close()
