# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dind_node does with its parameters: look, check everything, plan, carry out, wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..common import addresses
from ..common.change import Change
from ..common.converge import converge
from ..common.errors import EngineError, Refusal
from ..common.owner import OWNER
from ..common.world_lock import exclusive
from ..engine.world_sdk import connect
from ..server.firewall.containers import containers
from ..server.firewall.scripts_containers import digest, machine_script
from . import dind, features, identity, world_dind, world_ready, world_validate
from . import world as machine_world
from .dind import Machine, Plan
from .world import World

STATES = {"started": "running", "present": "created", "stopped": "stopped", "absent": "absent"}


def run(module: Any) -> dict[str, Any]:
    """The result of one task; raises HydraError. C(module) has params and check_mode."""
    params = module.params
    client = connect()
    # A killed playbook's last module may still be at work; it finishes before this one looks.
    with exclusive(f"{params['cluster']}.machines"):
        world = machine_world.observe(client, params["cluster"])
        found = _found(params, world)
        world = _righted(world, found)
        wanted = _wanted(params, world)
        plans = [dind.plan(world.machines.get(m.name, Machine(m.name)), m) for m in wanted]
        plans = [
            dind.righted(plan, found.called.get(plan.machine.name, ""), found.surplus.get(plan.machine.name, ()))
            for plan in plans
        ]
        network = _network(params, world)
        rest = _rest(params, world)
        _refuse(params, client, world, plans, network, found)
        change = _change(world, plans, network, rest)
        troubles: dict[str, str] = {}

        def carry_out(those: list[Plan], last: list[Plan] | None = None) -> None:
            """One that fails keeps no other back; what it was to do next is left undone."""
            those = [plan for plan in those if plan.machine.name not in troubles]
            tried = world_dind.attempted(
                lambda plan: world_dind.carry_out(client, params["cluster"], plan), those, last or []
            )
            troubles.update(tried[1])

        def apply() -> None:
            if network == "create":
                world_dind.make_network(client, params["cluster"], params["network"])
            world_dind.right(client, identity.renamings(found.called), found.surplus)
            # What one machine gives up, such as a port, another may want.
            gone, kept = dind.removals(plans)
            last = dind.last_of(kept)
            carry_out(gone)
            carry_out([plan for plan in kept if plan not in last], last)
            if troubles and not params["keep_going"]:
                raise EngineError(_failed(troubles))
            world_dind.remove_rest(client, rest["networks"], rest["volumes"])

        result = converge(module, change, apply)
    ready: dict[str, Any] = {}
    if params["state"] == "started":
        if module.check_mode:
            plans = world_ready.rehearsed(client, plans)
        else:
            computer = machine_world.host_addresses() if world.local else []
            fit = [plan for plan in plans if plan.machine.name not in troubles]
            awaited = world_ready.awaited(client, params["cluster"], fit, params["timeout"], computer)
            ready, troubles = awaited.answers, {**troubles, **awaited.troubles}
            plans = [awaited.plans.get(plan.machine.name, plan) for plan in plans]
        for plan in plans:
            if mended := world_ready.shown(plan):
                result["changed"] = True
                result["diff"]["before"][plan.machine.name].update(mended)
    if troubles and not (params["keep_going"] and len(troubles) < len(plans)):
        raise EngineError(_failed(troubles))
    return {**result, **_returned(plans, ready, rest, troubles)}


def _failed(troubles: dict[str, str]) -> str:
    return "; ".join(f"{name}: {words}" for name, words in troubles.items())


def _found(params: dict[str, Any], world: World) -> identity.Found:
    """Which containers are the machines that are named."""
    wanted = [
        (node["name"], node["volume"] or f"{node['name']}-data", node["service"]) for node in params["nodes"] or []
    ]
    return identity.recognised(wanted, world.containers, params["cluster"])


def _righted(world: World, found: identity.Found) -> World:
    machines = {name: replace(machine, name=name) for name, machine in identity.righted(found, world.machines).items()}
    return replace(world, containers=identity.righted(found, world.containers), machines=machines)


