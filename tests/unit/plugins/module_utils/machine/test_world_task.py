# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import docker
import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world as machine_world
from ansible_collections.hydra.swarm.plugins.module_utils.machine import world_dind, world_task, world_validate
from ansible_collections.hydra.swarm.plugins.module_utils.machine.dind import Machine
from ansible_collections.hydra.swarm.plugins.module_utils.machine.world import World

OURS = {"Labels": {"hydra.swarm.cluster": "hydra"}}
LABS = {"Labels": {"hydra.swarm.cluster": "lab"}}
NODE = {
    "name": "hydra-node",
    "address": "172.30.0.10",
    "address_is_final": True,
    "service": "engine",
    "ports": ["80"],
    "settings": None,
    "cpus": 0,
    "memory": "0",
    "volume": None,
    "mounts": [],
}
CHIMERA = {**NODE, "name": "chimera-node", "address": "172.30.0.20", "address_is_final": False, "ports": []}
MOVED = {**NODE, "address": "172.30.0.11"}
NETWORK = {"name": "hydra", "subnet": "172.30.0.0/16", "gateway": None}
PARAMS = {
    "cluster": "hydra",
    "state": "started",
    "nodes": [NODE, CHIMERA],
    "image": "node:1",
    "network": NETWORK,
    "bind_address": "127.0.0.1",
    "privileges": "full",
    "purge": False,
    "min_free_gb": 3,
    "timeout": 90,
    "keep_going": False,
}
PUBLISHED = {"IP": "127.0.0.5", "PublicPort": 80, "Type": "tcp"}
EMPTY = World({}, {}, {}, local=True)
FIXED = {
    "image": "node:1",
    "network": "hydra",
    "address": "172.30.0.10",
    "service": "engine",
    "ports": ["127.0.0.1:80:80/tcp"],
    "mounts": {"/var/lib/docker": "hydra-node-data"},
    "privileges": "full",
}
HYDRA = Machine("hydra-node", FIXED, {}, 0, 0, "running")


def network(subnet: str, gateway: str | None = None, **more: Any) -> dict[str, Any]:
    return {"IPAM": {"Config": [{"Subnet": subnet} | ({"Gateway": gateway} if gateway else {})]}, **more}


UP = World(
    {"hydra-node": OURS},
    {"hydra": network("172.30.0.0/16", "172.30.0.1", **OURS)},
    {"hydra-node-data": OURS, "old": OURS, "labs": LABS},
    local=True,
    machines={"hydra-node": HYDRA},
)


RENAMED = {
    "Labels": {**OURS["Labels"], "hydra.swarm.made-as": json.dumps(FIXED)},
    "Mounts": [{"Name": "hydra-node-data"}],
}
STRANGE = {"Mounts": [{"Name": "hydra-node-data", "Destination": "/var/lib/docker"}]}


class Host(NamedTuple):
    """What this computer is found to be like, in the place of its engine."""

    world: World = EMPTY
    taken: dict[str, str] | None = None
    routes: dict[str, list[str]] | None = None
    free: int | None = 10 * 2**30
    unfit: str = ""
    refused: str = ""


@dataclass
class Rehearsal:
    params: dict[str, Any]
    check_mode: bool = True


@pytest.fixture
def rehearse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    def run(host: Host, **params: Any) -> dict[str, Any]:
        monkeypatch.setattr(world_task, "connect", lambda: None)
        monkeypatch.setattr(machine_world, "observe", lambda _client, _cluster: host.world)
        monkeypatch.setattr(machine_world, "port_taken", lambda port, _containers: (host.taken or {}).get(port))
        monkeypatch.setattr(machine_world, "capacity", lambda _client: (2, 4 * 2**30))
        monkeypatch.setattr(world_validate, "_refused", lambda *_words: host.refused)
        monkeypatch.setattr(machine_world, "host_routes", lambda: host.routes or {})
        monkeypatch.setattr(machine_world, "free_bytes", lambda _client: host.free)
        monkeypatch.setattr(machine_world, "unfit", lambda _client: host.unfit)
        monkeypatch.setattr(world_dind, "ask", lambda *_words: (0, b"{}", b""))
        return world_task.run(Rehearsal({**PARAMS, **params}))

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return run


FOREIGN = "exists and is not of cluster hydra (no label hydra.swarm.cluster=hydra): remove or rename it, or choose another name"


