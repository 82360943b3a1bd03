# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Workspaces of students with a real Jupyter server: reachable through the proxy, and for no other student."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from harness import Cluster, Ran, until

STUDENTS = ("student1", "student2")
SHARES = ["hydra_student_01", "hydra_student_02"]
ROOT = "/exports/student-volumes"
# With the workspace's own token, as the proxy does.
FETCH = """
import sys, urllib.request as u
asked = u.Request(sys.argv[1], headers={"Authorization": f"token {sys.argv[2]}"} if sys.argv[2:] else {})
print(u.urlopen(asked, timeout=10).read().decode())
"""
# Who answers for a workspace at a name or address: Jupyter, something else (beyond the nodes there may be a firewall that
# answers for every address), or why nobody.
KNOCK = """
import http.client, json, sys
asked = http.client.HTTPConnection(sys.argv[1], 8888, timeout=5)
try:
    asked.request("GET", "/api")
    said = asked.getresponse().read()
    print("Jupyter" if b'"version"' in said else "something else")
except (OSError, http.client.HTTPException) as error:
    print(type(error).__name__)
"""


def service_of(student: str) -> str:
    return f"student-{student}_jupyter"


class Desk:
    """Where a task runs, and what can be done from inside it."""

    def __init__(self, cluster: Cluster, service: str):
        self.cluster = cluster
        ((self.node, self.container),) = until(f"a task of {service}", lambda: list(cluster.tasks(service).items()), 60)

    def run(self, *command: str, check: bool = True) -> str:
        return self.cluster.inside(self.node, "docker", "exec", self.container, *command, check=check)

    def python(self, script: str, *arguments: str, check: bool = True) -> str:
        return self.run("python3", "-c", script, *arguments, check=check)

    def addresses(self) -> dict[str, str]:
        """By network, also on the bridge that all containers of a node share with the world outside."""
        shown = json.loads(self.cluster.inside(self.node, "docker", "inspect", self.container))[0]
        found = {name: one["IPAddress"] for name, one in shown["NetworkSettings"]["Networks"].items()}
        own = re.findall(r"\|-- (\S+)\n +/32 host LOCAL", self.run("cat", "/proc/net/fib_trie"))
        bridge = json.loads(self.cluster.inside(self.node, "docker", "network", "inspect", "docker_gwbridge"))[0]
        on_bridge = {one["IPv4Address"].partition("/")[0] for one in bridge["Containers"].values()}
        (found["docker_gwbridge"],) = on_bridge & set(own)
        return found


@pytest.fixture(scope="module")
def proxy(cluster: Cluster, nodes: dict[str, str], jupyter: str) -> Iterator[Desk]:
    """A service that is on every student network from the start, as the proxy is, and is none of the students'."""
    cluster.make("load-image", f"IMAGE={jupyter}")
    listed = cluster.inside(nodes["hydra"], "docker", "network", "ls", "--format", "{{.Name}}").split()
    networks = [word for name in listed if re.fullmatch(r"hydra_student_\d+", name) for word in ("--network", name)]
    cluster.inside(
        nodes["hydra"], "docker", "service", "create", "--detach", "--no-resolve-image", "--name", "test-proxy",
        "--endpoint-mode", "dnsrr", "--constraint", "node.role==manager", *networks, jupyter, "sleep", "3600",
    )  # fmt: skip
    try:
        yield Desk(cluster, "test-proxy")
    finally:
        cluster.inside(nodes["hydra"], "docker", "service", "rm", "test-proxy")


