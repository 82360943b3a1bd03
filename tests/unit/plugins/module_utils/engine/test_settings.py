# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.engine import settings

FILE = '{\n    "data-root": "/srv/docker",\n    "log-opts": {"labels": "team"},\n    "dns": ["192.0.2.1"]\n}\n'
BROKEN = "no engine starts with such a file: correct it or remove it, then run this again"
LIVE = "an engine in a swarm refuses to start with it, since the swarm and not the engine keeps tasks running; {remedy}"


@pytest.mark.parametrize("text", ["", " \n", "{}", "\ufeff{}"])
def test_a_file_that_holds_nothing(text: str) -> None:
    assert settings.parse(text) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{\n  "debug": true,\n  "mtu" 1400\n}',
            "/etc/docker/daemon.json, line 3 (\"mtu\" 1400): Expecting ':' delimiter; " + BROKEN,
        ),
        ('{"debug": true', "/etc/docker/daemon.json, line 1 ({\"debug\": true): Expecting ',' delimiter; " + BROKEN),
        ("[]", "/etc/docker/daemon.json holds no object (an object is written {...}); " + BROKEN),
    ],
)
def test_a_broken_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        settings.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("have", "wanted", "after"),
    [
        ({"b": 1, "a": 2}, {"c": 3, "a": 4}, {"b": 1, "a": 4, "c": 3}),
        (
            {"log-opts": {"labels": "x"}},
            {"log-opts": {"max-size": "1m"}},
            {"log-opts": {"labels": "x", "max-size": "1m"}},
        ),
        ({"dns": ["1", "2"]}, {"dns": ["3"]}, {"dns": ["3"]}),
        ({"a": 1, "b": {"c": 1, "d": 2}}, {"a": None, "b": {"c": None}, "none": None}, {"b": {"d": 2}}),
        ({"runtimes": "odd"}, {"runtimes": {"nvidia": {"path": "p"}}}, {"runtimes": {"nvidia": {"path": "p"}}}),
        ({}, {"log-opts": {"max-size": None}}, {}),
        ({"log-opts": {"max-size": "1m"}}, {"log-opts": {"max-size": None}}, {"log-opts": {}}),
    ],
)
def test_merging(have: dict[str, Any], wanted: dict[str, Any], after: dict[str, Any]) -> None:
    merged = settings.merged(have, wanted)
    assert (merged, list(merged)) == (after, list(after))


def test_options_of_logs_are_strings() -> None:
    wanted = {"log-opts": {"max-file": 3, "compress": True, "tag": None}, "mtu": 1400}
    assert settings.normalised(wanted) == {"log-opts": {"max-file": "3", "compress": "true", "tag": None}, "mtu": 1400}
    with pytest.raises(Refusal) as caught:
        settings.normalised({"log-opts": {"max-file": [3]}})
    assert str(caught.value) == "setting log-opts, max-file: it is no plain value; write a string"


@pytest.mark.parametrize(
    ("loaded", "after", "effect"),
    [
        ({"mtu": 1400}, {"mtu": 1400}, "none"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "none"),
        ({}, {"debug": True, "labels": ["a=b"], "runtimes": {}, "default-runtime": "nvidia"}, "reload"),
        ({"debug": 1}, {"debug": True}, "reload"),
        ({"debug": True}, {}, "restart"),  # the engine would keep it
        ({}, {"debug": True, "node-generic-resources": ["NVIDIA-GPU=GPU-1"]}, "restart"),
        ({}, {"log-driver": "local"}, "restart"),
        ({}, {"features": {"containerd-snapshotter": True}}, "restart"),
    ],
)
def test_what_makes_an_engine_take_them_over(loaded: dict[str, Any], after: dict[str, Any], effect: str) -> None:
    assert settings.effect_of(settings.differing(loaded, after), after) == effect