def _wanted(params: dict[str, Any], world: World) -> list[Machine]:
    state = STATES[params["state"]]
    if params["nodes"] is None:
        return [Machine(name, state=state) for name in world.machines]
    if state in ("absent", "stopped"):
        return [Machine(node["name"], state=state) for node in params["nodes"]]
    problems: list[str] = []
    machines = []
    for node in params["nodes"]:
        try:
            machines.append(_described(params, node, state))
        except (ValueError, Refusal) as error:
            problems.append(f"{node['name']}: {error}")
    if problems:
        raise Refusal("nothing was touched: " + "; ".join(problems))
    return machines


def _described(params: dict[str, Any], node: dict[str, Any], state: str) -> Machine:
    fixed = {
        "image": params["image"],
        "network": params["network"]["name"],
        "address": node["address"],
        "service": node["service"],
        "ports": list(dict.fromkeys(dind.parse_port(port, params["bind_address"]) for port in node["ports"])),
        "mounts": world_dind.mounts_of(node["service"], node["volume"] or f"{node['name']}-data", node["mounts"]),
        "privileges": params["privileges"] if params["privileges"] != "auto" else machine_world.privileges(),
        **_isolation(node),
        # What is not given is not noted, so that machines from before there was such an option stay as they are.
        **{option: node[option] for option in ("hostname", "environment") if node.get(option)},
    }
    cpus, memory = dind.parse_cpus(node["cpus"]), dind.parse_memory(node["memory"])
    return Machine(node["name"], fixed, node["settings"], cpus, memory, state)


def _isolation(node: dict[str, Any]) -> dict[str, Any]:
    """What its containers may not reach; by the digest a machine is made anew whose rules are now others."""
    told = node.get("containers")
    if not told or node["service"] != "engine":
        return {}
    return {"containers": {**told, "rules": digest(machine_script(containers(told["closed"], told["reach"])))}}


def _network(params: dict[str, Any], world: World) -> str:
    """What to do with the network: create it, or nothing."""
    wanted = params["network"] and params["state"] in ("started", "present")
    return "create" if wanted and params["network"]["name"] not in world.networks else ""


def _rest(params: dict[str, Any], world: World) -> dict[str, list[str]]:
    """The networks and volumes to remove once the containers are gone."""
    cluster = params["cluster"]
    rest: dict[str, list[str]] = {"networks": [], "volumes": []}
    if params["state"] != "absent":
        return rest
    if params["nodes"] is None:
        rest["networks"] = machine_world.owned(world.networks, cluster)
    if params["purge"]:
        named = None if params["nodes"] is None else {n["volume"] or f"{n['name']}-data" for n in params["nodes"]}
        rest["volumes"] = [v for v in machine_world.owned(world.volumes, cluster) if named is None or v in named]
    return rest


def _refuse(
    params: dict[str, Any], client: Any, world: World, plans: list[Plan], network: str, found: identity.Found
) -> None:
    """Raise one Refusal with every rule that is broken; nothing was touched yet."""
    problems = _foreign(params, world, plans)
    if params["state"] in ("started", "present"):
        problems += found.problems
        net, nodes = params["network"], params["nodes"]
        names = [name for n in nodes for name in (n["name"], n.get("hostname") or n["name"])]
        problems += [f"'{name}' is no host name" for name in dict.fromkeys(names) if not dind.NAME.fullmatch(name)]
        problems += addresses.address_problems(
            [(n["name"], str(n["address"])) for n in nodes], net["subnet"], net["gateway"]
        )
        if not problems:
            problems += _network_problems(params, world, network)
        problems += _moved_managers(nodes, world)
        problems += _address_problems(world, plans)
        problems += _unfit_problems(client, plans)
        published = [(plan.machine.name, port) for plan in plans for port in plan.machine.fixed["ports"]]
        problems += dind.port_clashes(published)
        problems += _capacity_problems(client, plans)
        problems += world_validate.problems(client, params["cluster"], world, plans)
        if world.local:
            problems += _port_problems(world, plans)
            problems += _disk_problems(params, client, plans)
    if problems:
        raise Refusal("nothing was touched: " + "; ".join(problems))


