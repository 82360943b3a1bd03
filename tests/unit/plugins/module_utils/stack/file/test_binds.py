# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file import binds


def node(name: str, **more: Any) -> dict[str, Any]:
    facts = {"availability": "active", "status": "ready", "labels": {"disk": name}, "engine_labels": {}}
    return {"name": name, "role": "worker", "id": name, "platform": "linux/x86_64", **facts, **more}


def service(*sources: str, constraint: str = "") -> dict[str, Any]:
    mounts = [{"type": "bind", "source": source, "target": "/x"} for source in sources]
    return {
        "volumes": [*mounts, {"type": "volume", "source": "data", "target": "/y"}, {"type": "tmpfs", "target": "/t"}],
        "deploy": {"placement": {"constraints": [constraint] if constraint else []}},
    }


NODES = [node("a"), node("b"), node("c", status="down")]


def test_what_has_to_be_there_and_where() -> None:
    document = {
        "services": {
            "web": service("/srv/www", "/var/run/docker.sock", "/exports/x", "/srv/{{.Task.Slot}}", "C:\\data"),
            "other": service("/srv/www", "/exportsx", constraint="node.labels.disk == a"),
            "none": {},
        }
    }
    assert binds.wanted(document, NODES, "/exports") == [
        {"path": "/exportsx", "services": ["other"], "nodes": ["a"]},
        {"path": "/srv/www", "services": ["web", "other"], "nodes": ["a", "b"]},
    ]
    assert [one["path"] for one in binds.wanted(document, NODES)] == ["/exports/x", "/exportsx", "/srv/www"]


@pytest.mark.parametrize(
    ("lacking", "found"),
    [
        (
            {"a": ["/srv/www"], "b": ["/etc/x", "/srv/www"]},
            "web, api: /srv/www is to be mounted, and is on no node that may run it (a, b); Swarm makes no folder for a "
            "bind: make it there, or use a volume",
        ),
        ({"a": ["/srv/www"], "b": []}, ""),
        # One that did not answer may have it.
        ({"a": ["/srv/www"]}, ""),
        ({}, ""),
    ],
)
def test_what_is_nowhere(lacking: dict[str, list[str]], found: str) -> None:
    wanted = [{"path": "/srv/www", "services": ["web", "api"], "nodes": ["a", "b"]}]
    assert binds.problems(wanted, lacking) == ([found] if found else [])


def test_who_answered_what() -> None:
    results = [
        {"item": "one", "rc": 0, "stdout": "/a\r\n/b c\r\n"},
        {"item": "two", "rc": 0, "stdout": ""},
        {"item": "three", "rc": 127, "stdout": ""},
        {"item": "four", "unreachable": True},
    ]
    names = {"one": "node-1", "two": "node-2", "three": "node-3", "four": "node-4"}
    assert binds.answered(results, names) == {"node-1": ["/a", "/b c"], "node-2": []}
