# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What playbooks and roles work out in their variables, and what they refuse before they touch a machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
NO_ENGINE = "no Docker Engine answers on the control host: permission denied on its socket"


def run(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).with_name(program)), *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """A playbook of one task on the control host."""

    def run_one(task: dict[str, Any], *words: str, inventory: str = "localhost,") -> subprocess.CompletedProcess[str]:
        one = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
        playbook = tmp_path / "play.yml"
        playbook.write_text(json.dumps([one]), encoding="utf-8")
        return run("ansible-playbook", "-i", inventory, str(playbook), *words)

    return run_one


@pytest.fixture
def value(play: Any) -> Callable[..., Any]:
    """The value of a variable in a file of variables, given others."""

    def of(name: str, file: str, inventory: str = "localhost,", **others: Any) -> Any:
        task = {"ansible.builtin.debug": {"msg": f"{{{{ {name} | to_json }}}}"}, "tags": "report"}
        done = play(task, "-e", f"@{file}", "-e", json.dumps({**others, "format": "json"}), inventory=inventory)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return of


@pytest.fixture
def refusal(play: Any) -> Callable[..., str]:
    """What a role says that refuses in its first task."""

    def of(role: str, entry: str, **variables: Any) -> str:
        include = {"name": f"hydra.swarm.{role}", "tasks_from": entry, "rolespec_validate": False}
        return told(play({"ansible.builtin.include_role": include}, "-e", json.dumps(variables)))

    return of


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The message of the one failure."""
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stdout.partition("FAILED [")[2].partition("]: ")[2].partition("\n\nPLAY RECAP")[0].strip()


@pytest.mark.parametrize(
    ("inventory", "names"),
    [
        ("inventories/dev", {"hydra": "hydra-node", "chimera": "chimera-node", "cerberus": "cerberus-node"}),
        ("inventories/prod", {"hydra": "hydra", "chimera": "chimera", "cerberus": "cerberus"}),
        ("localhost,", {}),
    ],
)
def test_node_names(value: Any, inventory: str, names: dict[str, str]) -> None:
    assert value("cluster_node_names", "playbooks/vars/cluster.yml", inventory) == names


@pytest.mark.parametrize(
    ("inventory", "names"),
    [
        ("inventories/dev", ["hydra"]),
        ("inventories/lab", ["server-172.27.0.10", "server-172.27.0.20", "server-172.27.0.30"]),
        ("molecule/prod/inventory", ["server-172.27.1.10", "server-172.27.1.20", "server-172.27.1.30"]),
    ],
)
def test_runs_on_two_labs_lock_nothing_in_common(value: Any, inventory: str, names: list[str]) -> None:
    assert value("preflight_lock", "playbooks/vars/cluster.yml", inventory) == names


@pytest.mark.parametrize("playbook", ["test-failure", "restore-node"])
def test_a_node_that_is_not_known(playbook: str) -> None:
    assert told(
        run("ansible-playbook", "-i", "inventories/prod", f"playbooks/{playbook}.yml", "-e", "node=nobody")
    ) == (
        "NODE=nobody is no node of this cluster; the nodes are cerberus, chimera, hydra: name one of them, for example "
        "NODE=cerberus (-e node=cerberus)"
    )


def test_no_engine_is_put_in_the_place_of_one_that_is_there(refusal: Any) -> None:
    engine = {"answers": False, "installable": False, "reason": NO_ENGINE}
    said = refusal("dind_cluster", "engine", __dind_cluster_engine=engine)
    assert said == f"Nothing was touched: {NO_ENGINE}."


def test_a_verb_for_machines_is_refused_where_there_are_none(refusal: Any) -> None:
    variables = {"preflight_cluster": "none", "preflight_members": [], "preflight_for_machines": True}
    assert refusal("preflight", "main", preflight_doing="swarm-down", **variables) == (
        "Nothing was touched: swarm-down is for the development cluster, whose machines are containers, and this "
        "inventory has none (its group dind is empty or missing). Servers are started and stopped on the servers."
    )


def test_an_upgrade_that_could_not_ask_the_swarm_is_refused() -> None:
    limited = ("-i", "inventories/prod", "playbooks/swarm-upgrade.yml", "--limit", "localhost,chimera")
    assert told(run("ansible-playbook", *limited)) == (
        "Nothing was touched: the swarm is asked through hydra, which is not within --limit. To upgrade these alone: "
        "--limit localhost,hydra,chimera"
    )


def test_logs_of_nodes_that_are_no_containers() -> None:
    assert told(run("ansible-playbook", "-i", "inventories/prod", "playbooks/nodes-logs.yml")) == (
        "nodes-logs is for the development cluster, whose machines are containers, and this inventory has none. A server's "
        "engine: journalctl -u docker."
    )


@pytest.mark.parametrize(("given", "more"), [("10.1.0.1", ["10.1.0.1"]), ("fd00::1", ["fd00::1"]), ("eno2", [])])
def test_who_sends_overlay_traffic_from_an_address_of_its_own_is_a_member(
    value: Any, given: str, more: list[str]
) -> None:
    inventory, file = "inventories/prod", "playbooks/vars/servers.yml"
    without = value("servers_addresses", file, inventory)
    assert value("firewall_members", file, inventory, swarm_node_data_path_address=given) == [*without, *more]


def test_what_the_role_for_gpus_hands_over(value: Any) -> None:
    found = {
        "driver": {"state": "ok", "version": "550.163.01", "problem": "", "reboot": False},
        "toolkit": {"ok": True, "version": "1.19.0", "problem": ""},
        "disagreement": "",
        "uuids": [],
    }
    facts = {"distribution": "Debian", "distribution_version": "12.8", "architecture": "x86_64", "kernel": "6.1"}
    wanted = {
        "nvidia_gpu_driver_source": "nvidia",
        "nvidia_gpu_driver_version": "580",
        "nvidia_gpu_driver_branch": "580",
    }
    places = {f"nvidia_gpu_{name}": "https://x.test" for name in ("driver_url", "driver_key", "toolkit_url")}
    others = {"nvidia_gpu_toolkit_version": "1.18.0", "nvidia_gpu_driver_packages": [], **wanted, **places}
    names = (
        "[__nvidia_gpu_plan.replaced, __nvidia_gpu_plan.refusal, __nvidia_gpu_driver.packages | first, "
        "__nvidia_gpu_toolkit.packages | first]"
    )
    facts = {"os_family": "Debian", **facts}
    assert value(names, "roles/nvidia_gpu/vars/main.yml", __nvidia_gpu_found=found, ansible_facts=facts, **others) == [
        True,
        "nvidia_gpu_toolkit_version is 1.18.0: before 1.19 a task gets every GPU of its node. Name a later one, or leave it empty.",
        "nvidia-driver-pinning-580",
        "nvidia-container-toolkit=1.18.0-1",
    ]


def test_a_stack_files_secrets_are_not_shown_however_much_is_shown(play: Any, tmp_path: Path) -> None:
    file = tmp_path / "stack.yml"
    file.write_text("services: {web: {image: i, environment: {DB_PASSWORD: '${WORD}'}}}", encoding="utf-8")
    task = {"hydra.swarm.stack_file": {"name": "core", "file": str(file), "environment": {"WORD": "hunter2"}}}
    done = play(task, "-vvv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hunter2" not in done.stdout + done.stderr
