# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether servers are fit to become a swarm: from what each of them showed to one line a check.

C(servers) are as server.probe.server_of makes them; C(seen) and C(probed) have, by host, the results of host_info and
port_probe there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..common.errors import Refusal
from ..common.units import size
from . import address_checks as addressing
from . import nfs, probe
from .lines import FAIL, OK, WARN, Line, Verdict, lines

GIB = 1024**3
TESTED = {"debian": ("12", "13"), "ubuntu": ("22.04", "24.04")}
PYTHON = (3, 10)
# What a swarm cannot do without, and what the lack of the rest means.
NEEDED = ("overlay", "bridge", "vxlan")
WANTED = {
    "ip_vs": "no ip_vs: virtual IPs and ports in ingress mode do not answer; stacks are adapted to that",
    "br_netfilter": "no br_netfilter: containers on one bridge are not kept apart",
    "nfsv4": "no NFS client: NFS volumes cannot be mounted here, and stacks with such volumes are refused",
}
DEFAULTS = {
    "min_free_gb": 3,
    "min_memory_gb": 1,
    "clock_tolerance": 5,
    "address_pools": (),
    "unreachable": FAIL,
    "forks": 0,
    "firewall": False,
}


def check(
    servers: Iterable[Mapping[str, Any]],
    seen: probe.Seen,
    probed: probe.Seen | None = None,
    limits: Mapping[str, Any] | None = None,
) -> list[Line]:
    """One line a check and server, in the order of the servers."""
    servers, settings = list(servers), {**DEFAULTS, **(limits or {})}
    facts = {host: result["host"] for host, result in seen.items() if "host" in result}
    found: list[Line] = []
    for server in servers:
        host = server["host"]
        if host not in facts:
            found += [_absent(host, seen.get(host, {}), settings)]
            continue
        for name, verdict in CHECKS.items():
            found += lines(host, name, verdict(server, facts, settings))
        found += lines(host, "network", addressing.reached(server, facts, (probed or {}).get(host, {}), settings))
    return found


def offset(sent: float, started: float, ended: float, received: float) -> dict[str, float]:
    """How far a server's clock is ahead of ours, from when a task was sent, ran there and came back."""
    ahead, spent = (started - sent + ended - received) / 2, (received - sent) - (ended - started)
    return {"offset": round(ahead, 3), "uncertainty": round(max(0.0, spent) / 2, 3)}


def _absent(host: str, result: Mapping[str, Any], settings: Mapping[str, Any]) -> Line:
    words = str(result.get("msg") or "no answer").removeprefix("Task failed: ").strip().splitlines()[0]
    if result.get("unreachable") or not result:
        return {"host": host, "check": "reachable", "level": settings["unreachable"], "text": f"unreachable: {words}"}
    return {"host": host, "check": "reachable", "level": FAIL, "text": f"could not be looked at: {words}"}


