# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Students' storage: the same data on every node, nobody else's, and never lost with a definition."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator

import pytest
from harness import Cluster, Ran, until

ROOT = "/exports/student-volumes"
RULE = "it must be of lower-case letters, digits and '-', start with a letter and have at most 31 characters"
OWNER = "hydra.swarm.cluster"
Volume = Callable[..., Ran]


def tree(cluster: Cluster, nfs: str) -> str:
    """Every file and directory of the export, with owner, mode and target."""
    return cluster.inside(nfs, "find", ROOT, "-printf", "%p %U:%G %m %l\n")


def defined(cluster: Cluster, node: str, name: str = "ada.ml") -> dict[str, str] | None:
    """The options of a volume on a node."""
    found = cluster.inside(node, "docker", "volume", "inspect", "--format", "{{json .Options}}", name, check=False)
    return json.loads(found) if found.startswith("{") else None


@pytest.fixture(scope="module")
def volume(cluster: Cluster, nfs: str) -> Iterator[Volume]:
    """The verb for ada's project ml, or another one's; at the end all of it is gone."""

    def run(project: str = "ml", student: str = "ada", *more: str, check: bool = True) -> Ran:
        return cluster.make("student-volume", f"STUDENT={student}", f"PROJECT={project}", *more, check=check)

    yield run
    for student in ("ada", "bob"):
        cluster.inside(nfs, "rm", "-rf", f"{ROOT}/{student}")
    for node in cluster.names:
        cluster.inside(node, "docker", "volume", "rm", "--force", "ada.ml", "ada.link", "bob.ml", check=False)


@pytest.fixture
def ada(volume: Volume, cluster: Cluster, nfs: str) -> str:
    """Ada's project with a file in it, on every node; bob has one, too. Only what an earlier test took away is made."""
    if f"{ROOT}/bob/ml" not in tree(cluster, nfs):
        volume(student="bob")
    if f"{ROOT}/ada/ml" not in tree(cluster, nfs) or None in [defined(cluster, node) for node in cluster.names]:
        volume()
    cluster.inside(nfs, "sh", "-c", f"echo of ada > {ROOT}/ada/ml/note; echo of bob > {ROOT}/bob/ml/secret")
    return f"{ROOT}/ada/ml"


def number(cluster: Cluster, student: str) -> str:
    """The user of a student's project."""
    return cluster.inside(cluster.names[0], "stat", "--format", "%u", f"{ROOT}/{student}/ml")


def inside(cluster: Cluster, node: str, image: str, script: str, *, who: str = "ada", check: bool = True) -> str:
    """A shell script in a container of a student: ada's volume on /data, and nothing else of the storage."""
    run = (
        "docker",
        "run",
        "--rm",
        "--user",
        number(cluster, who),
        "--volume",
        "ada.ml:/data",
        image,
        "sh",
        "-c",
        script,
    )
    return cluster.inside(node, *run, check=check)


def test_who_may_do_what(ada: str, cluster: Cluster, nfs: str) -> None:
    listed, own, bobs = tree(cluster, nfs).splitlines(), number(cluster, "ada"), number(cluster, "bob")
    assert {f"{ROOT}/ada 0:0 755 ", f"{ada} {own}:{own} 700 "} <= {f"{line.rstrip()} " for line in listed}
    assert own != bobs and {own, bobs} < {str(each) for each in range(70000, 80000)}


def test_a_second_run_changes_nothing(ada: str, volume: Volume) -> None:
    assert volume().changed == 0


@pytest.fixture
def sleepers(ada: str, cluster: Cluster, nodes: dict[str, str], tiny: str) -> Iterator[dict[str, tuple[str, str]]]:
    """A service on each worker with ada's volume; node and container of its task by host of the inventory."""
    manager, names = nodes["hydra"], {host: f"test-{host}" for host in ("chimera", "cerberus")}
    try:
        for host, service in names.items():
            cluster.inside(
                manager, "docker", "service", "create", "--detach", "--no-resolve-image", "--name", service,
                "--endpoint-mode", "dnsrr", "--constraint", f"node.hostname=={nodes[host]}", "--user", number(cluster, "ada"),
                "--mount", "type=volume,source=ada.ml,target=/data", tiny, "sleep", "600",
            )  # fmt: skip
        yield {
            host: until(f"a task of {service}", lambda service=service: list(cluster.tasks(service).items()), 40)[0]
            for host, service in names.items()
        }
    finally:
        cluster.inside(manager, "docker", "service", "rm", *names.values(), check=False)
        gone = [(node, f"name={service}") for node in cluster.names for service in names.values()]
        until(
            "the tasks to be gone",
            lambda: not any(cluster.inside(node, "docker", "ps", "-aq", "--filter", one) for node, one in gone),
            40,
        )