@pytest.fixture(scope="module")
def up(cluster: Cluster, nfs: str, proxy: Desk, jupyter: str) -> Iterator[dict[str, Ran]]:
    """student1 with a GPU and student2 without; what student-up said of each."""
    try:
        first = cluster.make("student-up", "STUDENT=student1", f"IMAGE={jupyter}", "GPU=1")
        second = cluster.make("student-up", "STUDENT=student2", f"IMAGE={jupyter}")
        yield dict(zip(STUDENTS, (first, second), strict=True))
    finally:
        students = (*STUDENTS, "student3")
        cluster.inside(cluster.names[0], "docker", "stack", "rm", *(f"student-{one}" for one in students), check=False)
        for name in cluster.names:
            for student in students:
                words = ("docker", "volume", "rm", "--force", f"{student}.home")
                until(
                    f"nobody to use {student}.home on {name}",
                    lambda name=name, words=words: cluster.inside(name, *words),  # type: ignore[misc]
                )
        cluster.inside(nfs, "sh", "-c", f"rm -rf {ROOT}/student*")


@pytest.fixture
def desks(up: Any, cluster: Cluster) -> dict[str, Desk]:
    return {student: Desk(cluster, service_of(student)) for student in STUDENTS}


def spec_of(cluster: Cluster, student: str) -> dict[str, Any]:
    shown = cluster.inside(cluster.names[0], "docker", "service", "inspect", service_of(student))
    return dict(json.loads(shown)[0]["Spec"])


def test_where_they_run(desks: dict[str, Desk], nodes: dict[str, str], up: dict[str, Ran]) -> None:
    assert {desk.node for desk in desks.values()} == {nodes["chimera"]}
    assert (
        f"Workspace of student2: http://student2.students.hydra.localhost/ behind the proxy, on network {SHARES[1]}."
        in up["student2"].said
    )


@pytest.mark.parametrize("student", STUDENTS)
def test_the_proxy_reaches_jupyter(desks: dict[str, Desk], proxy: Desk, student: str) -> None:
    base, token = f"http://{service_of(student)}:8888", desks[student].run("cat", "/run/secrets/token")
    assert re.fullmatch(r"\d+\.\d+.*", json.loads(proxy.python(FETCH, f"{base}/api"))["version"])
    assert json.loads(proxy.python(FETCH, f"{base}/api/status", token))["kernels"] == 0
    assert json.loads(proxy.python(FETCH, f"{base}/api/contents", token))["type"] == "directory"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        proxy.python(FETCH, f"{base}/api/contents", "another token")
    assert "HTTP Error 403" in refused.value.stderr


@pytest.mark.parametrize(("one", "other"), [STUDENTS, STUDENTS[::-1]])
def test_students_do_not_reach_each_other(desks: dict[str, Desk], proxy: Desk, one: str, other: str) -> None:
    name, addresses = service_of(other), desks[other].addresses()
    assert set(addresses) == {SHARES[STUDENTS.index(other)], "docker_gwbridge"}
    assert desks[one].python(KNOCK, service_of(one)) == "Jupyter"  # what is asked with works
    for word in (name, f"tasks.{name}", *addresses.values()):
        assert (word, desks[one].python(KNOCK, word)) != (word, "Jupyter")
    assert desks[one].python(KNOCK, name) == "gaierror"
    assert proxy.python(KNOCK, addresses[SHARES[STUDENTS.index(other)]]) == "Jupyter"
    assert desks[other].python(KNOCK, addresses["docker_gwbridge"]) == "Jupyter"


def test_a_new_student_interrupts_nobody(desks: dict[str, Desk], proxy: Desk, cluster: Cluster, jupyter: str) -> None:
    """The proxy was there before both, and the first before the second: all run in the container they started in."""
    assert Desk(cluster, "test-proxy").container == proxy.container
    before = desks["student1"].container
    again = cluster.make("student-up", "STUDENT=student2", f"IMAGE={jupyter}")
    assert again.changed == 0
    assert Desk(cluster, service_of("student1")).container == before


def test_what_a_workspace_may_use(desks: dict[str, Desk], cluster: Cluster) -> None:
    spec = spec_of(cluster, "student2")["TaskTemplate"]
    assert spec["Resources"]["Limits"] == {"NanoCPUs": 2 * 10**9, "MemoryBytes": 4 * 2**30, "Pids": 512}
    assert spec["Resources"]["Reservations"] == {"NanoCPUs": 10**8, "MemoryBytes": 256 * 2**20}
    assert spec["Placement"]["Constraints"] == ["node.labels.workload == jupyter"]