@pytest.mark.parametrize(
    ("host", "params", "problems"),
    [
        (
            Host(unfit="runs without root (rootless)"),
            {},
            "the engine here runs without root (rootless), and machines need one whose root is root of this computer: "
            "choose it with docker context use, or DOCKER_HOST",
        ),
        (
            Host(),
            {"nodes": [NODE, {**CHIMERA, "address": "172.30.0.10"}]},
            "chimera-node: address 172.30.0.10 is already that of hydra-node: give every machine its own",
        ),
        (
            Host(),
            {"nodes": [{**NODE, "address": None}]},
            "hydra-node: address 'None' is not an IPv4 address: write four numbers like 172.30.0.10",
        ),
        (
            Host(),
            {"nodes": [{**NODE, "address": "10.0.0.1"}, {**CHIMERA, "address": "172.30.0.1"}]},
            "hydra-node: address 10.0.0.1 is outside the subnet 172.30.0.0/16: choose one inside it; "
            "chimera-node: address 172.30.0.1 is the gateway of 172.30.0.0/16: choose another",
        ),
        (
            Host(),
            {"network": {**NETWORK, "subnet": "172.30.0.10/16"}, "nodes": [{**NODE, "name": "-"}]},
            "'-' is no host name; subnet '172.30.0.10/16' is not an IPv4 network (172.30.0.10/16 has host bits set): "
            "write it like 172.30.0.0/16",
        ),
        (
            Host(replace(EMPTY, networks={"mine": network("172.30.1.0/24")})),
            {},
            "subnet 172.30.0.0/16 overlaps 172.30.1.0/24 of Docker network 'mine': choose another subnet or remove that "
            "one",
        ),
        (
            Host(
                replace(EMPTY, networks={"mine": network("172.30.1.0/24")}),
                routes={"the host's route through tun0": ["172.16.0.0/12", "172.30.1.0/24"]},
            ),
            {},
            "subnet 172.30.0.0/16 overlaps 172.30.1.0/24 of Docker network 'mine': choose another subnet or remove that "
            "one; subnet 172.30.0.0/16 overlaps 172.16.0.0/12 of the host's route through tun0: choose another subnet "
            "or remove that one",
        ),
        (
            Host(UP),
            {"network": {**NETWORK, "subnet": "172.30.0.0/24"}},
            "network 'hydra' is 172.30.0.0/16 with gateway 172.30.0.1, not 172.30.0.0/24 with gateway 172.30.0.1; the "
            "machines' addresses are part of their swarm and cannot move: go back to the old subnet, or remove the "
            "cluster (make swarm-clean) and make it anew",
        ),
        (
            Host(
                World(
                    {"hydra-node": {}},
                    {"hydra": network("172.30.0.0/16", Labels=None)},
                    {"hydra-node-data": LABS},
                    True,
                )
            ),
            {},
            f"container 'hydra-node' {FOREIGN}; volume 'hydra-node-data' {FOREIGN}; network 'hydra' {FOREIGN}",
        ),
        (
            Host(taken={"127.0.0.1:80:80/tcp": "container 'web'"}),
            {},
            "hydra-node: port 80 on 127.0.0.1 is taken by container 'web': stop that, or publish another port or on "
            "another address",
        ),
        (
            Host(taken={"192.0.2.1:80:80/tcp": machine_world.NO_ADDRESS}),
            {"bind_address": "192.0.2.1"},
            "hydra-node: port 80 cannot be published on 192.0.2.1: that is not an address of this host; name one of its "
            "own, or 127.0.0.1 (bind_address, or in the port)",
        ),
        (
            Host(replace(EMPTY, containers={"b": STRANGE})),
            {"nodes": [NODE]},
            "container 'b' has the volume hydra-node-data of hydra-node as its data, too, and is not of cluster hydra: two on "
            "one volume would ruin it; remove that container (docker rm -f b; the volume stays), or give hydra-node another "
            "volume (dind_node_volume)",
        ),
        (
            Host(replace(UP, containers={"b": RENAMED, "hydra-node": {**OURS, "Names": ["/hydra-node"]}})),
            {"nodes": [NODE]},
            "somebody renamed the container of hydra-node, to b, and another one is called hydra-node: remove or rename that "
            "(docker rename hydra-node OTHER), and run this again",
        ),
        (
            Host(
                replace(
                    EMPTY,
                    containers={"web": {"NetworkSettings": {"Networks": {"hydra": {"IPAddress": "172.30.0.10"}}}}},
                )
            ),
            {"nodes": [NODE]},
            "hydra-node: its address 172.30.0.10 is taken by container 'web': stop that, or docker network disconnect hydra web",
        ),
        (
            Host(UP),
            {"nodes": [MOVED]},
            "hydra-node has address 172.30.0.10, not 172.30.0.11, and is a manager, whose address is part of the swarm "
            "and never changes: go back to the old address, or make another manager instead",
        ),
        (
            Host(),
            {"nodes": [NODE, {**CHIMERA, "ports": ["0.0.0.0:80:8080"]}]},
            "chimera-node: port 0.0.0.0:80 is already published by hydra-node: give each a port or an address of its "
            "own",
        ),
        (
            Host(free=2**30),
            {},
            "1.0 GiB are free where the engine keeps its data, 3 GiB are needed: make room (docker system df shows what "
            "uses it)",
        ),
        (
            Host(),
            {"nodes": [{**NODE, "cpus": 2.5, "memory": "5g"}, {**CHIMERA, "cpus": 2, "memory": "4g"}]},
            "hydra-node: cpus 2.5, and this host has 2: choose fewer, or leave it out; hydra-node: memory 5 GiB, and this "
            "host has 4 GiB: choose less, or leave it out",
        ),
        (
            Host(refused="no such directive"),
            {"nodes": [{**NODE, "settings": {"a": 1}}, {**CHIMERA, "settings": {"a": 1}}]},
            "hydra-node, chimera-node: the engine refuses its settings: no such directive; correct that setting",
        ),
        (
            # What a machine of its own holds is free for it, and for another one, once it is made anew.
            Host(UP, taken={"0.0.0.0:80:80/tcp": "another program", "192.0.2.1:80:80/tcp": machine_world.NO_ADDRESS}),
            {"nodes": [{**NODE, "ports": ["0.0.0.0:80:80", "192.0.2.1:80:80"]}]},
            "hydra-node: port 192.0.2.1:80 is already published by hydra-node: give each a port or an address of its own; "
            "hydra-node: port 80 cannot be published on 192.0.2.1: that is not an address of this host; name one of its "
            "own, or 127.0.0.1 (bind_address, or in the port)",
        ),
        (
            Host(replace(UP, containers={**UP.containers, "web": {"Ports": [PUBLISHED]}})),
            {"nodes": [{**NODE, "ports": ["0.0.0.0:80:80"]}]},
            "hydra-node: port 80 on 0.0.0.0 is taken by container 'web': stop that, or publish another port or on another "
            "address",
        ),
    ],
)
def test_bad_input_is_refused(rehearse: Any, host: Host, params: dict[str, Any], problems: str) -> None:
    with pytest.raises(Refusal) as error:
        rehearse(host, **params)
    assert str(error.value) == f"nothing was touched: {problems}"