def _foreign(params: dict[str, Any], world: World, plans: list[Plan]) -> list[str]:
    """Things of our names that are not ours."""
    names = {"container": (world.containers, [p.machine.name for p in plans])}
    volumes = {volume for p in plans for volume in p.machine.fixed.get("mounts", {}).values()}
    names["volume"] = (world.volumes, sorted(volumes))
    names["network"] = (world.networks, [params["network"]["name"]] if params["network"] else [])
    return [
        f"{kind} '{name}' exists and is not of cluster {params['cluster']} (no label {OWNER}={params['cluster']}): "
        f"remove or rename it, or choose another name"
        for kind, (things, wanted) in names.items()
        for name in wanted
        if name in things and (things[name].get("Labels") or {}).get(OWNER) != params["cluster"]
    ]


def _network_problems(params: dict[str, Any], world: World, network: str) -> list[str]:
    net = params["network"]
    if network == "create":
        others = machine_world.subnets_of(world.networks, net["name"])
        # A Docker bridge has a route of its own: naming it once, as the network, is enough.
        known = {subnet for subnets in others.values() for subnet in subnets}
        routes = machine_world.host_routes() if world.local else {}
        others |= {what: [s for s in subnets if s not in known] for what, subnets in routes.items()}
        return addresses.overlaps(net["subnet"], others)
    pools = (world.networks[net["name"]].get("IPAM") or {}).get("Config") or [{}]
    subnet = addresses.Network(net["subnet"])
    want = (str(subnet), addresses.gateway_of(subnet, net["gateway"]))
    # An engine does not say which gateway it took by itself.
    have = (pools[0].get("Subnet"), pools[0].get("Gateway") or addresses.gateway_of(subnet, None))
    if have == want:
        return []
    return [
        f"network '{net['name']}' is {have[0]} with gateway {have[1]}, not {want[0]} with gateway {want[1]}; the "
        "machines' addresses are part of their swarm and cannot move: go back to the old subnet, or remove the cluster "
        "(make swarm-clean) and make it anew"
    ]


def _moved_managers(nodes: list[dict[str, Any]], world: World) -> list[str]:
    """By the address that it was made with; another one it may have been given since is taken from it again."""
    made = {
        name: identity.made_as(world.containers.get(name, {})).get("address") or existing.fixed.get("address")
        for name, existing in world.machines.items()
    }
    return [
        f"{node['name']} has address {made[node['name']]}, not {node['address']}, and is a manager, whose address is "
        "part of the swarm and never changes: go back to the old address, or make another manager instead"
        for node in nodes
        if node["address_is_final"] and made.get(node["name"], node["address"]) != node["address"]
    ]


def _address_problems(world: World, plans: list[Plan]) -> list[str]:
    """Who has the address of a machine that is made or started; one that is made anew gives up its own first."""
    going = {plan.machine.name for plan in plans if "remove" in plan.actions}
    starting = [plan.machine for plan in plans if {"start", "create"} & set(plan.actions)]
    return [
        f"{machine.name}: its address {machine.fixed['address']} is taken by container '{other}': stop that, or "
        f"docker network disconnect {machine.fixed['network']} {other}"
        for machine in starting
        for other, container in world.containers.items()
        if other not in (*going, machine.name)
        and machine_world.address_of(container, machine.fixed["network"]) == machine.fixed["address"]
    ]


