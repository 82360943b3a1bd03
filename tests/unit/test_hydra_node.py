# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a machine of the development cluster says in its log, of which swarm-up quotes the end."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TEXT = (Path(__file__).resolve().parents[2] / "roles/node_image/files/hydra-node").read_text(encoding="utf-8")


def test_who_was_awaited_and_for_how_long_is_said() -> None:
    program = re.search(r"gossip_answers\(\) .*?<< 'END'\n(.*?)\nEND\n", TEXT, re.DOTALL)
    assert program
    command = [sys.executable, "-IS", "-", "0.1", "127.0.0.77", "127.0.0.78"]
    done = subprocess.run(command, input=program[1], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        1,
        "hydra-node: waited 0.1 s for a manager to answer on port 7946 (127.0.0.77, 127.0.0.78)\n",
    )