def number(cluster: Cluster, student: str) -> int:
    """The user of a student's home."""
    return int(cluster.inside(cluster.names[0], "stat", "--format", "%u", f"{ROOT}/{student}/home"))


def test_a_workspace_has_no_power_over_its_node(desks: dict[str, Desk], cluster: Cluster) -> None:
    desk = desks["student1"]
    status = dict(line.split(":\t", 1) for line in desk.run("cat", "/proc/self/status").splitlines() if ":\t" in line)
    assert (status["CapEff"], status["CapBnd"]) == ("0" * 16, "0" * 16)
    assert status["Uid"].split() == status["Gid"].split() == [str(number(cluster, "student1"))] * 4
    assert number(cluster, "student1") != number(cluster, "student2") >= 70000
    # An NFS server takes what comes from such a port for root of a node.
    bind = "import socket; socket.socket().bind(('', 700))"
    with pytest.raises(subprocess.CalledProcessError) as refused:
        desk.python(bind)
    assert "PermissionError" in refused.value.stderr
    desk.python(bind.replace("700", "1700"))


def test_labels_for_the_proxy(desks: dict[str, Desk], cluster: Cluster) -> None:
    labels = spec_of(cluster, "student1")["Labels"]
    router, gate = "traefik.http.routers.student-student1", "traefik.http.middlewares.student-student1.forwardAuth"
    assert {key: labels[key] for key in labels if key.startswith(("traefik.", "hydra.swarm.student"))} == {
        "hydra.swarm.student": "student1",
        "hydra.swarm.student.network": SHARES[0],
        "traefik.enable": "true",
        "traefik.swarm.network": SHARES[0],
        f"{router}.rule": "Host(`student1.students.hydra.localhost`)",
        f"{router}.entryPoints": "web,websecure",
        f"{router}.middlewares": "hydra-auth@file,student-student1",
        "traefik.http.services.student-student1.loadBalancer.server.port": "8888",
        f"{gate}.address": "http://gate.core_gate:8080/?student=student1&login=student1",
        f"{gate}.authRequestHeaders": "X-Forwarded-User,Cookie,Origin,Sec-Fetch-Site,Sec-Fetch-Mode,Sec-Fetch-Dest",
        f"{gate}.authResponseHeaders": "Authorization,Cookie",
    }


def test_the_list(desks: dict[str, Desk], cluster: Cluster, jupyter: str, nodes: dict[str, str]) -> None:
    said = cluster.make("student-list").said
    assert re.search(
        rf"student1 running 1/1 {nodes['chimera']} 1 {re.escape(jupyter)} {SHARES[0]} home [\d.]+ \w+ http://student1\.students\.hydra\.localhost/",
        said,
    )
    assert "2 of 8 student networks are in use" in said
    listed = {one["student"]: one for one in json.loads(cluster.make("student-list", "FORMAT=json").printed)}
    assert set(STUDENTS) <= set(listed)
    two = listed["student2"]
    assert (two["state"], two["running"], two["gpus"], two["node"]) == ("running", 1, 0, nodes["chimera"])
    assert (two["image"], two["network"], two["url"]) == (
        jupyter,
        SHARES[1],
        "http://student2.students.hydra.localhost/",
    )
    assert [(one["project"], one["owner"], one["mode"]) for one in two["projects"]] == [
        ("home", number(cluster, "student2"), "0700")
    ]
    assert two["projects"][0]["used_bytes"] > 0


def test_a_gpu_that_is_taken_is_waited_for(desks: dict[str, Desk], cluster: Cluster, jupyter: str) -> None:
    assert re.search(r"DOCKER_RESOURCE_NVIDIA-GPU=GPU-", desks["student1"].run("cat", "/proc/1/environ"))
    failed = cluster.play("student-up", check=False, student="student3", image=jupyter, gpu=1, swarm_stack_timeout=8)
    assert failed.status != 0
    assert "insufficient resources" in failed.said and "NVIDIA-GPU" in failed.said
    three = next(
        o for o in json.loads(cluster.make("student-list", "FORMAT=json").printed) if o["student"] == "student3"
    )
    assert (three["state"], three["running"]) == ("pending", 0)
    assert re.search(r"insufficient resources .*; needs .*1 NVIDIA-GPU", three["reason"])
    cluster.make("student-down", "STUDENT=student3")