def test_what_one_nodes_task_writes_anothers_reads(
    sleepers: dict[str, tuple[str, str]], cluster: Cluster, nodes: dict[str, str], nfs: str, volume: Volume
) -> None:
    (chimera, writer), (cerberus, reader) = sleepers["chimera"], sleepers["cerberus"]
    assert (chimera, cerberus) == (nodes["chimera"], nodes["cerberus"])
    cluster.inside(chimera, "docker", "exec", writer, "sh", "-c", "echo from chimera > /data/file")
    assert cluster.inside(cerberus, "docker", "exec", reader, "cat", "/data/file") == "from chimera"
    # And over the protocol, by a client that has nothing of the server's storage mounted.
    address = cluster.machines[nfs]["swarm_node_address"]
    own = number(cluster, "ada")
    url = f"nfs://{address}{ROOT}/ada/ml/file?version=4&uid={own}&gid={own}"
    assert cluster.inside(nodes["hydra"], "timeout", "20", "nfs-cat", url) == "from chimera"
    # While they run, nobody takes the volume away under them.
    refused = volume("ml", "ada", "STATE=absent", "PURGE=1", "FORCE=1", check=False)
    assert refused.status != 0
    assert (
        "volume 'ada.ml' cannot be removed while it is used by service test-cerberus, service test-chimera."
        in refused.said
    )
    assert cluster.inside(cerberus, "docker", "exec", reader, "cat", "/data/file") == "from chimera"
    assert defined(cluster, nodes["hydra"]), "one node refuses, so none removes"


@pytest.mark.parametrize("project", ["../bob/ml", ""])
def test_names_that_lead_elsewhere(ada: str, cluster: Cluster, nfs: str, project: str) -> None:
    before = tree(cluster, nfs)
    # By the playbook: make refuses such a name by itself.
    refused = cluster.play("student-volume", check=False, student="ada", project=project)
    assert refused.status != 0
    wrong = (
        f"project '{project}': {RULE}, for example PROJECT=ml."
        if project
        else "no project is named: for example PROJECT=ml"
    )
    assert f"Nothing was touched: {wrong}" in refused.said
    assert tree(cluster, nfs) == before


def test_a_student_who_is_none(ada: str, cluster: Cluster, nfs: str) -> None:
    before = tree(cluster, nfs)
    refused = cluster.play("student-volume", check=False, student="../student2", project="ml")
    assert refused.status != 0
    assert f"Nothing was touched: student '../student2': {RULE}, for example STUDENT=student1." in refused.said
    assert tree(cluster, nfs) == before


@pytest.mark.parametrize(
    ("link", "target", "student", "project"),
    [
        ("ada/link", "../bob/ml", "ada", "link"),
        ("ada/link", f"{ROOT}/bob/ml", "ada", "link"),
        ("eve", "bob", "eve", "ml"),
    ],
)
def test_links_are_refused(
    ada: str, volume: Volume, cluster: Cluster, nfs: str, link: str, target: str, student: str, project: str
) -> None:
    cluster.inside(nfs, "ln", "-s", target, f"{ROOT}/{link}")
    try:
        before = tree(cluster, nfs)
        for more in ((), ("STATE=absent", "PURGE=1", "FORCE=1")) if student == "eve" else ((),):
            refused = volume(project, student, *more, check=False)
            assert refused.status != 0
            assert f"{ROOT}/{link} is a symbolic link (to {target}), not a directory" in refused.said
        assert tree(cluster, nfs) == before
        assert [defined(cluster, node, f"{student}.{project}") for node in cluster.names] == [None] * 3
    finally:
        cluster.inside(nfs, "rm", f"{ROOT}/{link}")


