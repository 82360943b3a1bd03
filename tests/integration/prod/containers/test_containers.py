# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A lab of one server that is a container, made here: what it must not do to this computer, and what may go wrong."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from harness import ROOT, Cluster, until

LAB, NAME, ADDRESS = "lab-solo", "lab-solo-solo", "172.27.9.10"
SOLO = {"swarm_node_address": ADDRESS, "swarm_node_labels": {"role": "manager", "storage": "nfs"}}
HOSTS = {
    "servers": {"children": {"swarm": None, "nfs_servers": None}},
    "swarm": {"children": {"managers": {"hosts": {"solo": SOLO}}}},
    "nfs_servers": {"hosts": {"solo": None}},
}
# What the kernel counts, makes up at every look, or sets by itself.
OWN = ("fs.dentry-state", "fs.file-nr", "fs.inode-", "fs.aio-nr", "fs.quota.", "kernel.ns_last_pid", "kernel.random.",
       "kernel.pty.nr", "kernel.perf_event_max_sample_rate")  # fmt: skip


class Solo(Cluster):
    """The lab; C(folder) has its state."""

    folder: Path

    def ssh(self, command: str, config: str = "ssh_config") -> subprocess.CompletedProcess[str]:
        words = ["ssh", "-F", str(self.folder / config), "-o", "ConnectTimeout=5", "solo", command]
        return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)

    def inside(self, machine: str, *command: str, check: bool = True) -> str:
        return super().inside(NAME, *command, check=check)

    def left(self) -> list[str]:
        """All that bears the lab's mark, and its folder."""
        mark = ("--filter", f"label=hydra.swarm.cluster={LAB}")
        lists = (("ps", "-aq"), ("network", "ls", "-q"), ("volume", "ls", "-q"))
        found = [line for command in lists for line in self.docker(*command, *mark).splitlines()]
        return [*found, *([str(self.folder)] if self.folder.exists() else [])]


@pytest.fixture(scope="module")
def solo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Solo]:
    """Another lab beside the tests', as the documentation says it is made; nothing of it is there yet."""
    top = tmp_path_factory.mktemp("solo")
    shutil.copytree(ROOT / "inventories/lab", top / "inventory")
    (top / "inventory/hosts.yml").write_text(yaml.safe_dump({"all": {"children": HOSTS}}))
    settings = top / "inventory/group_vars/all/lab.yml"
    values = yaml.safe_load(settings.read_text()) | {
        "lab_folder": str(top / "state"),
        "lab_host_name": LAB,
        "lab_host_gateway": "172.27.9.1/24",
        "lab_host_keep_image": True,
    }
    settings.write_text(yaml.safe_dump(values))
    lab = Solo(top / "inventory")
    lab.folder = top / "state"
    lab.play("lab-down")
    assert lab.left() == []
    yield lab
    lab.play("lab-down")


@pytest.fixture
def up(solo: Solo) -> Solo:
    if not solo.folder.exists() or solo.ssh("true").returncode != 0:
        solo.play("lab-up")
    return solo


def settings() -> dict[str, str]:
    """The kernel settings of this computer that all its containers share."""
    listed = subprocess.run(["sysctl", "-a"], capture_output=True, text=True, check=False).stdout
    pairs = (line.partition(" = ")[::2] for line in listed.splitlines())
    return {k: v for k, v in pairs if k.startswith(("fs.", "kernel.", "vm.", "dev.")) and not k.startswith(OWN)}


def test_a_rehearsal_makes_nothing(solo: Solo) -> None:
    solo.play("lab-up", "--check", "--diff")
    assert solo.left() == []


def test_a_server_that_is_killed_while_it_is_made_is_mended_by_the_next_run(solo: Solo) -> None:
    run = solo.start("lab-up")
    shown = ("inspect", "--format", "{{.State.Running}}", NAME)
    until("the container", lambda: solo.docker(*shown, check=False) == "true", 60)
    solo.docker("kill", NAME, check=False)
    run.wait(timeout=60)
    assert solo.play("lab-up").changed > 0
    assert solo.ssh("hostname").stdout == "solo\n"
    assert solo.play("lab-up").changed == 0


