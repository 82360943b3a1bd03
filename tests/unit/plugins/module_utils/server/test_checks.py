# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.server import checks

GIB = 1024**3
HYDRA = {
    "host": "hydra",
    "name": "hydra",
    "address": "192.0.2.10",
    "role": "manager",
    "nfs": True,
    "nfs_implementation": "auto",
}
CHIMERA = {"host": "chimera", "name": "chimera", "address": "192.0.2.20", "role": "worker", "nfs": False}
STORE = {**CHIMERA, "role": "", "nfs": True, "nfs_implementation": "auto"}
FEATURES = ("overlay", "bridge", "br_netfilter", "vxlan", "ip_vs", "ip_vs_rr", "nfs", "nfsv4")
GOOD = {
    "hostname": "chimera",
    "os": {"id": "debian", "like": [], "version": "13", "name": "Debian GNU/Linux 13 (trixie)"},
    "systemd": True,
    "root": True,
    "python": "3.13.5",
    "kernel": {"release": "6.12.41", "cgroup": 2, "features": dict.fromkeys(FEATURES, "loadable")},
    "nfs": {"nfsd": "loadable", "runs": [], "installed": [], "handles": True},
    "memory": 64 * GIB,
    "disk": {"path": "/var/lib", "free": 90 * GIB, "total": 100 * GIB},
    "address": {"wanted": "192.0.2.20", "interface": "eno1", "mtu": 1500, "all": ["192.0.2.20 on eno1"]},
    "ports": [],
    "routes": [{"subnet": "192.0.2.0/24", "interface": "eno1"}],
    "nameservers": ["192.0.2.1"],
    "names": {"chimera": ""},
    "engine": {"version": "", "running": "", "swarm": "", "root": ""},
    "packages": {
        "manager": "apt",
        "sources": [{"url": "http://deb.example.edu/debian/dists/trixie/InRelease", "error": ""}],
    },
    "time": {"service": "chrony", "synchronised": True, "offset": 0.1, "uncertainty": 0.3},
}


def with_(path: str = "", value: Any = None, **others: Any) -> dict[str, Any]:
    """A good server but for one thing."""
    host = copy.deepcopy(GOOD)
    place: Any = host
    *way, last = path.split(".")
    for word in way:
        place = place[word]
    if last:
        place[last] = value
    return {"host": {**host, **others}}


def lines(found: list[dict[str, str]], level: str) -> list[tuple[str, str]]:
    return [(line["check"], line["text"]) for line in found if line["level"] == level]


def test_all_is_well() -> None:
    found = checks.check([CHIMERA], {"chimera": with_()})
    assert lines(found, "warn") + lines(found, "fail") == []
    assert lines(found, "ok") == [
        ("system", "Debian GNU/Linux 13 (trixie)"),
        ("basics", "systemd, root, Python 3.13.5"),
        ("kernel", "6.12.41, cgroup v2, overlay, bridge, br_netfilter, vxlan, ip_vs, nfsv4"),
        ("memory", "64 GiB"),
        ("disk", "90 GiB free of 100 GiB at /var/lib"),
        ("address", "192.0.2.20 on eno1, MTU 1500"),
        ("pools", "10.0.0.0/8 can be used"),
        ("ports", "free: 7946/tcp 7946/udp 4789/udp"),
        ("clock", "clock agrees, +-0.3 s, chrony"),
        ("names", "chimera can be resolved"),
        ("engine", "none yet"),
        ("packages", "deb.example.edu can be reached"),
    ]


def test_what_a_container_shares_with_its_host_is_told() -> None:
    own = {**GOOD["kernel"], "foreign": ["fs", "kernel", "vm"]}
    host = with_("kernel", own, time={**GOOD["time"], "service": "", "synchronised": False, "ours": False})
    found = checks.check([CHIMERA], {"chimera": host})
    told = "a container: settings fs.*, kernel.*, vm.* are its host's and stay as they are there"
    assert lines(found, "warn") + lines(found, "fail") == [("kernel", told)]
    assert ("clock", "clock agrees, +-0.3 s, it is the host's, which keeps it") in lines(found, "ok")


BAD_ROUTE = "overlaps the pool 10.0.0.0/8 of overlay networks: set swarm_node_address_pools to addresses that nobody uses, before the swarm is made"


