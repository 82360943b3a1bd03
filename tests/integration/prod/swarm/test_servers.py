# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What swarm-up promises of servers; molecule/prod/prepare.yml left things of others on chimera before it ran."""

from __future__ import annotations

import json

from lab import Lab


def test_the_swarm_is_the_inventorys(lab: Lab) -> None:
    lab.assert_healthy()
    for name, node in lab.nodes().items():
        assert node.labels == {k: str(v) for k, v in lab.machines[name]["swarm_node_labels"].items()} | (
            {"gpu": "true"} if lab.machines[name].get("swarm_node_gpus") else {}
        )


def test_the_engine_is_the_distributions_started_at_boot_and_held(lab: Lab) -> None:
    for name in lab.names:
        assert lab.inside(name, "dpkg-query", "-W", "-f", "${db:Status-Want} ${db:Status-Status}", "docker.io") == (
            "hold installed"
        )
        assert lab.inside(name, "systemctl", "is-enabled", "docker") == "enabled"
        assert lab.inside(name, "systemctl", "is-system-running") == "running"


def test_settings_of_others_stay(lab: Lab) -> None:
    found = json.loads(lab.inside("chimera", "cat", "/etc/docker/daemon.json"))
    assert list(found)[:2] == ["max-concurrent-downloads", "labels"]
    assert found["max-concurrent-downloads"] == 2 and "rack=1" in found["labels"]
    assert found["log-driver"] == "json-file" and found["log-opts"] == {"max-size": "10m", "max-file": "3"}
    assert lab.inside("chimera", "stat", "-c", "%a", "/etc/docker/daemon.json") == "640"
    told = json.loads(lab.inside("chimera", "docker", "info", "--format", "{{json .Labels}}"))
    assert {"rack=1", "hydra.swarm.gpus=simulated"} <= set(told)


def test_overlay_networks_have_what_the_path_carries(lab: Lab) -> None:
    """The lab's path carries 1500 bytes, so nothing is said of an MTU."""
    options = json.loads(lab.inside(lab.names[0], "docker", "network", "inspect", "hydra_public"))[0]["Options"]
    assert "com.docker.network.driver.mtu" not in options


def test_an_nfs_server_that_does_not_answer_is_told(lab: Lab) -> None:
    manager = lab.names[0]
    rule = ("OUTPUT", "-d", lab.address(manager), "-p", "tcp", "--dport", "2049", "-j", "DROP")
    lab.inside(manager, "iptables", "-I", *rule)
    try:
        ran = lab.play("swarm-up", "--tags", "verify", "-e", "swarm_verify_timeout=3", check=False)
    finally:
        lab.inside(manager, "iptables", "-D", *rule)
    exports = "/exports/student-volumes, /exports/openwebui"
    assert f"NFS server {lab.address(manager)} does not serve {exports}: no answer within 3 s" in ran.said
