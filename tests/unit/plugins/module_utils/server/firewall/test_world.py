# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError, Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import world as firewall_world
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall.rules import Policy

ASK = """
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import world
print(world.ssh_connection())
"""


class Tool:
    def __init__(self, name: str, works: bool = True):
        self.name, self._works = name, works

    def load(self, policy: Policy) -> str:
        return "" if self._works else "echo no such table >&2; exit 2\n"

    def unload(self) -> str:
        return f"unload {self.name}\n"

    def listing(self) -> str:
        return f"printf 'rules\\tof {self.name}\\n'\n"


@pytest.fixture(autouse=True)
def _no_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    run = firewall_world.run
    monkeypatch.setattr(firewall_world, "run", lambda script, *before: run(script))


def test_the_connection_is_found_though_sudo_hides_it() -> None:
    # env -i stands for sudo: the module's own process has no SSH_CONNECTION, one of its parents has.
    command = f"env -i PYTHONPATH={os.pathsep.join(sys.path)} {sys.executable} -c '{ASK}'; true"
    environment = {**os.environ, "SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 2222"}
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "192.0.2.1 50000 192.0.2.2 2222\n"


def test_the_port_of_the_connection_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firewall_world, "ssh_connection", lambda: "192.0.2.1 50000 192.0.2.2 2222")
    assert firewall_world.ssh_ports([22]) == {22, 2222}
    monkeypatch.setattr(firewall_world, "read", lambda path: "Port 23")
    assert firewall_world.ssh_ports([]) == {23, 2222}
    monkeypatch.setattr(firewall_world, "ssh_connection", lambda: "")
    monkeypatch.setattr(firewall_world, "read", lambda path: None)
    assert firewall_world.ssh_ports([]) == {22}


def test_the_first_tool_that_works_is_chosen() -> None:
    found = [Tool("nftables", works=False), Tool("iptables", works=False), Tool("iptables-legacy")]
    tool, lines = firewall_world._choose(found, Policy(), "auto", rehearsal=False)
    assert (tool.name, lines) == ("iptables-legacy", ["rules of iptables-legacy"])


def test_the_reasons_are_told_where_none_works() -> None:
    with pytest.raises(HydraError) as error:
        firewall_world._choose([Tool("nftables", works=False), Tool("iptables")], Policy(), "nftables", rehearsal=False)
    assert str(error.value) == (
        "no firewall on this host takes the rules (nftables: no such table): install nftables or iptables"
    )


def test_a_rehearsal_needs_no_tool() -> None:
    tool, lines = firewall_world._choose([], Policy(), "auto", rehearsal=True)
    assert tool.name == "nftables" and "table inet hydra_swarm {" in lines
    with pytest.raises(HydraError, match="none that fits is installed"):
        firewall_world._choose([], Policy(), "auto", rehearsal=False)


def test_the_hosts_own_firewall_has_to_run_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firewall_world, "_output", lambda *command: "Status: inactive\n")
    firewalls = [firewall_world.Ufw(), firewall_world.Firewalld()]
    assert firewall_world._running(firewalls, "auto") is None
    with pytest.raises(Refusal) as refusal:
        firewall_world._running(firewalls, "ufw")
    assert str(refusal.value) == "backend ufw: it does not run on this host: start it, or use backend auto"
    monkeypatch.setattr(firewall_world, "_output", lambda *command: "Status: active\n")
    running = firewall_world._running(firewalls, "auto")
    assert running and running.name == "ufw"
    assert firewall_world._running(firewalls, "nftables") is None


def test_what_somebody_else_opened_in_ufw_is_not_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        firewall_world, "_output", lambda *command: "ufw allow 22/tcp\nufw allow 80/tcp comment 'hydra.swarm'\n"
    )
    rules = (firewall_world.Rule("accept", "tcp", "22"), firewall_world.Rule("accept", "tcp", "80"))
    assert firewall_world.Ufw().wanted(rules) == firewall_world.Ufw().live() == ["allow 80/tcp"]


def test_another_tools_rules_go_after_the_new_ones_are_loaded() -> None:
    tools = [Tool("nftables"), Tool("iptables")]
    live, rules = {"iptables": ["old"]}, {"nftables": ["new"]}
    seen = firewall_world.Seen(
        tools, [firewall_world.Ufw()], "nftables", "ufw", "load\n", live, rules, {}, {"ufw": ["allow 1/tcp"]}
    )
    assert seen.script() == "ufw allow 1/tcp comment 'hydra.swarm'\nload\nunload iptables\n"
    assert seen.undo() == "unload nftables\nunload iptables\nufw delete allow 1/tcp\n"


def test_a_script_stops_at_its_first_error(tmp_path: Path) -> None:
    with pytest.raises(HydraError, match=r"^exit status 1$"):
        firewall_world.run(f"false\ntouch {tmp_path}/reached\n")
    assert not (tmp_path / "reached").exists()
