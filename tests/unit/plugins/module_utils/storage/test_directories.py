# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which names lead to a directory below an export, and what it ends up as."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.storage import directories as core

RULE = "it must be of lower-case letters, digits and '-', start with a letter and have at most 31 characters"
FOUND = core.Found(1000, 1000, 0o700)
HERE = {"path": "/e/ada/ml", "state": "directory", "owner": 1000, "group": 1000, "mode": "0700"}
GONE = {"path": "/e/ada/ml", "state": "absent"}


def wish(**more: Any) -> core.Wish:
    plain = {"owner": 1000, "group": 1000, "mode": 0o700, "quota": None, "state": "present", "purge": False}
    return core.Wish(root="/e", parts=("ada", "ml"), **{**plain, **more})


@pytest.mark.parametrize(
    ("found", "wanted", "quotas", "before", "after"),
    [
        (None, wish(), True, GONE, HERE),
        (FOUND, wish(), True, HERE, HERE),
        (FOUND, wish(mode=0o750, group=5), False, HERE, {**HERE, "mode": "0750", "group": 5}),
        (core.Found(0, 0, 0o700), wish(), True, {**HERE, "owner": 0, "group": 0}, HERE),  # a run was killed in between
        (None, wish(quota=2048), True, GONE, {**HERE, "quota": 2048}),
        (FOUND, wish(quota=2048), True, {**HERE, "quota": 0}, {**HERE, "quota": 2048}),
        (FOUND, wish(quota=2048), False, HERE, HERE),
        (core.Found(1000, 1000, 0o700, 2048), wish(quota=0), True, {**HERE, "quota": 2048}, {**HERE, "quota": 0}),
        (core.Found(1000, 1000, 0o700, 2048), wish(), True, HERE, HERE),
        (FOUND, wish(state="absent"), True, HERE, HERE),  # the data stays
        (FOUND, wish(state="absent", purge=True), True, HERE, GONE),
        (None, wish(state="absent", purge=True), True, GONE, GONE),
    ],
)
def test_plan(found: Any, wanted: core.Wish, quotas: bool, before: dict[str, Any], after: dict[str, Any]) -> None:
    change = core.plan(found, wanted, quotas)
    assert (change.before, change.after) == (before, after)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "parts is empty: name at least one directory below the root, for example [student1, ml]"),
        (["ada", "../bob"], f"parts '../bob': {RULE}, for example [student1, ml]"),
        (["ada", "/etc"], f"parts '/etc': {RULE}, for example [student1, ml]"),
        (["", ".."], f"parts '': {RULE}; '..': {RULE}, for example [student1, ml]"),
        (["ada", "x" * 32], f"parts '{'x' * 32}': {RULE}, for example [student1, ml]"),
    ],
)
def test_parts_that_lead_elsewhere(parts: list[str], message: str) -> None:
    with pytest.raises(Refusal) as caught:
        core.check_parts(parts)
    assert str(caught.value) == message


def test_parts() -> None:
    assert core.check_parts(["ada", "ml-2"]) == ("ada", "ml-2")


def test_root() -> None:
    assert core.check_root("/exports/x/") == "/exports/x"
    for wrong in ("exports", "/exports/../etc", "", "/", "//"):
        with pytest.raises(Refusal) as caught:
            core.check_root(wrong)
        assert str(caught.value) == (
            f"root {wrong!r}: it must be an absolute path below /, without '..', for example /exports/student-volumes"
        )


@pytest.mark.parametrize(("text", "mode"), [("0700", 0o700), ("755", 0o755)])
def test_mode(text: str, mode: int) -> None:
    assert core.check_mode(text) == mode


@pytest.mark.parametrize("wrong", [700, 0o700, "rwx", "0888", "4755", ""])
def test_a_mode_that_is_none(wrong: Any) -> None:
    with pytest.raises(Refusal) as caught:
        core.check_mode(wrong)
    assert str(caught.value) == f"mode {wrong!r}: it must be an octal string of three digits, for example '0700'"


@pytest.mark.parametrize(("text", "quota"), [(None, None), ("", None), ("0", 0), ("10g", 10 * 2**30), ("1500", 1024)])
def test_quota(text: str | None, quota: int | None) -> None:
    assert core.check_quota(text) == quota


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("much", "quota: size 'much' is not a number with one of the units b, k, m, g, t: write it like 512m or 2g"),
        ("10", "quota '10': the least is 1k; for no limit write 0"),
    ],
)
def test_a_quota_that_is_none(text: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        core.check_quota(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(("owner", "mode"), [(1000, 0o755), (0, 0o775), (0, 0o1777)])
def test_what_is_above_must_be_roots_alone(owner: int, mode: int) -> None:
    with pytest.raises(Refusal) as caught:
        core.check_above("/e/ada", owner, mode)
    assert str(caught.value) == (
        f"/e/ada belongs to user {owner} and has mode {mode:04o}: it must be root's, and writable by nobody else, or others "
        "could replace what is in it. Look at what it is, then: chown root:root /e/ada && chmod 0755 /e/ada"
    )


@pytest.mark.parametrize("mode", [0o755, 0o700, 0o711])
def test_what_is_above_and_right(mode: int) -> None:
    core.check_above("/e/ada", 0, mode)


MOUNTS = """overlay / overlay rw,relatime 0 0
/dev/vda /exports ext4 rw,relatime 0 0
/dev/vdb /exports/with\\040space xfs rw,prjquota 0 0
/dev/vdc /exports ext4 rw,prjquota 0 0
"""


@pytest.mark.parametrize(
    ("path", "mount"),
    [
        ("/exports/ada", ("ext4", "/dev/vdc", "rw,prjquota")),
        ("/exports", ("ext4", "/dev/vdc", "rw,prjquota")),
        ("/exports/with space/x", ("xfs", "/dev/vdb", "rw,prjquota")),
        ("/exports2", ("overlay", "overlay", "rw,relatime")),
    ],
)
def test_the_mount_of_a_path(path: str, mount: tuple[str, str, str]) -> None:
    assert core.mount_of(path, MOUNTS) == mount


@pytest.mark.parametrize(
    ("mount", "reason"),
    [
        (
            ("overlay", "overlay", "rw"),
            "overlay on overlay has no project quotas; XFS and ext4 have, mounted with prjquota",
        ),
        (("ext4", "/dev/vda", "rw,relatime"), "ext4 on /dev/vda is not mounted with prjquota"),
        (("xfs", "/dev/vdb", "rw,pquota"), "the kernel refuses it for xfs on /dev/vdb (Operation not permitted)"),
    ],
)
def test_why_there_is_no_quota(mount: tuple[str, str, str], reason: str) -> None:
    assert core.quota_reason(*mount, "Operation not permitted") == reason
    assert core.quota_line("/e/ada/ml", 10 * 2**30, reason) == f"/e/ada/ml: no quota of 10 GiB is set, since {reason}"


def test_project_numbers() -> None:
    numbers = list(islice(core.project_ids("/e/ada/ml"), 5))
    assert len(set(numbers)) == 5 and all(0 < number < 2**31 for number in numbers)
    assert numbers == list(islice(core.project_ids("/e/ada/ml"), 5)) != list(islice(core.project_ids("/e/ada/x"), 5))