def test_it_cannot_reach_what_is_this_computers(up: Solo) -> None:
    refused = {
        "echo 262144 > /proc/sys/vm/max_map_count": "Read-only file system",
        "echo 1024 > /proc/sys/fs/inotify/max_user_instances": "Read-only file system",
        "echo 40000 > /proc/sys/kernel/pid_max": "Read-only file system",
        "touch /sys/kernel/mm/x": "Read-only file system",
        "date --set @0": "Operation not permitted",
        "mknod /root/disk b 254 0; head -c1 /root/disk": "Operation not permitted",
    }
    assert {
        command: up.ssh(f"sudo sh -c '{command}'").stderr.strip().rpartition(": ")[2] for command in refused
    } == refused
    assert up.ssh("sudo sysctl -w net.ipv4.ip_forward=1").returncode == 0
    assert up.ssh("pgrep udevd").returncode == 1


def test_a_swarm_on_it_changes_no_setting_of_this_computer(up: Solo) -> None:
    before = settings()
    ran = up.play("swarm-up")
    assert "settings fs.*, kernel.*, vm.* are its host's and stay as they are there" in ran.said
    assert up.ssh("sudo docker node ls --format '{{.Hostname}} {{.Status}}'").stdout == "solo Ready\n"
    again = up.play("swarm-up")
    assert again.changed == 0
    assert settings() == before


def test_it_reboots_and_is_what_it_was(up: Solo) -> None:
    up.ssh("echo kept | sudo tee /root/note /var/lib/docker/note /exports/note")
    boot = up.ssh("cat /proc/sys/kernel/random/boot_id").stdout
    up.ssh("sudo reboot")
    until("it to be back", lambda: up.ssh("cat /proc/sys/kernel/random/boot_id").stdout not in ("", boot), 60)
    assert up.ssh("sudo cat /root/note /var/lib/docker/note /exports/note").stdout.split() == ["kept"] * 3
    assert ADDRESS in up.ssh("ip -4 -brief address").stdout
    assert up.ssh("systemctl is-system-running --wait").stdout == "running\n"
    assert up.play("lab-up").changed == 0


def test_the_way_in_where_addresses_of_containers_lead_nowhere(up: Solo) -> None:
    """As with Docker Desktop; tried here by a file that says so."""
    told = (up.folder / "ssh_config").read_text(encoding="utf-8")
    way = f"ProxyCommand docker exec -i {NAME} hydra-node connect"
    (up.folder / "through").write_text(told.replace(f"HostName {ADDRESS}", f"HostName 192.0.2.1\n    {way}"))
    known = up.folder / "known_hosts"
    known.write_text(known.read_text(encoding="utf-8").replace(ADDRESS, f"{ADDRESS},192.0.2.1"))
    assert up.ssh("hostname", config="through").stdout == "solo\n"


def test_a_lab_keeps_its_kind(up: Solo) -> None:
    refused = up.play("lab-up", check=False, lab_host_backend="uml")
    assert (
        f"Nothing was touched: lab {LAB} is there, of containers (lab_host_backend=container), and uml is asked for: remove "
        "it first (make lab-down), or leave lab_host_backend out."
    ) in refused.said
    status = up.play("lab-status", lab_host_backend="uml")
    assert "Kind: containers" in status.said and "running answers" in status.said


def test_a_network_of_somebody_else_is_in_the_way(solo: Solo) -> None:
    solo.play("lab-down")
    solo.docker("network", "create", LAB)
    try:
        refused = solo.play("lab-up", check=False)
        assert f"network '{LAB}' exists and is not of cluster {LAB}" in refused.said
        solo.play("lab-down")
        assert solo.succeeds("network", "inspect", LAB)
    finally:
        solo.docker("network", "rm", LAB)
    assert solo.left() == []


def test_down_leaves_nothing_and_takes_nothing_else(up: Solo) -> None:
    before = set(up.docker("ps", "-aq").splitlines())
    ours = set(up.docker("ps", "-aq", "--filter", f"label=hydra.swarm.cluster={LAB}").splitlines())
    # Its folder was lost, so that what is there is found on the engine alone.
    shutil.rmtree(up.folder)
    up.play("lab-down")
    assert up.left() == []
    assert ours and set(up.docker("ps", "-aq").splitlines()) >= before - ours
