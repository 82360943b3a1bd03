# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ansible_collections.hydra.swarm.plugins.action.nfs_probe import ActionModule
from ansible_collections.hydra.swarm.plugins.modules import nfs_probe


def run(paths: list[str], printed: str) -> tuple[dict[str, Any], list[str]]:
    """The result, and the scripts that the machine's shell was given."""
    scripts: list[str] = []

    def shell(script: str) -> str:
        scripts.append(script)
        return printed

    module = SimpleNamespace(params={"server": "10.0.0.5", "exports": paths, "timeout": 9})
    return nfs_probe.run(module, shell), scripts


def test_one_question_for_all_exports() -> None:
    result, scripts = run(["/a", "/b"], "hydra-nfs 0\nhydra-nfs 1 no\n")
    assert result == {"changed": False, "unserved": ["NFS server 10.0.0.5 does not serve /b: no"]}
    assert [("/a?" in script, "/b?" in script, "timeout 9 " in script) for script in scripts] == [(True, True, True)]


def test_without_exports_nobody_is_asked() -> None:
    assert run([], "") == ({"changed": False, "unserved": []}, [])


def test_no_python_is_started_on_the_machine() -> None:
    action = ActionModule(SimpleNamespace(), SimpleNamespace(transport="ssh"), SimpleNamespace(), None, None, None)
    assert action._here()
    # A shell that fails says why on its other channel.
    for done, said in (({"stdout": "", "stderr": "no sudo"}, "no sudo"), ({"stdout": "yes", "stderr": "motd"}, "yes")):
        action._low_level_execute_command = lambda script, done=done: done
        assert action._shell("true") == said