def test_what_cannot_be_read_is_refused_with_every_mistake(rehearse: Any) -> None:
    with pytest.raises(Refusal) as error:
        rehearse(Host(), nodes=[{**NODE, "ports": ["http"]}, {**CHIMERA, "memory": "lots"}])
    assert str(error.value) == (
        "nothing was touched: hydra-node: port 'http' is not [[ADDRESS:]HOST:]CONTAINER[/tcp|udp|sctp] with ports from 1 "
        "to 65535; chimera-node: size 'lots' is not a number with one of the units b, k, m, g, t: write it like 512m or "
        "2g"
    )


@pytest.mark.parametrize(
    "host",
    [
        Host(free=None),
        Host(routes={"the host's route through eth0": ["172.16.2.0/24"]}),
        # Another computer's engine: its ports, routes and disk cannot be seen from here.
        Host(replace(EMPTY, local=False), taken={"127.0.0.1:80:80/tcp": "x"}, routes={"x": ["172.30.0.0/16"]}, free=0),
        # The port is the machine's own, and nothing is made.
        Host(UP, taken={"127.0.0.1:80:80/tcp": "container 'hydra-node'"}, free=10 * 2**30),
    ],
)
def test_what_is_not_in_the_way(rehearse: Any, host: Host) -> None:
    assert rehearse(host)["changed"]


@pytest.mark.parametrize("ports", [["8080:80"], ["0.0.0.0:80:80"], ["80:8080"], ["127.0.0.2:80:80"]])
def test_a_machine_that_is_made_anew_has_its_own_ports(rehearse: Any, ports: list[str]) -> None:
    held = {"0.0.0.0:80:80/tcp": "container 'hydra-node'", "127.0.0.1:80:8080/tcp": "container 'hydra-node'"}
    result = rehearse(Host(UP, taken=held), nodes=[{**NODE, "ports": ports, "settings": {}}])
    assert result["nodes"][0]["actions"] == ["remove", "create", "settings", "start"]


