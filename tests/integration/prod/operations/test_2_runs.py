# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs that cannot reach everybody, and changes that need an engine's restart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from lab import Lab

PASSWORD = "walnut-42"


def started(lab: Lab, name: str) -> datetime:
    said = lab.inside(
        name, "systemctl", "show", "docker", "-p", "ExecMainStartTimestamp", "--value", "--timestamp=us+utc"
    )
    return datetime.strptime(said, "%a %Y-%m-%d %H:%M:%S.%f UTC")


def label(lab: Lab, name: str) -> str:
    return lab.nodes()[name].labels.get("rack", "")


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """More inventory, by which cerberus is at an address where nobody answers, and two nodes get another label."""
    hosts = {
        "cerberus": {"ansible_host": "172.27.1.98", "ansible_ssh_common_args": "-o ConnectTimeout=3"},
        "chimera": {"swarm_node_labels": {"role": "worker", "workload": "jupyter", "rack": "7"}},
    }
    path = tmp_path / "away.yml"
    path.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    return path


@pytest.fixture
def as_before(lab: Lab) -> Iterator[None]:
    yield
    lab.play("swarm-up", "--tags", "swarm")


def test_with_one_server_away_the_rest_is_done_and_it_is_said(lab: Lab, away: Path, as_before: None) -> None:
    ran = lab.but(away).play("swarm-up", check=False)
    assert ran.status == 4
    assert re.search(r"cerberus +reachable +WARN", ran.output)
    assert label(lab, "chimera") == "7"
    lab.assert_healthy()


def test_limit_leaves_the_others_alone(lab: Lab) -> None:
    ran = lab.play("swarm-up", "--limit", "localhost,hydra,chimera")
    assert ran.changed == 0
    assert "cerberus" not in ran.output.partition("PLAY RECAP")[2]


def test_limit_without_a_manager_says_what_is_left_to_do(lab: Lab) -> None:
    ran = lab.play("swarm-up", "--limit", "localhost,chimera")
    assert "No manager is within --limit" in ran.said


@pytest.fixture
def gate(lab: Lab, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Variables by which workers are reached through hydra alone, and every server by a user whose sudo asks for a password."""
    for name in lab.names:
        lab.shell(
            name,
            "useradd --create-home --groups sudo visitor; cp -r ~ops/.ssh ~visitor/; chown -R visitor: ~visitor/.ssh; "
            f"echo visitor:{PASSWORD} | chpasswd",
        )
    config = tmp_path / "ssh_config"
    jump = "Host chimera cerberus\n    ProxyJump hydra\n"
    config.write_text(jump + (lab.folder / "ssh_config").read_text().replace("User ops", "User visitor"))
    yield {"ansible_user": "visitor", "ansible_ssh_common_args": f"-F {config}"}
    for name in lab.names:
        lab.ssh(name, "userdel --remove --force visitor")


def test_through_a_gate_as_a_user_with_a_sudo_password(lab: Lab, gate: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    ran = lab.but(**gate).play("swarm-up", "-vv", "--become-password-file", str(secret))
    assert ran.changed == 0
    assert PASSWORD not in ran.output
    came = re.findall(
        r"^Accepted publickey for visitor from (\S+)",
        lab.inside("chimera", "journalctl", "-u", "ssh", "-o", "cat"),
        re.M,
    )
    assert set(came) == {lab.address("hydra")}
    unasked = lab.but(**gate).play("swarm-up", "--tags", "kernel", check=False)
    assert unasked.status != 0 and "Missing sudo password" in unasked.said


def test_a_setting_that_needs_a_restart_restarts_one_drained_node_after_the_other(lab: Lab) -> None:
    before = {name: started(lab, name) for name in lab.names}
    settings = {"log-driver": "json-file", "log-opts": {"max-size": "10m", "max-file": "3"}, "no-new-privileges": False}
    changed = lab.but(docker_engine_settings={**settings, "default-shm-size": "65M"})
    ran = changed.play("swarm-up")
    assert ran.output.index("chimera") < ran.output.rindex("hydra")
    after = sorted((started(lab, name), name) for name in lab.names)
    assert all(moment > before[name] for moment, name in after)
    assert after[-1][1] == "hydra", "the manager is last"
    nodes = lab.heals(120)
    assert set(nodes) == set(lab.names)
    assert all("hydra.swarm.maintenance" not in node.labels for node in lab.nodes().values())
    assert changed.play("swarm-up", "--tags", "engine").changed == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"live-restore": True}, "live-restore"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_setting_that_an_engine_would_not_start_with_is_not_written(
    lab: Lab, settings: dict[str, object], said: str
) -> None:
    before = {name: lab.inside(name, "sha256sum", "/etc/docker/daemon.json") for name in lab.names}
    ran = lab.but(docker_engine_settings=settings).play("swarm-up", "--tags", "engine", check=False)
    assert ran.status == 2 and said in ran.said
    assert {name: lab.inside(name, "sha256sum", "/etc/docker/daemon.json") for name in lab.names} == before
    lab.assert_healthy()
