# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Images of this computer's engine reach the nodes without a registry."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest
from harness import ROOT, Cluster, Ran, until
from images import Images

APP, OTHER = "hydra-test/load:1", "hydra-test/load-other:1"
Load = Callable[..., Ran]


def known(cluster: Cluster, name: str, image: str = APP) -> str:
    """The ID that a node knows the image by; nothing if it has none of that name."""
    return cluster.inside(name, "docker", "image", "inspect", "--format", "{{.Id}}", image, check=False)


def everywhere(cluster: Cluster, image: str = APP) -> list[str]:
    return [known(cluster, name, image) for name in cluster.names]


def of_nodes(cluster: Cluster) -> dict[str, list[str]]:
    """Every image of every node by name and ID, those of these tests apart."""
    form = "{{.Repository}}:{{.Tag}} {{.ID}}"
    return {
        name: sorted(
            line
            for line in cluster.inside(name, "docker", "image", "ls", "--no-trunc", "--format", form).splitlines()
            if not line.startswith(("hydra-test/load", "<none>"))
        )
        for name in cluster.names
    }


@pytest.fixture
def load(cluster: Cluster, images: Images) -> Iterator[Load]:
    """Runs load-image; what it brought is gone afterwards, and what they had before is still there."""
    before = of_nodes(cluster)
    built = set[str]()

    def run(image: str = APP, *arguments: str, check: bool = True, **extra: str) -> Ran:
        built.update(images.id_of(one) for one in (APP, OTHER) if images.exists(one))
        return cluster.play("load-image", *arguments, check=check, image=image, **extra)

    yield run
    for name in cluster.names:
        for one in (APP, OTHER, f"{OTHER}-renamed", *built):
            cluster.inside(name, "docker", "image", "rm", "--force", one, check=False)
    for one in built:
        cluster.docker("image", "rm", "--force", one, check=False)
    assert of_nodes(cluster) == before


def sent(ran: Ran) -> list[int]:
    return [int(number) for number in re.findall(r'"bytes_sent": (\d+)', ran.output)]


def test_every_node_gets_the_image_once(cluster: Cluster, images: Images, load: Load) -> None:
    made = images.stand_in(APP, ports="8000", says="one")
    first = load()
    assert everywhere(cluster) == [made] * 3
    assert first.changed == 1
    assert f"{APP} ({made[:19]}): loaded into {', '.join(cluster.names)}" in first.said
    second = load()
    assert second.changed == 0
    assert f"{APP} ({made[:19]}): {', '.join(cluster.names)} had it" in second.said


def test_rebuilt_under_the_same_tag(cluster: Cluster, images: Images, load: Load) -> None:
    """The nodes get the new one; the old one stays, by its ID, for a service that goes back to it."""
    old = images.stand_in(APP, ports="8000", says="old")
    load()
    cluster.inside(cluster.names[0], "docker", "tag", APP, f"{OTHER}-renamed")
    new = images.stand_in(APP, ports="8000", says="new")
    ran = load(APP, "-v")
    assert old != new
    assert everywhere(cluster) == [new] * 3
    assert everywhere(cluster, old) == [old] * 3
    assert known(cluster, cluster.names[0], f"{OTHER}-renamed") == old, "a name that was given on a node is its user's"
    assert [number < 100_000 for number in sent(ran)] == [True], "of two MB they had all but what changed"


def test_an_image_of_several_layers_runs(cluster: Cluster, images: Images, load: Load) -> None:
    """One of whose layers only some were sent, too."""
    images.stand_in(APP, ports="8000", says="old")
    load(nodes="chimera")
    images.stand_in(APP, ports="8000", says="new")
    load()
    for name in cluster.names:
        run = ("docker", "run", "--rm", "--network", "none", "--entrypoint", "/bin/busybox", APP, "echo", "works")
        assert cluster.inside(name, *run) == "works"


def test_only_the_nodes_that_are_named(cluster: Cluster, images: Images, nodes: dict[str, str], load: Load) -> None:
    made = images.stand_in(APP, ports="8000", says="some")
    load(nodes=f"chimera,{nodes['cerberus']}")
    assert {name for name in cluster.names if known(cluster, name) == made} == {nodes["chimera"], nodes["cerberus"]}
    said = load().said
    assert f"loaded into {nodes['hydra']}; " in said
    assert everywhere(cluster) == [made] * 3


def test_an_image_under_another_name_gets_its_name_alone(cluster: Cluster, images: Images, load: Load) -> None:
    made = images.stand_in(APP, ports="8000", says="renamed")
    load()
    for name in cluster.names:
        cluster.inside(name, "docker", "tag", APP, f"{OTHER}-renamed")
        cluster.inside(name, "docker", "image", "rm", APP)
    ran = load(APP, "-v")
    assert everywhere(cluster) == [made] * 3
    assert sent(ran) == []
    assert f"tagged on {', '.join(cluster.names)}, which had it under another name" in ran.said