def test_a_port_moves_from_one_machine_to_another(rehearse: Any) -> None:
    held = {"127.0.0.1:80:80/tcp": "container 'hydra-node'"}
    nodes = [{**NODE, "ports": []}, {**CHIMERA, "ports": ["80"]}]
    assert rehearse(Host(UP, taken=held), nodes=nodes)["changed"]


def test_a_cold_start(rehearse: Any) -> None:
    result = rehearse(Host())
    assert result["diff"]["before"] == {
        "hydra-node": {"state": "absent"},
        "chimera-node": {"state": "absent"},
        "network": "absent",
    }
    assert result["diff"]["after"]["hydra-node"] == {"state": "running", **FIXED, "cpus": 0, "memory": 0}
    assert result["diff"]["after"]["network"] == "present"
    assert result["nodes"][0] == {
        "name": "hydra-node",
        "address": "172.30.0.10",
        "state": "running",
        "actions": ["create", "start"],
        "reasons": [],
    }
    assert result["removed"] == {"networks": [], "volumes": []}


@pytest.mark.parametrize("state", ["started", "present"])
def test_a_second_run_changes_nothing(rehearse: Any, state: str) -> None:
    result = rehearse(Host(UP), state=state, nodes=[NODE])
    assert (result["changed"], result["nodes"][0]["actions"]) == (False, [])


@pytest.mark.parametrize("world", [EMPTY, replace(UP, machines={})])
def test_a_manager_that_is_not_there_may_have_any_address(rehearse: Any, world: World) -> None:
    assert rehearse(Host(world), nodes=[MOVED])["nodes"][0]["actions"] == ["create", "start"]


def test_a_worker_may_move(rehearse: Any) -> None:
    node = rehearse(Host(UP), nodes=[{**MOVED, "address_is_final": False}])["nodes"][0]
    assert (node["actions"], node["reasons"]) == (
        ["remove", "create", "start"],
        ["address: '172.30.0.10' -> '172.30.0.11'"],
    )


def test_a_port_named_twice_is_published_once(rehearse: Any) -> None:
    assert not rehearse(Host(UP), nodes=[{**NODE, "ports": ["80", "80:80", "127.0.0.1:80:80/tcp"]}])["changed"]


def test_an_engine_does_not_say_which_gateway_it_chose(rehearse: Any) -> None:
    world = replace(UP, networks={"hydra": network("172.30.0.0/16", **OURS)})
    assert not rehearse(Host(world), nodes=[NODE])["changed"]


@pytest.mark.parametrize(
    ("params", "actions", "removed"),
    [
        ({"state": "stopped"}, ["stop"], {"networks": [], "volumes": []}),
        ({"state": "absent"}, ["remove"], {"networks": ["hydra"], "volumes": []}),
        (
            {"state": "absent", "purge": True},
            ["remove"],
            {"networks": ["hydra"], "volumes": ["hydra-node-data", "old"]},
        ),
    ],
)
def test_all_of_the_cluster_and_nothing_else(
    rehearse: Any, params: dict[str, Any], actions: list[str], removed: dict[str, list[str]]
) -> None:
    result = rehearse(Host(UP), nodes=None, network=None, image=None, **params)
    assert [(node["name"], node["actions"]) for node in result["nodes"]] == [("hydra-node", actions)]
    assert (result["changed"], result["removed"]) == (True, removed)


def test_one_machine_and_its_volume(rehearse: Any) -> None:
    result = rehearse(Host(UP), nodes=[NODE, CHIMERA], network=None, image=None, state="absent", purge=True)
    assert [node["actions"] for node in result["nodes"]] == [["remove"], []]
    assert result["removed"] == {"networks": [], "volumes": ["hydra-node-data"]}


@pytest.mark.parametrize("state", ["stopped", "absent"])
def test_a_container_that_is_not_ours_is_left_alone(rehearse: Any, state: str) -> None:
    with pytest.raises(Refusal) as error:
        rehearse(Host(replace(EMPTY, containers={"hydra-node": LABS})), nodes=[NODE], network=None, state=state)
    assert str(error.value) == f"nothing was touched: container 'hydra-node' {FOREIGN}"