@pytest.mark.parametrize(
    ("host", "level", "check", "text"),
    [
        (with_("os.version", "11"), "warn", "system", "Debian GNU/Linux 13 (trixie) is not tested; 12, 13 are"),
        (
            with_("os", {"id": "rocky", "like": ["rhel"], "version": "9", "name": "Rocky 9"}),
            "warn",
            "system",
            "Rocky 9 is not tested; Debian 12 and 13, Ubuntu 22.04 and 24.04 are",
        ),
        (
            with_("os", {"id": "alpine", "like": [], "version": "3", "name": "Alpine 3"}),
            "fail",
            "system",
            "Alpine 3 is not supported: use Debian 12 or 13, or Ubuntu 22.04 or 24.04",
        ),
        (with_("systemd", False), "fail", "basics", "systemd does not run here, and starts the engine at boot"),
        (with_("root", False), "fail", "basics", "tasks do not run as root: set ansible_become: true"),
        (
            with_("python", "3.9.2"),
            "fail",
            "basics",
            "Python 3.9.2 is too old: 3.10 is needed, set ansible_python_interpreter to one",
        ),
        (
            with_("kernel.features.vxlan", "missing"),
            "fail",
            "kernel",
            "no vxlan: this kernel cannot be a node of a swarm; install the distribution's own kernel",
        ),
        (
            with_("kernel.features.ip_vs", "missing"),
            "warn",
            "kernel",
            "no ip_vs: virtual IPs and ports in ingress mode do not answer; stacks are adapted to that",
        ),
        (with_("memory", GIB // 2), "fail", "memory", "512 MiB is less than 1 GiB"),
        (
            with_("disk.free", 2 * GIB),
            "fail",
            "disk",
            "2 GiB free of 100 GiB at /var/lib, 3 GiB are needed: make room (docker system prune), or grow it",
        ),
        (
            with_("disk.free", 9 * GIB),
            "warn",
            "disk",
            "9 GiB free of 100 GiB at /var/lib: more than nine tenths are used",
        ),
        (
            with_("address", {"wanted": "192.0.2.21", "interface": "", "mtu": 0, "all": ["192.0.2.20 on eno1"]}),
            "fail",
            "address",
            "192.0.2.21 is on no interface (there are: 192.0.2.20 on eno1): correct swarm_node_address",
        ),
        (
            with_("routes", [{"subnet": "10.0.0.0/16", "interface": "eno1"}]),
            "fail",
            "pools",
            f"route to 10.0.0.0/16 (eno1) {BAD_ROUTE}",
        ),
        (
            with_("routes", [{"subnet": "10.200.0.0/16", "interface": "eno1"}, *GOOD["routes"]]),
            "warn",
            "pools",
            f"route to 10.200.0.0/16 (eno1) {BAD_ROUTE}",
        ),
        (
            with_("nameservers", ["172.20.0.1", "fd00::1", "127.0.0.53"]),
            "warn",
            "pools",
            "172.20.0.1 (name server) is in the range of the engine's bridges: set default-address-pools in daemon.json",
        ),
        (
            with_("ports", [{"port": "7946/tcp", "program": "consul"}, {"port": "4789/udp", "program": ""}]),
            "fail",
            "ports",
            "7946/tcp is taken by consul: stop that, the swarm needs this port",
        ),
        (
            with_("time", {"service": "", "synchronised": False, "offset": None, "uncertainty": None}),
            "warn",
            "clock",
            "nothing keeps the clock right: install systemd-timesyncd or chrony",
        ),
        (with_("time.synchronised", False), "warn", "clock", "chrony runs, but has not synchronised yet"),
        (
            with_("names", {"chimera": "", "registry.example.edu": "Name or service not known"}),
            "warn",
            "names",
            "registry.example.edu cannot be resolved here (Name or service not known): correct DNS or /etc/hosts",
        ),
        (
            with_("packages.sources", [{"url": "http://a/x", "error": "timed out"}]),
            "fail",
            "packages",
            "http://a/x: timed out: correct the source, its proxy or DNS",
        ),
        (
            with_(
                "packages.sources",
                [{"url": "http://a/x", "error": "timed out"}],
                engine={**GOOD["engine"], "version": "26"},
            ),
            "warn",
            "packages",
            "http://a/x: timed out: correct the source, its proxy or DNS",
        ),
    ],
)
def test_one_thing_is_not_well(host: dict[str, Any], level: str, check: str, text: str) -> None:
    found = checks.check([CHIMERA], {"chimera": host})
    assert [(line["level"], line["check"], line["text"]) for line in found if line["level"] != "ok"] == [
        (level, check, text)
    ]


def test_an_nfs_server_outside_the_swarm_needs_nothing_of_an_engine() -> None:
    missing = dict.fromkeys(FEATURES, "missing")
    found = checks.check([STORE], {"chimera": with_("kernel.features", missing)})
    assert [line for line in found if line["level"] != "ok"] == []


@pytest.mark.parametrize(
    ("host", "wanted", "level", "text"),
    [
        (with_(), "auto", "ok", "served by the kernel's NFS server, since this kernel has one"),
        (with_("nfs.nfsd", "missing"), "auto", "ok", "served by NFS-Ganesha, since this kernel has no NFS server"),
        (
            with_("nfs.nfsd", "missing"),
            "kernel",
            "fail",
            "this kernel has no NFS server (nfsd), and nfs_server_implementation is 'kernel': say 'ganesha' or 'auto', or "
            "install the distribution's own kernel",
        ),
        (
            with_("nfs.handles", False),
            "ganesha",
            "fail",
            "NFS-Ganesha, as nfs_server_implementation says, cannot serve here: root may not open files by handle "
            "(CAP_DAC_READ_SEARCH of the host), as in an unprivileged container: make it a privileged one, or serve NFS from "
            "another machine",
        ),
    ],
)
def test_what_serves_nfs_and_why(host: dict[str, Any], wanted: str, level: str, text: str) -> None:
    found = checks.check([{**STORE, "nfs_implementation": wanted}], {"chimera": host})
    assert [(line["level"], line["text"]) for line in found if line["check"] == "nfs"] == [(level, text)]


@pytest.mark.parametrize(
    ("answer", "level", "text"),
    [
        ({"unreachable": True, "msg": "Task failed: ssh: no route\nmore"}, "warn", "unreachable: ssh: no route"),
        ({}, "warn", "unreachable: no answer"),
        ({"msg": "No python"}, "fail", "could not be looked at: No python"),
    ],
)
def test_a_server_that_tells_nothing(answer: dict[str, Any], level: str, text: str) -> None:
    found = checks.check([CHIMERA], {"chimera": answer}, {}, {"unreachable": "warn"})
    assert found == [{"host": "chimera", "check": "reachable", "level": level, "text": text}]


def test_a_swarm_that_is_converged_passes() -> None:
    ports = [{"port": port, "program": "dockerd"} for port in ("7946/tcp", "7946/udp")] + [
        {"port": "4789/udp", "program": ""}
    ]
    engine = {"version": "26.1.5", "running": "yes", "swarm": "active", "root": "/var/lib/docker"}
    routes = [
        {"subnet": "172.18.0.0/16", "interface": "docker_gwbridge"},
        {"subnet": "10.200.0.0/16", "interface": "tun0"},
    ]
    found = checks.check(
        [CHIMERA], {"chimera": with_("ports", ports, engine=engine, routes=[*GOOD["routes"], *routes])}
    )
    assert [line for line in found if line["level"] != "ok"] == []
    assert ("ports", "in use by us: 7946/tcp 7946/udp 4789/udp") in lines(found, "ok")
    assert ("engine", "26.1.5, in a swarm") in lines(found, "ok")


def test_a_host_name_that_the_inventory_does_not_know() -> None:
    seen = {"chimera": with_("hostname", "chimera.example.edu")}
    said = (
        "its host name is 'chimera.example.edu', and the swarm lists it under that, not as 'chimera': set swarm_node_name, "
        "or hostnamectl"
    )
    assert ("names", said) in lines(checks.check([CHIMERA], seen), "warn")
    named = {**CHIMERA, "name": "chimera.example.edu"}
    assert lines(checks.check([named], seen), "warn") == []
    assert lines(checks.check([STORE], seen), "warn") == []


def test_servers_that_differ() -> None:
    hydra = with_("hostname", "chimera", engine={"version": "28.5.2", "running": "yes", "swarm": "", "root": ""})
    hydra["host"]["address"] = {"wanted": "192.0.2.10", "interface": "eno1", "mtu": 1400, "all": []}
    chimera = with_(
        "engine",
        {"version": "26.1.5", "running": "", "swarm": "", "root": "", "trouble": "docker GET /info: no answer"},
    )
    found = checks.check([HYDRA, CHIMERA], {"hydra": hydra, "chimera": chimera})
    assert [(line["host"], line["level"], line["text"]) for line in found if line["level"] != "ok"] == [
        ("hydra", "fail", "host name 'chimera' is that of chimera too: give each its own (hostnamectl)"),
        (
            "chimera",
            "warn",
            "MTU is 1500 on eno1, but 1400 on hydra: give all servers the same, or large packets are lost",
        ),
        ("chimera", "fail", "host name 'chimera' is that of hydra too: give each its own (hostnamectl)"),
        ("chimera", "warn", "26.1.5, not running; others have 28: bring all to one version (swarm-upgrade)"),
        ("chimera", "warn", "does not answer: docker GET /info: no answer"),
    ]
    assert ("address", "192.0.2.10 on eno1, MTU 1400, overlay 1350") in lines(found, "ok")


@pytest.mark.parametrize(
    ("offsets", "said"),
    [
        ([100.0, 100.2, 100.1], []),
        ([0, 0.1, 2.0], ["clock is 1.9 s (+-0.3) ahead of the other servers'"]),
        (
            [0, 0.1, -9.9],
            [
                "clock is 9.9 s (+-0.3) behind the other servers'; 5 s are allowed: set it (timedatectl), and keep it synchronised"
            ],
        ),
    ],
)
def test_clocks(offsets: list[float], said: list[str]) -> None:
    servers = [{**CHIMERA, "host": f"h{at}", "name": f"h{at}"} for at in range(len(offsets))]
    seen = {
        f"h{at}": with_("hostname", f"h{at}", time={**GOOD["time"], "offset": offset})
        for at, offset in enumerate(offsets)
    }
    found = checks.check(servers, seen)
    assert [line["text"] for line in found if line["level"] != "ok"] == said


def reached(*results: tuple[str, str, int, str], **others: Any) -> dict[str, Any]:
    return {
        "reached": [
            {"peer": peer, "port": port, "size": size, "ok": not error, "error": error}
            for peer, port, size, error in results
        ],
        **others,
    }


LATE = "timed out (a firewall?)"


@pytest.mark.parametrize(
    ("probed", "level", "texts"),
    [
        (
            reached(("hydra", "2377/tcp", 0, ""), ("hydra", "4789/udp", 1472, "")),
            "ok",
            ["hydra reached on 2377/tcp 4789/udp"],
        ),
        (reached(("hydra", "2377/tcp", 0, LATE)), "fail", [f"chimera -> hydra 2377/tcp: {LATE}"]),
        (
            reached(("hydra", "4789/udp", 0, LATE), ("hydra", "4789/udp", 1472, LATE)),
            "fail",
            [f"chimera -> hydra 4789/udp: {LATE}"],
        ),
        (
            reached(("hydra", "4789/udp", 0, ""), ("hydra", "4789/udp", 1472, LATE)),
            "warn",
            [
                "chimera -> hydra 4789/udp: packets of 1500 bytes are lost on the way: lower the MTU of the interfaces below it"
            ],
        ),
        (reached(not_listening={"7946/tcp": "in use"}), "warn", ["7946/tcp could not be tried here: in use"]),
        ({"msg": "MODULE FAILURE"}, "fail", ["the ports between the servers could not be tried: MODULE FAILURE"]),
        ({"skipped": True, "msg": "x"}, "ok", []),
        ({}, "ok", []),
    ],
)
def test_ports_between_servers(probed: dict[str, Any], level: str, texts: list[str]) -> None:
    found = checks.check([CHIMERA], {"chimera": with_()}, {"chimera": probed})
    assert [line["text"] for line in found if line["check"] == "network" and line["level"] == level] == texts
    assert len([line for line in found if line["check"] == "network"]) == len(texts)


@pytest.mark.parametrize(("firewall", "level"), [(True, "warn"), (False, "fail")])
def test_a_firewall_that_is_ours_lets_servers_in_later(firewall: bool, level: str) -> None:
    seen, probed = {"chimera": with_()}, {"chimera": reached(("hydra", "2377/tcp", 0, LATE))}
    found = checks.check([CHIMERA], seen, probed, {"firewall": firewall})
    later = "; swarm-up lets chimera through its own firewall there" if firewall else ""
    assert ("network", f"chimera -> hydra 2377/tcp: {LATE}{later}") in lines(found, level)


def test_too_few_forks_are_said() -> None:
    seen = {"hydra": with_("hostname", "hydra"), "chimera": with_()}
    found = checks.check([CHIMERA], seen, {}, {"forks": "1"})
    assert lines(found, "warn") == [
        ("network", "not tried: 2 servers have to be at it at the same time, and forks is 1: raise it in ansible.cfg")
    ]


def test_pools_that_are_none() -> None:
    found = checks.check([CHIMERA], {"chimera": with_()}, {}, {"address_pools": ["10.1/16"]})
    assert [text for check, text in lines(found, "fail") if check == "pools"] == [
        "swarm_node_address_pools: subnet '10.1/16' is not an IPv4 network (Expected 4 octets in '10.1'): write it like 172.30.0.0/16"
    ]


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ((100.0, 100.5, 101.5, 102.0), {"offset": 0.0, "uncertainty": 0.5}),
        ((100.0, 110.5, 111.5, 102.0), {"offset": 10.0, "uncertainty": 0.5}),
    ],
)
def test_offset(moments: tuple[float, float, float, float], expected: dict[str, float]) -> None:
    assert checks.offset(*moments) == expected
