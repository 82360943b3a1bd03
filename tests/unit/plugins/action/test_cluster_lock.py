# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two runs, of which the second waits: whoever sits before it sees at once for whom."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[4]
SECONDS = 30


def start(folder: Path, name: str, *tasks: dict[str, Any]) -> Any:
    lock = {"hydra.swarm.cluster_lock": {"cluster": "c", "doing": name, "timeout": SECONDS}}
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [lock, *tasks]}
    (folder / f"{name}.yml").write_text(json.dumps([play]), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", str(folder / f"{name}.yml")]
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "XDG_STATE_HOME": str(folder)}
    environment |= {"ANSIBLE_STDOUT_CALLBACK": "hydra.swarm.verb", "ANSIBLE_NOCOLOR": "1"}
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)


def said(run: Any, words: str) -> str:
    """What a run has printed by the time that it says these words."""
    text, deadline = "", time.monotonic() + SECONDS
    while words not in text and time.monotonic() < deadline:
        if select.select([run.stdout], [], [], 1)[0]:
            piece = os.read(run.stdout.fileno(), 4096).decode()
            text += piece
            if not piece:
                break
    return re.sub(r"\s+", " ", text)


def test_who_waits_is_told_at_once_for_whom(tmp_path: Path) -> None:
    go = tmp_path / "go"
    held = {"debug": {"msg": "it is held"}, "tags": "report"}
    # Until the file is there.
    first = start(tmp_path, "swarm-up", held, {"ansible.builtin.wait_for": {"path": str(go), "sleep": 1}})
    try:
        assert "it is held" in said(first, "it is held")
        second = start(tmp_path, "swarm-down", {"debug": {"msg": "now we"}, "tags": "report"})
        told = said(second, "to end")
        assert re.search(
            r"cluster c: waiting for swarm-up by \S+ \(process \d+, since \d\d:\d\d:\d\d\) to end", told
        ), told
        assert first.poll() is None and "now we" not in told
        go.touch()
        assert "now we" in said(second, "PLAY RECAP")
        assert (first.wait(SECONDS), second.wait(SECONDS)) == (0, 0)
    finally:
        first.kill()
        second.kill()