def test_data_and_network_survive_down_and_up(desks: dict[str, Desk], cluster: Cluster, jupyter: str) -> None:
    desks["student2"].python("open('/home/student/note.txt', 'w').write('mine')")
    told = cluster.make("student-down", "STUDENT=student2").said
    assert "The data of student2 stays on the NFS server" in told
    assert cluster.inside(cluster.names[0], "docker", "service", "ls", "--format", "{{.Name}}").count("student-") == 1
    cluster.make("student-up", "STUDENT=student2", f"IMAGE={jupyter}")
    desk = Desk(cluster, service_of("student2"))
    assert desk.run("cat", "/home/student/note.txt") == "mine"
    assert spec_of(cluster, "student2")["Labels"]["hydra.swarm.student.network"] == SHARES[1]
    assert Desk(cluster, service_of("student1")).container == desks["student1"].container


def test_what_nobody_named_stays(desks: dict[str, Desk], cluster: Cluster, jupyter: str) -> None:
    assert cluster.make("student-up", "STUDENT=student1").changed == 0
    assert Desk(cluster, service_of("student1")).container == desks["student1"].container


def refused(cluster: Cluster, verb: str, **extra: Any) -> str:
    """What a verb says that must not touch anything."""
    manager = cluster.names[0]
    before = cluster.inside(manager, "docker", "service", "ls", "--format", "{{.ID}} {{.Name}}")
    ran = cluster.play(verb, check=False, **extra)
    assert ran.status != 0 and ran.changed == 0, ran.output
    assert cluster.inside(manager, "docker", "service", "ls", "--format", "{{.ID}} {{.Name}}") == before
    return ran.said


def test_no_network_is_left(desks: dict[str, Desk], cluster: Cluster, jupyter: str) -> None:
    said = refused(cluster, "student-up", student="student9", image=jupyter, student_workspace_networks=SHARES)
    assert (
        "no network is free for student9: each of the 2 of student_workspace_networks has a student (student1, student2). "
        "Remove a workspace that is no longer used (make student-down STUDENT=student1)" in said
    )


@pytest.mark.parametrize(("verb", "student"), [("student-up", "../student2"), ("student-down", "/exports")])
def test_students_that_are_none(cluster: Cluster, verb: str, student: str) -> None:
    """What else is none is a matter of module_utils/common/student_names.py."""
    assert f"student '{student}': it must be of lower-case letters" in refused(cluster, verb, student=student)


def test_more_gpus_than_a_node_has(cluster: Cluster, jupyter: str, nodes: dict[str, str]) -> None:
    said = refused(cluster, "student-up", student="student9", image=jupyter, gpu=2)
    assert f"GPU=2: no node with node.labels.workload == jupyter has 2 GPUs ({nodes['chimera']} has 1)" in said


def test_an_unknown_student_has_nothing_to_remove(desks: dict[str, Desk], cluster: Cluster) -> None:
    said = refused(cluster, "student-down", student="student9")
    assert "student student9 has no workspace; there are student1, student2 (make student-list)" in said


def test_an_image_that_is_nowhere(cluster: Cluster, nfs: str) -> None:
    """Nor is a home made for it."""
    ran = cluster.play("student-up", check=False, student="student9", image="no-such-image:1")
    assert ran.status != 0
    assert "no-such-image:1" in ran.said and "docker build -t no-such-image:1" in ran.said
    assert "student9" not in cluster.inside(cluster.names[0], "docker", "service", "ls", "--format", "{{.Name}}")
    assert "student9" not in cluster.inside(nfs, "ls", ROOT)
    assert all("student9" not in cluster.inside(name, "docker", "volume", "ls", "-q") for name in cluster.names)
