# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.image import registries

PEM = (
    f"-----BEGIN CERTIFICATE-----\n{base64.b64encode(bytes([0x30, 0x82, 1, 2])).decode()}\n-----END CERTIFICATE-----\n"
)
OURS = {"host": "registry.example.edu:5000", "ca": PEM, "username": "hydra", "password": "s3cret"}
HUB = {"host": "docker.io", "username": "lab", "password": "other"}
IMAGE = "registry.example.edu:5000/lab/app:1"


@pytest.mark.parametrize("given", [[], [OURS, HUB], [{"host": "registry.example.edu"}], [{"host": "localhost:5000"}]])
def test_registries_that_are_as_they_should_be(given: Any) -> None:
    assert registries.problems(registries.without_password(given)) == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"host": "r.example.edu"},
            "swarm_registries is no list: write it like [{host: registry.example.edu, username: hydra, password: ...}]",
        ),
        (["r.example.edu"], "swarm_registries: item 1 names no host: write it like {host: registry.example.edu}"),
        (
            [{"host": "https://r.example.edu"}],
            "swarm_registries: https://r.example.edu: is no registry as images name it: HOST or HOST:PORT, without "
            "https:// and without a path",
        ),
        (
            [{"host": "r.example.edu/lab"}],
            "swarm_registries: r.example.edu/lab: is no registry as images name it: HOST or HOST:PORT, without https:// "
            "and without a path",
        ),
        # An engine takes it for the first part of a name on Docker Hub.
        (
            [{"host": "registry"}],
            "swarm_registries: registry: is no registry as images name it: HOST or HOST:PORT, without https:// and "
            "without a path",
        ),
        (
            [{"host": "r.example.edu", "user": "hydra"}],
            "swarm_registries: r.example.edu: unknown key user; there are host, ca, username, password",
        ),
        (
            [{"host": "r.example.edu", "username": "hydra"}],
            "swarm_registries: r.example.edu: a login is a username and a password: give both or none",
        ),
        (
            [{"host": "r.example.edu", "ca": "/etc/ssl/ca.pem"}],
            "swarm_registries: r.example.edu: ca holds no certificate: it is the text of a PEM file, "
            "\"{{ lookup('ansible.builtin.file', inventory_dir ~ '/registry-ca.pem') }}\"",
        ),
        (
            [{"host": "r.example.edu"}, {"host": "r.example.edu"}],
            "swarm_registries: r.example.edu is listed twice: keep one",
        ),
    ],
)
def test_registries_that_are_not(given: Any, problem: str) -> None:
    assert registries.problems(registries.without_password(given)) == [problem]


class Closed(dict[str, Any]):
    """A registry whose password is in a vault that nobody has opened."""

    def __getitem__(self, key: str) -> Any:
        assert key != "password"
        return super().__getitem__(key)


def test_a_check_does_not_open_the_vault() -> None:
    assert registries.without_password([Closed(OURS)]) == [{**OURS, "password": True}]


def test_whose_an_image_is() -> None:
    known = [OURS, HUB]
    assert registries.of_image(IMAGE, known) is OURS
    assert [registries.of_image(one, known) for one in ("app:1", "library/app", "docker.io/lab/app")] == [HUB] * 3
    assert registries.of_image(f"sha256:{'a' * 64}", known) is None
    assert registries.elsewhere([IMAGE, "app:1", "other.example.edu/app"], [OURS]) == ["app:1", "other.example.edu/app"]


def test_a_login_as_the_engine_and_as_the_command_line_want_it() -> None:
    header = json.loads(base64.urlsafe_b64decode(registries.login(OURS)))
    assert header == {"username": "hydra", "password": "s3cret", "serveraddress": OURS["host"]}
    assert [registries.login(one) for one in (None, {"host": "r.example.edu"})] == ["", ""]
    kept = registries.config([OURS, HUB, {"host": "r.example.edu"}])
    assert list(json.loads(kept)["auths"]) == [OURS["host"], "https://index.docker.io/v1/"]
    again = [{key: one[key] for key in ("host", "username", "password")} for one in (OURS, HUB)]
    assert registries.known_logins(kept) == again


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"auths": {"r": {}}}', '{"auths": {"r": {"auth": "%"}}}'])
def test_a_file_without_logins(kept: str) -> None:
    assert registries.known_logins(kept) == []


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            "unauthorized: authentication required",
            "registry registry.example.edu:5000 does not let user hydra in, or not to registry.example.edu:5000/lab/app:1: "
            "check username and password of registry.example.edu:5000 in swarm_registries, and that user's rights there",
        ),
        (
            'Get "https://registry.example.edu:5000/v2/": x509: certificate signed by unknown authority',
            "registry registry.example.edu:5000 has a certificate that the nodes do not trust: give its CA as ca of "
            "registry.example.edu:5000 in swarm_registries, and run make swarm-up (x509: certificate signed by unknown "
            "authority)",
        ),
        (
            'Get "https://registry.example.edu:5000/v2/": x509: certificate has expired or is not yet valid',
            "registry registry.example.edu:5000 has a certificate that is not good for it: x509: certificate has expired or "
            "is not yet valid",
        ),
        (
            "manifest unknown: manifest unknown",
            "registry registry.example.edu:5000 has no image registry.example.edu:5000/lab/app:1: push it, or name one that "
            "it has",
        ),
        (
            'Get "https://registry.example.edu:5000/v2/": dial tcp: lookup registry.example.edu: no such host',
            "registry registry.example.edu:5000 does not answer for registry.example.edu:5000/lab/app:1: lookup "
            "registry.example.edu: no such host",
        ),
    ],
)
def test_why_a_registry_hands_out_nothing(said: str, sentence: str) -> None:
    error = f"docker GET /distribution/{IMAGE}/json: {said}"
    assert registries.refusal(IMAGE, OURS, error) == sentence


def test_a_registry_that_wants_a_login() -> None:
    assert registries.refusal(IMAGE, {"host": OURS["host"]}, "no basic auth credentials") == (
        "registry registry.example.edu:5000 wants a login for registry.example.edu:5000/lab/app:1: give username and password "
        "of registry.example.edu:5000 in swarm_registries"
    )
