# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A stack from a real registry, Debian's, with TLS by an authority of its own and a login: nodes pull by themselves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Cluster, Ran, until
from images import Images

HOST = "registry.hydra.test:5000"
IMAGE = f"{HOST}/lab/app:1"
USER, PASSWORD, WRONG = "hydra", "only for this test", "not-the-password"
STACK = f"""
services:
  app:
    image: {IMAGE}
    deploy: {{mode: global, placement: {{constraints: [node.role == worker]}}}}
"""
Deploy = Callable[..., Ran]


@pytest.fixture(scope="module")
def authority(cluster: Cluster, images: Images) -> Iterator[str]:
    """Who has signed the certificate of the registry, which answers the nodes by its name."""
    name = f"{cluster.names[0]}-registry"
    network = cluster.machines[cluster.names[0]]["dind_cluster_network"]["name"]
    environment = {"NAME": HOST.partition(":")[0], "LOGIN": USER, "PASSWORD": PASSWORD}
    options = [f"--env={key}={value}" for key, value in environment.items()]
    cluster.docker("rm", "-fv", name, check=False)
    cluster.docker(
        "run", "-d", "--name", name, "--network", network, f"--network-alias={environment['NAME']}", *options,
        images.registry(),
    )  # fmt: skip
    yield until("the registry's certificate", lambda: cluster.docker("exec", name, "cat", "/tls/ca.pem", check=False))
    cluster.docker("rm", "-fv", name)


@pytest.fixture(scope="module")
def with_registry(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Cluster]:
    """The cluster with swarm_registries in its inventory."""

    def made(**more: Any) -> Cluster:
        file = tmp_path_factory.mktemp("inventory") / "registries.json"
        file.write_text(json.dumps({"all": {"vars": {"swarm_registries": [{"host": HOST, **more}]}}}))
        return cluster.but(file)

    return made


@pytest.fixture(scope="module")
def pushed(cluster: Cluster, authority: str, with_registry: Callable[..., Cluster], images: Images) -> str:
    """The digest of an image that its maker has pushed, logged in, from a machine that trusts the registry."""
    manager = cluster.names[0]
    started = cluster.docker("inspect", "--format", "{{.State.StartedAt}}", manager)
    assert with_registry(ca=authority).play("swarm-up", "--tags", "engine").changed
    assert cluster.docker("inspect", "--format", "{{.State.StartedAt}}", manager) == started
    images.stand_in(IMAGE, ports="8000")
    packed = cluster._run("docker", "save", IMAGE, given=b"").stdout
    cluster.pour(packed, manager, "docker", "load", "-q")
    client = ["docker", "--config", "/tmp/maker"]
    cluster.pour(PASSWORD.encode(), manager, *client, "login", "--username", USER, "--password-stdin", HOST)
    said = cluster.inside(manager, *client, "push", IMAGE)
    cluster.inside(manager, "rm", "-r", "/tmp/maker")
    cluster.inside(manager, "docker", "image", "rm", IMAGE)
    return "sha256:" + said.partition("sha256:")[2].split()[0]


@pytest.fixture
def deploy(with_registry: Callable[..., Cluster], tmp_path: Path) -> Deploy:
    """deploy-stack of an image of that registry, with this in swarm_registries."""
    (tmp_path / "registry.yml").write_text(STACK)

    def run(*arguments: str, check: bool = True, **more: Any) -> Ran:
        given = {"stack": "registry", "file": str(tmp_path / "registry.yml")}
        return with_registry(**more).play("deploy-stack", *arguments, check=check, **given)

    return run


def test_a_certificate_that_nobody_trusts(deploy: Deploy, authority: str) -> None:
    ran = deploy(check=False, username=USER, password=PASSWORD)
    assert ran.status != 0
    assert f"registry {HOST} has a certificate that the nodes do not trust: give its CA as ca of {HOST} in" in ran.said
    assert "changed=0" in ran.said


def test_a_wrong_password_is_named_and_not_shown(cluster: Cluster, deploy: Deploy, authority: str, pushed: str) -> None:
    ran = deploy("-vvv", check=False, ca=authority, username=USER, password=WRONG)
    assert ran.status != 0
    assert f"registry {HOST} does not let user {USER} in, or not to {IMAGE}: check username and password" in ran.said
    assert WRONG not in ran.output
    assert "registry_app" not in cluster.inside(cluster.names[0], "docker", "service", "ls", "--format", "{{.Name}}")


def test_workers_pull_by_digest_with_the_login_that_travels_with_the_service(
    cluster: Cluster, deploy: Deploy, authority: str, pushed: str
) -> None:
    login = {"ca": authority, "username": USER, "password": PASSWORD}
    try:
        ran = deploy("-vvv", **login)
        assert PASSWORD not in ran.output
        inspect = ("docker", "service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}")
        assert cluster.inside(cluster.names[0], *inspect, "registry_app") == f"{IMAGE}@{pushed}"
        assert sorted(cluster.tasks("registry_app")) == sorted(cluster.names[1:])
        assert deploy(**login).changed == 0
    finally:
        cluster.inside(cluster.names[0], "docker", "stack", "rm", "registry")
