# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A student's files are his alone: towards other students, a container's own NFS client, and root of a node.

Each test first shows that what it tries works for the owner: a wrong address or program would prove nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from harness import Cluster

ROOT = "/exports/student-volumes"
STUDENTS = ("dora", "emil")
SECRET = "of dora"
# The node's own programs, for an image that has none.
PROGRAMS = [f"--volume={here}:{there}:ro" for here, there in
            {"/usr": "/usr", "/usr/lib": "/lib", "/usr/lib64": "/lib64"}.items()]  # fmt: skip


@dataclass(frozen=True)
class Homes:
    cluster: Cluster
    node: str
    image: str
    server: str
    users: dict[str, int]

    def container(self, user: int, script: str, *options: str) -> str:
        """What a shell in a container says, errors too."""
        words = ("docker", "run", "--rm", f"--user={user}:{user}", *options, self.image, "sh", "-c", f"({script}) 2>&1")
        return self.cluster.inside(self.node, *words, check=False)

    def client(self, program: str, user: int, path: str) -> str:
        """The command of an NFS client in user space, as whoever it says it is."""
        program = program.replace("{}", f"'nfs://{self.server}{path}?version=4&uid={user}&gid={user}'")
        return f"/usr/bin/timeout 4 /usr/bin/{program}; echo ended with $?"

    def machine(self, *asked: Any) -> str:
        return self.cluster.inside(self.node, "sh", "-c", f"({self.client(*asked)}) 2>&1")


@pytest.fixture(scope="module")
def homes(cluster: Cluster, nodes: dict[str, str], nfs: str, tiny: str) -> Iterator[Homes]:
    """Those of two students, made at the same time, on every node; dora has a file that everybody might read but for its folder."""
    runs = [cluster.start("student-volume", student=student, project="home") for student in STUDENTS]
    try:
        assert [run.wait(120) for run in runs] == [0] * len(STUDENTS)
        users = {one: int(cluster.inside(nfs, "stat", "--format", "%u", f"{ROOT}/{one}/home")) for one in STUDENTS}
        made = Homes(cluster, nodes["chimera"], tiny, cluster.machines[nfs]["swarm_node_address"], users)
        made.container(users["dora"], f"echo {SECRET} > /data/secret", "--volume=dora.home:/data")
        yield made
    finally:
        for name in cluster.names:
            cluster.inside(name, "docker", "volume", "rm", "--force", *(f"{one}.home" for one in STUDENTS), check=False)
        cluster.inside(nfs, "rm", "-rf", *(f"{ROOT}/{one}" for one in STUDENTS))


def test_two_students_have_two_numbers(homes: Homes, nfs: str) -> None:
    assert len(set(homes.users.values())) == 2 and all(70000 <= user <= 79999 for user in homes.users.values())
    listed = homes.cluster.inside(nfs, "sh", "-c", f"stat --format '%a %u:%g' {ROOT}/*/home").splitlines()
    assert {f"700 {user}:{user}" for user in homes.users.values()} <= set(listed)


def test_another_students_number_opens_nothing(homes: Homes) -> None:
    """In a container that somehow has the volume, on the same node; and by the protocol."""
    dora, emil = (homes.users[one] for one in STUDENTS)
    mounted = "--volume=dora.home:/data"
    assert homes.container(dora, "cat /data/secret", mounted) == SECRET
    said = homes.container(emil, "cat /data/secret; echo x > /data/x; ls /data", mounted)
    assert said.count("Permission denied") == 3 and SECRET not in said, said
    secret = f"{ROOT}/dora/home/secret"
    assert homes.machine("nfs-cat {}", dora, secret) == f"{SECRET}\nended with 0"
    said = homes.machine("nfs-cat {}", emil, secret)
    assert "NFS4ERR_ACCESS" in said and SECRET not in said, said


def test_root_of_a_node_is_nobody_to_the_server(homes: Homes, nfs: str) -> None:
    home = f"{ROOT}/dora/home"
    for user, file, ends in ((homes.users["dora"], "mine", True), (0, "of-root", False)):
        said = homes.machine("nfs-cp /etc/hostname {}", user, f"{home}/{file}")
        assert (said.endswith("ended with 0"), "NFS4ERR_ACCESS" in said) == (ends, not ends), said
    listed = homes.cluster.inside(nfs, "sh", "-c", f"cd {home}; stat --format '%n %u' *").splitlines()
    assert listed == [f"{file} {homes.users['dora']}" for file in ("mine", "secret")]
    assert SECRET not in homes.machine("nfs-cat {}", 0, f"{ROOT}/dora/home/secret")


def test_root_of_a_container_without_rights_writes_nothing(homes: Homes) -> None:
    """As a workspace's would be, if its image or a program in it made somebody root."""
    said = homes.container(0, "echo x > /data/x; cat /data/secret", "--volume=dora.home:/data", "--cap-drop=ALL")
    assert said.count("Permission denied") == 2 and SECRET not in said, said


def test_a_containers_own_client_reaches_no_home(homes: Homes) -> None:
    """Not even with all rights that Docker gives, from a port below 1024, and by the right number."""
    asked = {who: homes.client("nfs-cat {}", who, f"{ROOT}/dora/home/secret") for who in (homes.users["dora"], 0)}
    assert homes.container(0, asked[homes.users["dora"]], *PROGRAMS, "--network=host") == f"{SECRET}\nended with 0"
    ways = [(who, f"--network={network}") for who in asked for network in ("bridge", "hydra_public")]
    with ThreadPoolExecutor() as pool:
        said = list(pool.map(lambda way: homes.container(0, asked[way[0]], *PROGRAMS, way[1]), ways))
    assert said == ["ended with 124"] * len(ways)