def test_a_missing_image_is_refused_before_anything_is_loaded(cluster: Cluster, images: Images, load: Load) -> None:
    images.stand_in(APP, ports="8000", says="refused")
    ran = load(f"{APP},hydra-test/load-nowhere,hydra-test/load-nowhere:2", check=False)
    assert ran.status == 2
    assert "nothing was loaded: there is no source for 2 image(s):" in ran.said
    for name in ("hydra-test/load-nowhere:latest", "hydra-test/load-nowhere:2"):
        assert f"- {name}: not on this computer's engine, and on no node; pulling it: " in ran.said
    assert everywhere(cluster) == [""] * 3


def test_a_rehearsal_says_what_would_be_loaded(cluster: Cluster, images: Images, load: Load) -> None:
    made = images.stand_in(APP, ports="8000", says="rehearsed")
    ran = load(APP, "--check", "--diff")
    assert f'+ "{APP}": "{made}"' in ran.said
    assert f"would be loaded into {', '.join(cluster.names)}" in ran.said
    assert everywhere(cluster) == [""] * 3


def test_an_image_that_only_the_nodes_have(cluster: Cluster, images: Images, load: Load) -> None:
    made = images.stand_in(OTHER, ports="8000", says="pruned here")
    load(OTHER)
    cluster.docker("image", "rm", "--force", OTHER)
    ran = load(OTHER)
    assert ran.changed == 0
    assert f"{OTHER} ({made[:19]}): {', '.join(cluster.names)} had it; this computer's engine does not" in ran.said


def test_two_images_share_their_layers(cluster: Cluster, images: Images, load: Load) -> None:
    """What they have in common is sent once."""
    fresh = os.urandom(500_000)
    made = [images.stand_in(name, ports="8000", says=name, layer=fresh) for name in (APP, OTHER)]
    ran = load(f"{APP},{OTHER}", "-v")
    assert [everywhere(cluster, name) for name in (APP, OTHER)] == [[one] * 3 for one in made]
    first, second = sent(ran)
    assert first >= len(fresh)
    assert second < first / 10


def test_a_node_that_does_not_run(cluster: Cluster, images: Images, nodes: dict[str, str], load: Load) -> None:
    made = images.stand_in(APP, ports="8000", says="stopped")
    name = nodes["chimera"]
    cluster.docker("stop", name)
    try:
        ran = load(check=False)
        assert ran.status == 2
        assert f"- {name}: its container is exited; start it (make nodes-up, or docker start {name})" in ran.said
    finally:
        cluster.docker("start", name)
        cluster.heals()
    assert everywhere(cluster) == [""] * 3
    load()
    assert everywhere(cluster) == [made] * 3


def test_a_node_that_does_not_answer_is_named_and_another_run_serves_it(
    cluster: Cluster, images: Images, nodes: dict[str, str], load: Load
) -> None:
    made = images.stand_in(APP, ports="8000", says="mute")
    name = nodes["cerberus"]
    engine = cluster.inside(name, "pgrep", "-o", "dockerd")
    cluster.inside(name, "kill", "-STOP", engine)
    try:
        ran = load(check=False)
        assert ran.status == 2
        assert (
            f"{name}: its engine does not list its images (no answer within 20 s); see its log: docker logs {name}"
            in ran.said
        )
    finally:
        cluster.inside(name, "kill", "-CONT", engine)
    until("the engine to go on", lambda: cluster.inside(name, "docker", "info", "--format", "{{.ID}}"), 60)
    cluster.heals()
    load()
    assert everywhere(cluster) == [made] * 3


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"image": ""}, "Nothing was loaded: no IMAGE is given. Name one or more, for example IMAGE=app:latest"),
        (
            {"image": APP, "nodes": "chimera,nobody"},
            "Nothing was loaded: NODES=nobody is no node of this cluster; the nodes are cerberus, chimera, hydra",
        ),
        ({"image": "Hydra"}, "nothing was loaded: 'Hydra' is no image name: write [REGISTRY/]NAME[:TAG]"),
    ],
    ids=["no image", "unknown node", "no name"],
)
def test_what_makes_no_sense(cluster: Cluster, given: dict[str, str], told: str) -> None:
    ran = cluster.play("load-image", check=False, **given)
    assert ran.status == 2
    assert told in ran.said


def test_servers_are_refused() -> None:
    ran = Cluster(ROOT / "inventories/prod").play("load-image", check=False, image=APP)
    assert ran.status == 2
    assert "Nothing was touched: load-image is for the development cluster" in ran.said