def test_foreign_settings_order_and_indentation_survive() -> None:
    plan = settings.plan(FILE, {"log-opts": {"max-size": "10m"}, "mtu": 1400}, running=True)
    assert list(plan.settings) == ["data-root", "log-opts", "dns", "mtu"]
    assert plan.text.startswith('{\n    "data-root": "/srv/docker",\n    "log-opts": {\n        "labels": "team",\n')
    assert json.loads(plan.text) == plan.settings
    assert (plan.write, plan.effect, plan.keys) == (True, "restart", ["log-opts", "mtu"])
    assert plan.change.diff() == {
        "before": {"settings": settings.parse(FILE)},
        "after": {"settings": {**settings.parse(FILE), "log-opts": {"labels": "team", "max-size": "10m"}, "mtu": 1400}},
    }


def test_what_is_there_already_is_not_written() -> None:
    plan = settings.plan(FILE, {"dns": ["192.0.2.1"], "mtu": None}, running=True)
    assert (plan.text, plan.write, plan.effect, plan.change.changed) == (FILE, False, "none", False)


def test_a_file_that_is_missing_is_made() -> None:
    plan = settings.plan(None, {"mtu": 1400}, running=False)
    assert (plan.text, plan.write, plan.effect) == ('{\n  "mtu": 1400\n}\n', True, "none")
    assert settings.plan(None, {}, running=False).write is False


@pytest.mark.parametrize(
    ("wanted", "loaded", "effect", "changed"),
    [
        ({"dns": ["192.0.2.1"]}, {"data-root": "/srv/docker", "log-opts": {"labels": "team"}}, "restart", False),
        ({"debug": True}, {}, "restart", True),
    ],
)
def test_an_engine_that_has_not_loaded_the_file(
    wanted: dict[str, Any], loaded: dict[str, Any], effect: str, changed: bool
) -> None:
    plan = settings.plan(FILE, wanted, running=True, loaded=loaded)
    assert (plan.effect, plan.change.changed, plan.loaded) == (effect, changed, loaded)


def test_a_reload_that_was_not_done_is_a_change() -> None:
    plan = settings.plan('{"debug": true}', {"debug": True}, running=True, loaded={})
    assert (plan.write, plan.effect, plan.keys) == (False, "reload", ["debug"])
    assert plan.change.diff() == {
        "before": {"settings": {"debug": True}, "reload": "due"},
        "after": {"settings": {"debug": True}, "reload": "done"},
    }


@pytest.mark.parametrize(
    ("text", "wanted", "where", "remedy"),
    [
        ("{}", {"live-restore": True}, "given", "leave it out"),
        (
            '{"live-restore": true}',
            {"mtu": 1},
            "in /etc/docker/daemon.json",
            "set live-restore to null here, which removes it",
        ),
    ],
)
def test_live_restore_is_refused(text: str, wanted: dict[str, Any], where: str, remedy: str) -> None:
    with pytest.raises(Refusal) as caught:
        settings.plan(text, wanted, running=True)
    assert str(caught.value) == f"live-restore: true, {where}: {LIVE.format(remedy=remedy)}"


@pytest.mark.parametrize("value", [None, False])
def test_live_restore_can_be_taken_out(value: Any) -> None:
    plan = settings.plan('{"live-restore": true}', {"live-restore": value}, running=True)
    assert (plan.settings.get("live-restore"), plan.effect) == (value, "restart")


def test_flags_of_an_engine() -> None:
    words = ["/usr/sbin/dockerd", "-H", "fd://", "--config-file=/etc/docker/daemon.json", "--debug"]
    assert settings.flags_of(words) == ["-H", "fd://", "--debug"]
    assert settings.flags_of(["dockerd", "--config-file", "/etc/docker/daemon.json"]) == []
    with pytest.raises(Refusal) as caught:
        settings.flags_of(["dockerd", "--config-file", "/srv/docker.json"])
    assert str(caught.value) == (
        "the engine that runs here reads /srv/docker.json, not /etc/docker/daemon.json: name that file (option path)"
    )