def test_links_that_a_student_makes_later(
    ada: str, volume: Volume, cluster: Cluster, nfs: str, nodes: dict[str, str], tiny: str
) -> None:
    secrets = {"up": "../../bob/ml/secret", "exports": f"{ROOT}/bob/ml/secret", "home": "../ml/../../bob/ml/secret"}
    inside(cluster, nodes["chimera"], tiny, "".join(f"ln -s {to} /data/{name};" for name, to in secrets.items()))
    for name in secrets:
        assert inside(cluster, nodes["cerberus"], tiny, f"cat /data/{name} 2>&1 || true").endswith(
            "No such file or directory"
        )
    # The directory itself is no name in a directory of his, so he cannot put a link in its place.
    said = inside(
        cluster, nodes["chimera"], tiny, "mv /data /other 2>&1; rmdir /data 2>&1; cat /data/note", check=False
    )
    assert said.endswith("of ada"), said
    before = tree(cluster, nfs)
    assert volume().changed == 0
    assert tree(cluster, nfs) == before


def test_another_user_sees_nothing(ada: str, cluster: Cluster, nodes: dict[str, str], tiny: str) -> None:
    assert inside(cluster, nodes["chimera"], tiny, "cat /data/note") == "of ada"
    said = inside(cluster, nodes["chimera"], tiny, "cat /data/note 2>&1; ls /data 2>&1", who="bob", check=False)
    assert "Permission denied" in said and "of ada" not in said


def test_owner_and_mode_change_for_the_directory_alone(ada: str, volume: Volume, cluster: Cluster, nfs: str) -> None:
    before, own = tree(cluster, nfs), number(cluster, "ada")
    assert volume("ml", "ada", "OWNER=1234", "MODE=0750").changed == 1
    changed = before.replace(f"{ada} {own}:{own} 700", f"{ada} 1234:1234 750")
    assert tree(cluster, nfs) == changed != before
    # What somebody else owns is not given away with all that is in it; a line says how it is.
    kept = volume("ml", "ada", "MODE=0750")
    assert (
        f"{ada} keeps its user 1234, whom others may have, too" in kept.said
        and f"chown -hR {own}:{own} {ada}" in kept.said
    )
    assert (kept.changed, tree(cluster, nfs)) == (0, changed)
    assert volume("ml", "ada", f"OWNER={own}", "MODE=0700").changed == 1
    assert tree(cluster, nfs) == before


def test_a_quota_that_cannot_be_is_a_line(ada: str, volume: Volume) -> None:
    ran = volume("ml", "ada", "QUOTA=10g")
    assert f"{ada}: no quota of 10 GiB is set, since " in ran.said


def remake(cluster: Cluster, node: str, *options: str) -> None:
    """Define the volume on a node by hand, otherwise."""
    label = json.loads(cluster.inside(node, "docker", "volume", "inspect", "--format", "{{json .Labels}}", "ada.ml"))[
        OWNER
    ]
    cluster.inside(node, "docker", "volume", "rm", "ada.ml")
    words = [word for option in options for word in ("--opt", option)]
    cluster.inside(node, "docker", "volume", "create", "--label", f"{OWNER}={label}", *words, "ada.ml")


def test_changed_options_make_the_definition_anew_and_keep_the_data(
    ada: str, volume: Volume, cluster: Cluster, nodes: dict[str, str], tiny: str
) -> None:
    right, node = defined(cluster, nodes["chimera"]), nodes["chimera"]
    remake(cluster, node, "type=none", "o=bind,ro", f"device={ada}")
    cluster.inside(
        node, "docker", "run", "--detach", "--name", "test-user", "--volume", "ada.ml:/data", tiny, "sleep", "600"
    )
    try:
        refused = volume(check=False)
        assert refused.status != 0
        assert (
            f"volume 'ada.ml' cannot change from device={ada} o=bind,ro type=none to device={ada} o=bind type=none while it "
            "is used by container test-user (running). End them first" in refused.said
        )
        assert defined(cluster, node) != right
        cluster.inside(node, "docker", "kill", "test-user")
        assert "used by container test-user (exited)" in volume(check=False).said
    finally:
        cluster.inside(node, "docker", "rm", "--force", "test-user")
    assert volume().changed == 1
    assert defined(cluster, node) == right
    assert inside(cluster, node, tiny, "cat /data/note") == "of ada"


