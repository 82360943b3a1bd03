# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""scripts/parts runs targets of a Makefile side by side, hides no failure, and says how long each took."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PARTS = Path(__file__).resolve().parents[2] / "scripts/parts"
MAKEFILE = """
good:
\t@echo '===== 7 passed, 1 skipped in 2.00s ====='; printf '  │ ==== 5\\n  │  passed in\\n  │   3.00s ===\\n'
quiet:
\t@true
bad:
\t@echo the reason; exit 3
red:
\t@echo one; echo '1 failed, 2 passed, 1 error in 0.10s'; echo '== What failed in it'; seq 100
\t@echo 'FAILED ../../tests/integration/safety/test_a.py::test_b[c d] - assert 1 == 2'; exit 1
# Each ends when the other has begun.
one two:
\t@touch $@.begun; for i in $$(seq 100); do test -e one.begun -a -e two.begun && exit 0; sleep 0.1; done; exit 1
"""


@pytest.fixture
def parts(tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "scripts").mkdir()
    shutil.copy(PARTS, tmp_path / "scripts")
    (tmp_path / "Makefile").write_text(MAKEFILE)

    def run(*phases: str) -> tuple[int, str]:
        done = subprocess.run([tmp_path / "scripts/parts", *phases], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        return done.returncode, re.sub(r" +\d+:\d\d ", " TIME ", re.sub(r"\d\d:\d\d:\d\d", "NOW", done.stdout))

    return run


def test_all_is_well(parts) -> None:  # type: ignore[no-untyped-def]
    status, said = parts("first: good quiet", "second: quiet")
    assert status == 0
    assert said.endswith(
        "first TIME  ok\n  good TIME  ok, 12 tests passed\n  quiet TIME  ok\nsecond TIME  ok\n  quiet TIME  ok\n"
        "14 passed, 0 failed, 1 skipped\n"
    )


def test_one_that_fails_is_shown_and_the_others_run(parts, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    status, said = parts("first: bad good", "second: quiet")
    assert status == 1
    assert "NOW bad: FAILED (2), 0:00\nthe reason\nmake: *** [Makefile:" in said
    assert said.endswith(
        "first TIME  FAILED: bad\n  bad TIME  FAILED (2)\n  good TIME  ok, 12 tests passed\nsecond TIME  ok\n  quiet TIME  ok\n"
        "13 passed, 1 failed, 1 skipped\n"
    )
    assert "the reason" in (tmp_path / ".ansible/parts/bad.log").read_text()


def test_what_a_part_says_of_its_failure_is_shown_whole(parts) -> None:  # type: ignore[no-untyped-def]
    status, said = parts("all: red quiet")
    assert status == 1
    assert "== What failed in it\n1\n2\n" in said
    assert said.endswith(
        "  red TIME  FAILED (2), 2 tests passed\n  quiet TIME  ok\n3 passed, 2 failed\n"
        "FAILED in red: safety/test_a.py::test_b[c d] - assert 1 == 2\n"
    )


def test_lanes_run_at_the_same_time(parts) -> None:  # type: ignore[no-untyped-def]
    assert parts("both: one | two")[0] == 0


def test_what_is_no_target_is_a_failure(parts) -> None:  # type: ignore[no-untyped-def]
    status, said = parts("first: nowhere")
    assert status == 1 and "No rule to make target" in said
