# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.diff import differing, masked, narrowed

ID = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("nginx", "docker.io/library/nginx:latest", True),
        ("nginx:1", "nginx:1@" + ID, True),
        ("nginx", "nginx@" + ID, False),
        ("nginx:1", "nginx:2", False),
        (ID, ID, True),
        ("No Name", "No Name", True),
    ],
)
def test_names_of_images_are_compared_in_full(one: str, other: str, same: bool) -> None:
    assert differing({"image": one}, {"image": other}) == ([] if same else ["image"])


def test_only_what_differs_is_shown() -> None:
    before = {"env": {"A": "1", "B": "2"}, "replicas": 2, "user": "1"}
    after = {"env": {"A": "1", "B": "3", "C": "4"}, "replicas": 3}
    keys = differing(before, after)
    assert keys == ["env", "replicas", "user"]
    assert narrowed(before, after, keys) == {"env": {"B": "2"}, "replicas": 2, "user": "1"}
    assert narrowed(after, before, keys) == {"env": {"B": "3", "C": "4"}, "replicas": 3}


def test_secrets_are_hidden_and_that_they_changed_is_not() -> None:
    before = {
        "env": {"DB_PASSWORD": "x", "API_KEY": "k", "MONKEY": "m", "URL": "http://u:pw@db/x", "TOKEN": ""},
        "labels": {"traefik.http.middlewares.a.basicauth.users": "u:h"},
        "command": ["serve", "--secret-key=abc", "--port=80"],
    }
    after = {"env": {**before["env"], "DB_PASSWORD": "y"}, "command": "serve --db-password abc -p 80"}
    shown, now = masked(before, after)
    assert shown == {
        "env": {
            "DB_PASSWORD": "(hidden)",
            "API_KEY": "(hidden)",
            "MONKEY": "m",
            "URL": "http://u:(hidden)@db/x",
            "TOKEN": "",
        },
        "labels": {"traefik.http.middlewares.a.basicauth.users": "(hidden)"},
        "command": ["serve", "--secret-key=(hidden)", "--port=80"],
    }
    assert now["env"]["DB_PASSWORD"] == "(hidden and changed)"
    assert now["command"] == "serve --db-password (hidden) -p 80"


@pytest.mark.parametrize(
    ("key", "before", "after", "shown"),
    [
        ("env", {"URL": "http://u:a@db"}, {"URL": "http://u:b@db"}, {"URL": "http://u:(hidden and changed)@db"}),
        ("env", {"URL": "http://u:a@db"}, {"URL": "http://u:a@dc"}, {"URL": "http://u:(hidden)@dc"}),
        ("command", "run --token=a", "run --token=b", "run --token=(hidden and changed)"),
        ("command", ["run", "--token=a"], ["run", "--token=b"], ["run", "--token=(hidden)", "# (hidden and changed)"]),
        ("command", ["run", "--token=a"], ["go", "--token=b"], ["go", "--token=(hidden)"]),
    ],
)
def test_a_change_of_nothing_but_a_secret_is_one(key: str, before: Any, after: Any, shown: Any) -> None:
    hidden, told = masked({key: before}, {key: after})
    assert (told, hidden != told) == ({key: shown}, True)