def test_a_volume_of_somebody_else_is_refused(
    ada: str, volume: Volume, cluster: Cluster, nodes: dict[str, str]
) -> None:
    node = nodes["cerberus"]
    cluster.inside(node, "docker", "volume", "rm", "ada.ml")
    cluster.inside(node, "docker", "volume", "create", "ada.ml")
    try:
        refused = volume(check=False)
        assert refused.status != 0
        assert "volume 'ada.ml' exists and is not of cluster" in refused.said
        assert defined(cluster, node) is None or not defined(cluster, node)
    finally:
        cluster.inside(node, "docker", "volume", "rm", "ada.ml")
    assert volume().changed == 1


def test_a_volume_by_the_name_that_a_program_expects(ada: str, volume: Volume, cluster: Cluster, nfs: str) -> None:
    named = "NAME=hydra-vol-ada"
    try:
        assert volume("ml", "ada", named).changed == 3
        shown = [defined(cluster, node, name) for node in cluster.names for name in ("hydra-vol-ada", "ada.ml")]
        assert shown[0] and shown == shown[:1] * 6
        before = tree(cluster, nfs)
        for student, name, why in (
            ("bob", named, "is another one's"),
            ("ada", "NAME=bob.ml", "project ml of student bob"),
        ):
            for more in ((), ("STATE=absent",)):
                refused = volume("ml", student, name, *more, check=False)
                assert refused.status != 0 and why in refused.said and refused.changed == 0, refused.output
        assert tree(cluster, nfs) == before
        assert volume("ml", "ada", named, "STATE=absent").changed == 3
        assert [defined(cluster, node, "hydra-vol-ada") for node in cluster.names] == [None] * 3
    finally:
        for node in cluster.names:
            cluster.inside(node, "docker", "volume", "rm", "--force", "hydra-vol-ada", check=False)


def test_absent_keeps_the_data_also_when_an_engine_left_mounts_behind(
    ada: str, volume: Volume, cluster: Cluster, nfs: str, nodes: dict[str, str], tiny: str
) -> None:
    inside(cluster, nodes["chimera"], tiny, "echo more > /data/more")
    mountpoint = "/var/lib/docker/volumes/ada.ml/_data"
    for _layer in range(2):
        cluster.inside(nodes["chimera"], "mount", "--bind", ada, mountpoint)
    before = tree(cluster, nfs)
    assert volume("ml", "ada", "STATE=absent").changed == 3
    assert [defined(cluster, node) for node in cluster.names] == [None] * 3
    assert tree(cluster, nfs) == before
    assert volume("ml", "ada", "STATE=absent").changed == 0
    assert volume().changed == 3
    assert inside(cluster, nodes["cerberus"], tiny, "cat /data/more") == "more"


def test_a_rehearsal_changes_nothing(volume: Volume, ada: str, cluster: Cluster, nfs: str) -> None:
    before = tree(cluster, nfs)
    ran = cluster.make("student-volume", "STUDENT=carol", "PROJECT=ml", "ARGS=--check --diff")
    assert ran.changed == 4
    assert '+ "state": "directory"' in ran.said and '+ "o": "bind"' in ran.said
    assert tree(cluster, nfs) == before
    assert defined(cluster, cluster.names[0], "carol.ml") is None


def test_data_goes_only_after_a_yes(ada: str, volume: Volume, cluster: Cluster, nfs: str) -> None:
    before = tree(cluster, nfs)
    refused = volume("ml", "ada", "STATE=absent", "PURGE=1", check=False)
    assert refused.status != 0
    assert "Nothing was removed. Answer yes, or add FORCE=1" in refused.said
    assert tree(cluster, nfs) == before
    volume("ml", "ada", "STATE=absent", "PURGE=1", "FORCE=1")
    assert f"{ROOT}/ada" not in tree(cluster, nfs)
    with pytest.raises(subprocess.CalledProcessError):
        cluster.inside(nfs, "test", "-e", f"{ROOT}/ada")
    assert "of bob" in cluster.inside(nfs, "cat", f"{ROOT}/bob/ml/secret")
