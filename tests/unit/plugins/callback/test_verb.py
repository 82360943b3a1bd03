# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[4]
PLAYBOOK = """\
- name: Empty stage
  hosts: nobody
  gather_facts: false
  tasks: [{name: Never, ansible.builtin.debug: {msg: never}}]
- name: Work
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - {name: Nothing new, ansible.builtin.debug: {msg: hidden}}
    - {name: Changed, ansible.builtin.command: "true"}
    - {name: Skipped, ansible.builtin.debug: {msg: hidden}, when: false}
    - {name: Ignored, ansible.builtin.fail: {msg: hidden}, ignore_errors: true}
    - {name: Awaited, ansible.builtin.command: "false", changed_when: false, ignore_errors: true,
       register: awaited, until: awaited.rc == 0, retries: 1, delay: 0}
    - {name: Report, ansible.builtin.debug: {msg: "{\\n  \\"a\\": 1\\n}"}, tags: [report]}
    - {name: Broken, ansible.builtin.fail: {msg: "first line\\nsecond line"}}
"""
FAILURE = "-- Broken\nFAILED [localhost]: first line\nsecond line\n"


def played(folder: Path, plays: Any, *options: str, inventory: str = "localhost,") -> subprocess.CompletedProcess[str]:
    """A playbook's end, in this folder and with its settings."""
    (folder / "play.yml").write_text(plays if isinstance(plays, str) else json.dumps(plays), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", inventory, str(folder / "play.yml")]
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "hydra.swarm.verb", "ANSIBLE_NOCOLOR": "1"}
    environment |= {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    return subprocess.run([*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(name="run")
def _run(tmp_path: Path):
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        done = played(tmp_path, PLAYBOOK, *options)
        assert done.returncode == 2, done.stderr
        return done

    return run


def test_what_a_student_wrote_commands_no_terminal(tmp_path: Path) -> None:
    task = {"ansible.builtin.fail": {"msg": "the end of its log: \x1b[2J\x9b{{ '{{' }} 7 * 7 }}"}}
    report = {"ansible.builtin.debug": {"msg": "waits for \x1b]0;x\x07"}, "tags": ["report"]}
    tasks = [{"name": "Report", **report}, {"name": "Fails", **task}]
    done = played(
        tmp_path, [{"name": "x", "hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]
    )
    assert "waits for \\x1b]0;x\\x07\n" in done.stdout
    assert "the end of its log: \\x1b[2J\\x9b{{ 7 * 7 }}\n" in done.stdout + done.stderr
    assert not set("\x1b\x07\x9b") & set(done.stdout + done.stderr)


def test_text(run) -> None:
    stdout = run().stdout
    told, _heading, recap = stdout.partition("\nPLAY RECAP")
    assert told == '== Work\n-- Changed\nchanged: [localhost]\n{\n  "a": 1\n}\n' + FAILURE
    assert "changed=1 " in recap
    assert "failed=1 " in recap


def test_json(run) -> None:
    done = run("-e", "format=json")
    assert done.stdout == '{\n  "a": 1\n}\n'
    assert FAILURE in done.stderr


def test_verbosity_shows_all(run) -> None:
    stdout = run("-v").stdout
    for line in ("PLAY [Empty stage]", "TASK [Nothing new]", "skipping: [localhost]"):
        assert line in stdout


@pytest.mark.parametrize(("options", "status", "told"), [([], 0, ""), (["-e", "down=true"], 2, "failed=1 ")])
def test_a_report_may_be_a_failure(tmp_path: Path, options: list[str], status: int, told: str) -> None:
    task = {"debug": {"msg": "the\nreport"}, "tags": "report", "failed_when": "down | default(false) | bool"}
    done = played(tmp_path, [{"hosts": "localhost", "connection": "local", "tasks": [task]}], *options)
    assert (done.returncode, done.stdout.startswith("== localhost\nthe\nreport\n")) == (status, True)
    assert told in done.stdout
    assert "FAILED" not in done.stdout + done.stderr


def test_no_verbosity_shows_what_looks_like_a_secret(tmp_path: Path) -> None:
    document = {"environment": {"DB_PASSWORD": 'hunter"2', "LEVEL": "verbose"}, "env": ["API_TOKEN=abcdef"]}
    task = {"debug": {"msg": {**document, "url": "pg://me:pw1234@db"}}}
    done = played(tmp_path, [{"hosts": "localhost", "connection": "local", "tasks": [task]}], "-vvv")
    assert done.returncode == 0 and "verbose" in done.stdout and "pg://me:(hidden)@db" in done.stdout
    assert not [word for word in ("hunter", "abcdef", "pw1234") if word in done.stdout + done.stderr]


def test_a_report_of_several_items_is_all_of_them(tmp_path: Path) -> None:
    task = {"debug": {"msg": "{{ item }} is\nso"}, "tags": "report", "loop": ["a", "b"]}
    done = played(tmp_path, [{"hosts": "localhost", "connection": "local", "tasks": [task]}])
    assert done.stdout.startswith("== localhost\na is\nso\nb is\nso\n\nPLAY RECAP"), done.stdout


def test_plays_that_found_no_host_are_no_success(tmp_path: Path) -> None:
    nobody = {"hosts": "managers", "tasks": [{"debug": {"msg": "never"}}]}
    done = played(tmp_path, [nobody, {**nobody, "hosts": ["workers", "managers"]}])
    assert done.returncode == 1
    assert "Nothing was done: inventory localhost, has no host for managers, workers; name one that has" in done.stderr
    done = played(
        tmp_path, [nobody, {"hosts": "localhost", "connection": "local", "tasks": [{"debug": {"msg": "done"}}]}]
    )
    assert (done.returncode, done.stderr.count("Nothing was done")) == (0, 0)


def test_an_inventory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    done = played(tmp_path, [{"hosts": "localhost", "tasks": []}], inventory=str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Completely failed to parse inventory source {tmp_path}/nowhere" in done.stderr


WORK = {
    "hosts": "localhost",
    "connection": "local",
    "gather_facts": False,
    "tasks": [{"debug": {"msg": "done"}, "tags": "report"}],
}
MISSPELT = "swarm_node_lables (group all) is no variable of hydra.swarm; did you mean swarm_node_labels?"


@pytest.fixture
def misspelt(tmp_path: Path) -> Path:
    """An inventory with a variable that nobody reads."""
    inventory = tmp_path / "inventory"
    (inventory / "group_vars").mkdir(parents=True)
    (inventory / "hosts.yml").write_text("all: {hosts: {localhost: }}")
    (inventory / "group_vars/all.yml").write_text("swarm_node_lables: {}")
    return inventory


def test_a_misspelt_variable_is_refused_before_the_first_play(tmp_path: Path, misspelt: Path) -> None:
    done = played(tmp_path, [WORK], inventory=str(misspelt))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Nothing was touched: the inventory breaks 1 rule(s).\n- {MISSPELT}" in done.stderr
    (misspelt / "group_vars/all.yml").write_text(
        "{swarm_node_lables: {}, preflight_own_variables: [swarm_node_lables]}"
    )
    done = played(tmp_path, [WORK], inventory=str(misspelt))
    assert (done.returncode, done.stdout.splitlines()[1]) == (0, "done")


def test_where_the_inventory_is_checked_anyway_all_rules_are_told_at_once(tmp_path: Path, misspelt: Path) -> None:
    check = {"hydra.swarm.inventory_check": {"members": [], "two_roles": ["hydra"]}}
    done = played(tmp_path, [{**WORK, "tasks": [check]}], inventory=str(misspelt))
    assert done.returncode == 2
    assert MISSPELT in done.stdout
    assert "- host hydra is in group managers and in group workers" in done.stdout


@pytest.mark.parametrize("playbook", ["swarm-up", "preflight"])
def test_verbs_with_a_preflight_are_checked_there(playbook: str, misspelt: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("ansible-playbook")),
        "-i",
        str(misspelt),
        f"playbooks/{playbook}.yml",
    ]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert MISSPELT in done.stdout
