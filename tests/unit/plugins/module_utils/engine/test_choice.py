# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError
from ansible_collections.hydra.swarm.plugins.module_utils.engine import choice

CONFIG = '{"currentContext": "rootless"}'


@pytest.mark.parametrize(
    ("environment", "config", "name"),
    [
        ({}, "", "default"),
        ({}, "{}", "default"),
        ({}, "[]", "default"),
        ({}, "no JSON", "default"),
        ({}, CONFIG, "rootless"),
        ({"DOCKER_CONTEXT": "lab"}, CONFIG, "lab"),
        ({"DOCKER_CONTEXT": "default"}, CONFIG, "default"),
        ({"DOCKER_CONTEXT": "lab", "DOCKER_HOST": "unix:///x"}, CONFIG, "default"),
        ({"DOCKER_CONTEXT": "", "DOCKER_HOST": ""}, CONFIG, "rootless"),
    ],
)
def test_which_context_counts(environment: dict[str, str], config: str, name: str) -> None:
    assert choice.context(environment, config) == name


def test_where_a_context_is_kept() -> None:
    assert choice.place("default") == "37a8eec1ce19687d132fe29051dca629d164e2c4958ba141d5f4133a33f0688f"


@pytest.mark.parametrize(
    ("skip", "certificates", "more"),
    [
        (False, "", {}),
        (False, "/tls", {"DOCKER_CERT_PATH": "/tls", "DOCKER_TLS_VERIFY": "1"}),
        (True, "/tls", {"DOCKER_CERT_PATH": "/tls", "DOCKER_TLS_VERIFY": ""}),
    ],
)
def test_what_everybody_is_told(skip: bool, certificates: str, more: dict[str, str]) -> None:
    described = json.dumps(
        {"Name": "x", "Endpoints": {"docker": {"Host": "tcp://192.0.2.1:2376", "SkipTLSVerify": skip}}}
    )
    assert choice.variables("x", described, certificates) == {"DOCKER_HOST": "tcp://192.0.2.1:2376", **more}


@pytest.mark.parametrize("described", ["", "{}", '{"Endpoints": {"kubernetes": {}}}', "[]"])
def test_a_context_without_an_engine(described: str) -> None:
    with pytest.raises(EngineError) as error:
        choice.variables("typo", described, "")
    assert str(error.value) == (
        "Docker context 'typo' does not exist or names no engine: docker context ls shows those there are, docker context "
        "use default (or DOCKER_CONTEXT=default) leaves it"
    )
