# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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


@pytest.fixture(name="run")
def _run(tmp_path: Path):
    playbook = tmp_path / "play.yml"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", str(playbook)]
    environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "hydra.swarm.verb", "ANSIBLE_NOCOLOR": "1"}
    environment["ANSIBLE_LOCALHOST_WARNING"] = "false"

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2, done.stderr
        return done

    return run


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