def _system(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    system = facts[server["host"]]["os"]
    if system["id"] in TESTED:
        versions = TESTED[system["id"]]
        tested = system["version"] in versions
        yield (OK, system["name"]) if tested else (WARN, f"{system['name']} is not tested; {', '.join(versions)} are")
    elif {"debian", "ubuntu", "rhel", "fedora"} & {system["id"], *system["like"]}:
        yield WARN, f"{system['name']} is not tested; Debian 12 and 13, Ubuntu 22.04 and 24.04 are"
    else:
        yield FAIL, f"{system['name'] or 'unknown'} is not supported: use Debian 12 or 13, or Ubuntu 22.04 or 24.04"


def _basics(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    host = facts[server["host"]]
    yield (OK, "systemd") if host["systemd"] else (FAIL, "systemd does not run here, and starts the engine at boot")
    yield (OK, "root") if host["root"] else (FAIL, "tasks do not run as root: set ansible_become: true")
    version = tuple(int(part) for part in host["python"].split(".")[:2])
    least = ".".join(map(str, PYTHON))
    yield (
        (OK, f"Python {host['python']}")
        if version >= PYTHON
        else (
            FAIL,
            f"Python {host['python']} is too old: {least} is needed, set ansible_python_interpreter to one",
        )
    )


def _kernel(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    kernel = facts[server["host"]]["kernel"]
    features = kernel["features"]
    there = [name for name, how in features.items() if how != "missing" and name in (*NEEDED, *WANTED)]
    yield OK, f"{kernel['release']}, cgroup v{kernel['cgroup']}, {', '.join(there) or 'no modules'}"
    if server["role"]:
        for name in NEEDED:
            if features[name] == "missing":
                yield FAIL, f"no {name}: this kernel cannot be a node of a swarm; install the distribution's own kernel"
        for name, meaning in WANTED.items():
            if features[name] == "missing":
                yield WARN, meaning
    if kernel.get("foreign"):
        parts = ", ".join(f"{part}.*" for part in kernel["foreign"])
        yield WARN, f"a container: settings {parts} are its host's and stay as they are there"


def _nfs(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    if not server["nfs"]:
        return
    host = facts[server["host"]]
    machine = nfs.machine_of(host["nfs"], host["os"])
    try:
        choice = nfs.choose(server["nfs_implementation"], machine)
        nfs.check(choice, machine)
    except Refusal as refusal:
        yield FAIL, str(refusal)
    else:
        yield OK, f"served by {choice}"


def _memory(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    memory = facts[server["host"]]["memory"]
    least = float(settings["min_memory_gb"]) * GIB
    yield (OK, size(memory)) if memory >= least else (FAIL, f"{size(memory)} is less than {size(least)}")


def _disk(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    disk = facts[server["host"]]["disk"]
    least, text = float(settings["min_free_gb"]) * GIB, f"{size(disk['free'])} free of {size(disk['total'])}"
    if disk["free"] < least:
        yield FAIL, f"{text} at {disk['path']}, {size(least)} are needed: make room (docker system prune), or grow it"
    elif disk["free"] < disk["total"] / 10:
        yield WARN, f"{text} at {disk['path']}: more than nine tenths are used"
    else:
        yield OK, f"{text} at {disk['path']}"


def _clock(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    """Against the middle one of all clocks, as the control host's own may be the wrong one."""
    clock = facts[server["host"]]["time"]
    known = sorted(host["time"]["offset"] for host in facts.values() if host["time"]["offset"] is not None)
    if clock["offset"] is not None:
        away = clock["offset"] - known[(len(known) - 1) // 2]
        sure, give = max(0.0, abs(away) - clock["uncertainty"]), f"{abs(away):.1f} s (+-{clock['uncertainty']:.1f})"
        where = f"{give} {'ahead of' if away > 0 else 'behind'} the other servers'"
        tolerance = float(settings["clock_tolerance"])
        if sure > tolerance:
            yield FAIL, f"clock is {where}; {tolerance:g} s are allowed: set it (timedatectl), and keep it synchronised"
        else:
            yield (WARN, f"clock is {where}") if sure > 1 else (OK, f"clock agrees, +-{clock['uncertainty']:.1f} s")
    if not clock.get("ours", True):
        yield OK, "it is the host's, which keeps it"
    elif not clock["service"]:
        # A virtual machine may have its host's clock: nothing needs to keep that.
        yield (
            (OK, "kept by the kernel")
            if clock["synchronised"]
            else (
                WARN,
                "nothing keeps the clock right: install systemd-timesyncd or chrony",
            )
        )
    else:
        sure_of_it = clock["synchronised"] is not False
        yield (OK, clock["service"]) if sure_of_it else (WARN, f"{clock['service']} runs, but has not synchronised yet")


def _engine(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    engine = facts[server["host"]]["engine"]
    if not server["role"]:
        return
    if not engine["version"]:
        yield OK, "none yet"
        return
    standing = "in a swarm" if engine["swarm"] == "active" else "running" if engine["running"] else "not running"
    majors = {_major(host) for host in facts.values()} - {""}
    newest = max(majors, key=lambda major: int(major) if major.isdigit() else 0)
    if _major(facts[server["host"]]) == newest:
        yield OK, f"{engine['version']}, {standing}"
    else:
        yield WARN, f"{engine['version']}, {standing}; others have {newest}: bring all to one version (swarm-upgrade)"
    if engine.get("trouble"):
        yield WARN, f"does not answer: {engine['trouble']}"


def _major(host: Mapping[str, Any]) -> str:
    return str(host["engine"]["version"]).partition(".")[0]


def _names(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    host = facts[server["host"]]
    twins = [other for other, one in facts.items() if one["hostname"] == host["hostname"] and other != server["host"]]
    if twins:
        yield FAIL, f"host name '{host['hostname']}' is that of {', '.join(twins)} too: give each its own (hostnamectl)"
    elif server["role"] and host["hostname"] != server["name"]:
        yield (
            WARN,
            f"its host name is '{host['hostname']}', and the swarm lists it under that, not as '{server['name']}': set "
            "swarm_node_name, or hostnamectl",
        )
    bad = {name: error for name, error in host["names"].items() if error}
    for name, error in bad.items():
        yield WARN, f"{name} cannot be resolved here ({error}): correct DNS or /etc/hosts"
    if not bad and not twins:
        yield OK, f"{', '.join(host['names'])} can be resolved"


def _packages(server: Mapping[str, Any], facts: Mapping[str, Any], settings: Mapping[str, Any]) -> Verdict:
    host = facts[server["host"]]
    sources = host["packages"]["sources"]
    bad = [source for source in sources if source["error"]]
    if not sources:
        yield OK, f"not asked ({host['packages']['manager'] or 'no package manager'})"
    for source in bad:
        # With an engine there already, a run may have nothing to install.
        level = WARN if host["engine"]["version"] or len(bad) < len(sources) else FAIL
        yield level, f"{source['url']}: {source['error']}: correct the source, its proxy or DNS"
    if sources and not bad:
        yield OK, f"{', '.join(sorted({source['url'].split('/')[2] for source in sources}))} can be reached"


CHECKS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], Verdict]] = {
    "system": _system,
    "basics": _basics,
    "kernel": _kernel,
    "nfs": _nfs,
    "memory": _memory,
    "disk": _disk,
    "address": addressing.address,
    "pools": addressing.pools,
    "ports": addressing.ports,
    "clock": _clock,
    "names": _names,
    "engine": _engine,
    "packages": _packages,
}
