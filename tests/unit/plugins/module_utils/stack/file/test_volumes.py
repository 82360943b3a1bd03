# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.kinds import read
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import UNKNOWN, Report
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.volumes import mounts, tmpfs

FORM = "write it like data:/path, ./folder:/path:ro or /path"
PATH = ("services", "web", "volumes")


def mounted(value: Any, report: Report) -> Any:
    return read(mounts("/stacks/core", "/home/me"), [value], PATH, report)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/data", {"type": "volume", "target": "/data"}),
        ("data:/data", {"type": "volume", "source": "data", "target": "/data"}),
        ("data:/data:rw,z", {"type": "volume", "source": "data", "target": "/data"}),
        (
            "data:/data:ro,nocopy",
            {"type": "volume", "source": "data", "target": "/data", "read_only": True, "volume": {"nocopy": True}},
        ),
        (
            "/a:/b:ro,rslave",
            {"type": "bind", "source": "/a", "target": "/b", "read_only": True, "bind": {"propagation": "rslave"}},
        ),
        ("~/x:/x", {"type": "bind", "source": "/home/me/x", "target": "/x"}),
        ("C:\\data:/x", {"type": "bind", "source": "C:\\data", "target": "/x"}),
        (
            {"type": "volume", "source": "d", "target": "/d", "read_only": "true", "volume": {"nocopy": "yes"}},
            {"type": "volume", "source": "d", "target": "/d", "read_only": True, "volume": {"nocopy": True}},
        ),
        (
            {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "1m"}},
            {"type": "tmpfs", "target": "/t", "tmpfs": {"size": 1048576}},
        ),
        (
            {"type": "bind", "source": "/a", "target": "/b", "bind": {}},
            {"type": "bind", "source": "/a", "target": "/b"},
        ),
    ],
)
def test_a_mount_has_one_form(value: Any, expected: dict[str, Any]) -> None:
    report = Report()
    assert mounted(value, report) == [expected]
    assert (report.problems, report.notes) == ([], [])


@pytest.mark.parametrize(
    ("source", "resolved"), [("./html", "/stacks/core/html"), ("../x/", "/stacks/x"), (".", "/stacks/core")]
)
def test_a_relative_bind_starts_at_the_file_and_is_noted(source: str, resolved: str) -> None:
    report = Report()
    assert mounted(f"{source}:/h", report) == [{"type": "bind", "source": resolved, "target": "/h"}]
    assert report.notes == [f"web: /h is {resolved}, which has to be there on each node it runs on"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", f"'' is no volume; {FORM}"),
        ("a::b", f"'a::b' is no volume; {FORM}"),
        (":/b", f"':/b' is no volume; {FORM}"),
        ("a:b:c:d", f"'a:b:c:d' is no volume; {FORM}"),
        (
            {"source": "a"},
            "type and target of the mount is missing; write it like type: volume, source: data, target: /path",
        ),
        ({"type": "bind", "target": "/b"}, "source of the mount of type bind is missing"),
        ({"type": "tmpfs", "target": "/b", "source": "a"}, "a tmpfs has no source; take it out"),
        (
            {"type": "volume", "target": "/b", "tmpfs": {"size": "1"}},
            "options of tmpfs do not fit a mount of type volume; take them out",
        ),
        (
            {"type": "volume", "source": "a", "target": "/b", "volume": {"subpath": "x"}},
            "Swarm mounts no subpath of a volume, and would mount all of it; use a volume of its own",
        ),
    ],
)
def test_a_bad_mount_is_reported(value: Any, problem: str) -> None:
    report = Report("f")
    assert mounted(value, report) == []
    assert report.problems == [f"f:1:1: services.web.volumes[0]: {problem}"]


def test_what_is_not_known_is_no_second_problem() -> None:
    report = Report()
    assert mounted({"type": "volume", "target": UNKNOWN}, report) == []
    assert report.problems == []


def test_tmpfs_becomes_mounts() -> None:
    report = Report()
    assert tmpfs(["/run", "/tmp:size=64m,mode=1777,ro"], ("services", "web", "tmpfs"), report) == [
        {"type": "tmpfs", "target": "/run"},
        {"type": "tmpfs", "target": "/tmp", "tmpfs": {"size": 67108864}, "read_only": True},
    ]
    assert report.notes == ["web: Swarm ignores mode=1777 of tmpfs /tmp"]
