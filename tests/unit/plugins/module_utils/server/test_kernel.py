# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.server import kernel as host_kernel
from ansible_collections.hydra.swarm.plugins.module_utils.server.kernel import HEADER, Kernel, State, plan, wanted

KERNEL = Kernel(
    loaded="vxlan 143360 0 - Live 0x0\nip6_udp_tunnel 16384 1 vxlan, Live 0x0\n",
    filesystems="nodev\tproc\nnodev\toverlay\n\text4\n",
    dependencies="kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko.xz\nkernel/net/bridge/br_netfilter.ko:\n",
    builtin="kernel/net/bridge/bridge.ko\n",
    present=frozenset({"nfsd"}),
)


@pytest.mark.parametrize(
    ("name", "support"),
    [
        ("vxlan", "loaded"),
        ("overlay", "built in"),
        ("bridge", "built in"),
        ("nfsd", "built in"),
        ("ip_vs", "loadable"),
        ("br-netfilter", "loadable"),
        ("ip_vs_rr", "missing"),
        ("nfsv4", "missing"),
    ],
)
def test_support(name: str, support: str) -> None:
    assert KERNEL.support(name) == support


def test_a_kernel_that_lists_nothing_may_show_its_configuration() -> None:
    kernel = Kernel(config="CONFIG_VXLAN=y\nCONFIG_IP_VS=m\n# CONFIG_NFSD is not set\n")
    assert [kernel.support(name) for name in ("vxlan", "ip_vs", "nfsd")] == ["built in", "missing", "missing"]


@pytest.mark.parametrize(
    ("modules", "sysctls", "minimums", "message"),
    [
        (["a b"], {}, {}, "module 'a b': write letters, digits, '_' and '-'"),
        ([], {"ip_forward": 1}, {}, "setting 'ip_forward': write it like net.ipv4.ip_forward"),
        ([], {"kernel.x": "1\n2"}, {}, "setting kernel.x: '1\n2' has a line end"),
        ([], {}, {"fs.x": "many"}, "setting fs.x: a minimum is a whole number, not 'many'"),
        ([], {"fs/x": 1}, {"fs.x": 2}, "setting fs.x has both a value and a minimum: leave one out"),
    ],
)
def test_what_is_refused(modules: list, sysctls: dict, minimums: dict, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        wanted(modules, sysctls, minimums)
    assert str(caught.value) == message


def test_a_bare_server() -> None:
    want = wanted(
        ["overlay", "ip_vs", "br_netfilter", "nfsv4"],
        {"net.ipv4.ip_forward": True, "net.bridge.bridge-nf-call-iptables": 1, "net.none": 1},
        {"fs.a": 100, "fs.b": 100},
    )
    support = {"overlay": "built in", "ip_vs": "loadable", "br_netfilter": "loadable", "nfsv4": "missing"}
    values = {"net.ipv4.ip_forward": "0", "net.bridge.bridge-nf-call-iptables": None, "net.none": None}
    steps = plan(State(support, {**values, "fs.a": "99", "fs.b": "101"}), want)
    assert steps.load == ("ip_vs", "br_netfilter")
    assert steps.set == {"net.ipv4.ip_forward": "1", "net.bridge.bridge-nf-call-iptables": "1", "fs.a": "100"}
    assert steps.modules_file == HEADER + "ip_vs\nbr_netfilter\n"
    assert steps.sysctls_file == (
        HEADER + "net.ipv4.ip_forward = 1\nnet.bridge.bridge-nf-call-iptables = 1\nfs.a = 100\n"
    )
    assert steps.lacking == ("this kernel has no module nfsv4", "this kernel has no setting net.none")
    assert steps.change.changed


@pytest.mark.parametrize("now", ["100", "5000"])
def test_a_converged_server(now: str) -> None:
    want = wanted(["ip_vs", "overlay"], {"net.ipv4.ip_local_port_range": "1024 65535"}, {"fs.a": 100})
    files = {
        "modules_file": HEADER + "ip_vs\n",
        "sysctls_file": HEADER + "net.ipv4.ip_local_port_range = 1024 65535\nfs.a = 100\n",
    }
    values = {"net.ipv4.ip_local_port_range": "1024\t65535", "fs.a": now}
    steps = plan(State({"ip_vs": "loaded", "overlay": "built in"}, values, **files), want)
    assert not steps.change.changed
    assert steps.change.before == {
        "modules": {"ip_vs": "loaded", "overlay": "built in"},
        "sysctls": {},
        "at_boot": {name.removesuffix("_file"): text.splitlines() for name, text in files.items()},
    }


def test_no_file_without_content() -> None:
    steps = plan(State({}, {"fs.a": "200"}), wanted([], {}, {"fs.a": 100}))
    assert (steps.modules_file, steps.sysctls_file, steps.change.changed) == ("", "", False)


@pytest.mark.parametrize(
    ("text", "settings"),
    [("", {}), ("# a = 1\n; b=2\n\nnet/ipv4/x = 1 2\n-fs.a=3\n", {"net.ipv4.x": "1 2", "fs.a": "3"})],
)
def test_parse(text: str, settings: dict[str, Any]) -> None:
    assert host_kernel.parse(text) == settings


def test_settings_that_are_the_hosts_of_a_container_are_told_and_left_alone() -> None:
    want = wanted([], {"net.ipv4.ip_forward": 1}, {"fs.inotify.max_user_instances": 1024, "vm.max_map_count": 262144})
    values = {"net.ipv4.ip_forward": "0", "fs.inotify.max_user_instances": "128", "vm.max_map_count": "1048576"}
    foreign = frozenset({"fs.inotify.max_user_instances", "vm.max_map_count"})
    kept = HEADER + "fs.inotify.max_user_instances = 1024\n"
    steps = plan(State({}, values, foreign, sysctls_file=kept), want)
    assert steps.set == {"net.ipv4.ip_forward": "1"}
    assert steps.sysctls_file == HEADER + "net.ipv4.ip_forward = 1\n"
    assert steps.lacking == ("fs.inotify.max_user_instances is the host's, 128 there and not 1024",)