def _port_problems(world: World, plans: list[Plan]) -> list[str]:
    problems = []
    # Machines that are made anew give theirs up first.
    going = {plan.machine.name for plan in plans if "remove" in plan.actions}
    given_up = [port for name in going for port in world.machines[name].fixed.get("ports", [])]
    staying = {name: container for name, container in world.containers.items() if name not in going}
    for plan in plans:
        if not {"start", "create"} & set(plan.actions):
            continue
        for port in plan.machine.fixed.get("ports", []):
            address, number, _rest = port.split(":")
            freed = any(dind.same_port(port, other) for other in given_up)
            taker = machine_world.port_taken(port, staying)
            if freed and taker != machine_world.NO_ADDRESS:
                taker = machine_world.container_with(port, staying)
            if not taker:
                continue
            if taker == machine_world.NO_ADDRESS:
                problems.append(
                    f"{plan.machine.name}: port {number} cannot be published on {address}: that is {taker}; name one "
                    "of its own, or 127.0.0.1 (bind_address, or in the port)"
                )
            else:
                problems.append(
                    f"{plan.machine.name}: port {number} on {address} is taken by {taker}: stop that, or publish "
                    "another port or on another address"
                )
    return problems


def _unfit_problems(client: Any, plans: list[Plan]) -> list[str]:
    why = machine_world.unfit(client) if any("create" in plan.actions for plan in plans) else ""
    if not why:
        return []
    return [
        f"the engine here {why}, and machines need one whose root is root of this computer: choose it with docker "
        "context use, or DOCKER_HOST"
    ]


def _capacity_problems(client: Any, plans: list[Plan]) -> list[str]:
    limited = [plan.machine for plan in plans if {"create", "resize"} & set(plan.actions)]
    limited = [machine for machine in limited if machine.cpus or machine.memory]
    if not limited:
        return []
    cpus, memory = machine_world.capacity(client)
    return [problem for machine in limited for problem in dind.beyond(machine, cpus, memory)]


def _disk_problems(params: dict[str, Any], client: Any, plans: list[Plan]) -> list[str]:
    if not any("create" in plan.actions for plan in plans):
        return []
    free = machine_world.free_bytes(client)
    if free is None or free >= params["min_free_gb"] * 2**30:
        return []
    return [
        f"{free / 2**30:.1f} GiB are free where the engine keeps its data, {params['min_free_gb']:g} GiB are needed: "
        "make room (docker system df shows what uses it)"
    ]


def _change(world: World, plans: list[Plan], network: str, rest: dict[str, list[str]]) -> Change:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for plan in plans:
        before[plan.machine.name] = world.machines.get(plan.machine.name, Machine("")).shown()
        after[plan.machine.name] = plan.after.shown()
        if plan.actions and before[plan.machine.name] == after[plan.machine.name]:
            before[plan.machine.name]["why"] = list(plan.why)
    if network:
        before["network"], after["network"] = "absent", "present"
    for kind, names in rest.items():
        before |= {f"{kind[:-1]} {name}": "present" for name in names}
        after |= {f"{kind[:-1]} {name}": "absent" for name in names}
    return Change(before, after)


def _returned(
    plans: list[Plan], ready: dict[str, Any], rest: dict[str, list[str]], troubles: dict[str, str]
) -> dict[str, Any]:
    nodes = [
        {
            "name": plan.machine.name,
            "address": plan.after.fixed.get("address"),
            "state": plan.after.state,
            "actions": list(plan.actions),
            "reasons": list(plan.why),
        }
        for plan in plans
    ]
    engines = {name: answer["engine"] for name, answer in ready.items() if answer.get("engine")}
    engines |= {
        plan.machine.name: {"trouble": troubles[plan.machine.name]}
        for plan in plans
        if plan.machine.name in troubles and plan.machine.fixed.get("service") == "engine"
    }
    keys = {name: answer["host_key"] for name, answer in ready.items() if "host_key" in answer}
    seen = next((features.features(**answer["kernel"]) for answer in ready.values() if "kernel" in answer), None)
    found = {"nodes": nodes, "removed": rest, "troubles": troubles} | ({"kernel": seen} if seen else {})
    found |= {"engines": engines} if engines else {}
    return found | ({"host_keys": keys} if keys else {})