def test_a_node_whose_containers_were_kept_from_nothing_is_made_anew(rehearse: Any) -> None:
    closed = {"closed": ["172.30.0.0/16"], "reach": []}
    (made,) = rehearse(Host(UP), nodes=[{**NODE, "settings": {}, "containers": closed}])["nodes"]
    assert made["actions"] == ["remove", "create", "settings", "start"]
    assert made["reasons"][0].startswith("containers: None -> {'closed': ['172.30.0.0/16'], 'reach': [], 'rules': '")
    (left,) = rehearse(Host(UP), nodes=[{**NODE, "settings": {}}])["nodes"]
    assert left["actions"] == []


def test_a_container_that_was_renamed_is_its_machine_all_the_same(rehearse: Any) -> None:
    """Its name is given back, whatever else is done; nothing is made."""
    world = replace(UP, containers={"b": RENAMED}, machines={"b": replace(HYDRA, name="b")})
    for state, actions in (("started", ["rename"]), ("stopped", ["rename", "stop"]), ("absent", ["rename", "remove"])):
        (node,) = rehearse(Host(world), state=state, nodes=[{**NODE, "settings": {}}])["nodes"]
        assert (node["name"], node["actions"]) == ("hydra-node", actions)
        assert node["reasons"] == ["somebody renamed its container, to b"]


def test_of_two_containers_on_one_volume_the_one_that_has_the_name_stays(rehearse: Any) -> None:
    both = {"hydra-node": RENAMED, "b": {**RENAMED, "State": "running"}}
    world = replace(UP, containers=both, machines={"hydra-node": HYDRA, "b": replace(HYDRA, name="b")})
    (node,) = rehearse(Host(world), nodes=[{**NODE, "settings": {}}])["nodes"]
    assert node["actions"] == ["remove-others", "restart"]
    assert node["reasons"] == ["a second container on its volume: b"]


def test_a_manager_gets_the_address_back_that_it_was_made_with(rehearse: Any) -> None:
    """Another one, since somebody connected it otherwise, is no wish to move it."""
    elsewhere = replace(HYDRA, fixed={**FIXED, "address": "172.30.0.77"})
    world = replace(UP, containers={"hydra-node": RENAMED}, machines={"hydra-node": elsewhere})
    (node,) = rehearse(Host(world), nodes=[{**NODE, "settings": {}}])["nodes"]
    assert node["actions"] == ["remove", "create", "settings", "start"]
    assert node["reasons"] == ["address: '172.30.0.77' -> '172.30.0.10'"]


class Engine:
    """One that does not start the manager."""

    remove_network = remove_volume = None

    def __init__(self) -> None:
        self.started: list[str] = []

    def inspect_container(self, name: str) -> dict[str, Any]:
        return {"State": {}}

    def start(self, name: str) -> None:
        if name == "hydra-node":
            raise docker.errors.APIError("no space left")
        self.started.append(name)


@pytest.mark.parametrize("keep_going", [True, False])
def test_a_machine_that_cannot_be_started_keeps_no_other_back(
    rehearse: Any, monkeypatch: pytest.MonkeyPatch, keep_going: bool
) -> None:
    stopped = {
        name: Machine(
            name,
            {**FIXED, "address": address, "ports": [], "mounts": {"/var/lib/docker": f"{name}-data"}},
            {},
            state="stopped",
        )
        for name, address in (("hydra-node", "172.30.0.10"), ("chimera-node", "172.30.0.20"))
    }
    host, engine = Host(replace(UP, containers=dict.fromkeys(stopped, OURS), machines=stopped)), Engine()
    nodes = [{**NODE, "ports": [], "settings": {}}, {**CHIMERA, "settings": {}}]
    rehearse(host, nodes=nodes)
    monkeypatch.setattr(world_task, "connect", lambda: engine)
    monkeypatch.setattr(world_dind, "probe", lambda _client, name, *_words: {"engine": {"swarm": name}})
    run = Rehearsal({**PARAMS, "nodes": nodes, "keep_going": keep_going}, check_mode=False)
    if not keep_going:
        with pytest.raises(EngineError) as error:
            world_task.run(run)
        assert str(error.value) == "hydra-node: start: no space left" and engine.started == ["chimera-node"]
        return
    result = world_task.run(run)
    assert engine.started == ["chimera-node"] and result["changed"]
    assert result["troubles"] == {"hydra-node": "start: no space left"}
    assert result["engines"] == {
        "chimera-node": {"swarm": "chimera-node"},
        "hydra-node": {"trouble": "start: no space left"},
    }
