# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine import identity
from ansible_collections.hydra.swarm.plugins.module_utils.machine.identity import Found

WANTED = [("a", "a-data", "engine"), ("b", "b-data", "engine"), ("nfs", "nfs-data", "nfs")]


def one(volume: str, owner: str = "hydra", service: str = "engine", state: str = "running") -> dict[str, Any]:
    made = {
        "service": service,
        "mounts": {"/exports" if service == "nfs" else "/var/lib/docker": volume, "/x": "nfs-data"},
    }
    return {"State": state, "Labels": {"hydra.swarm.cluster": owner, "hydra.swarm.made-as": json.dumps(made)}}


def plain(volume: str, path: str) -> dict[str, Any]:
    return {"Labels": None, "Mounts": [{"Name": volume, "Destination": path}, {"Type": "bind"}]}


@pytest.mark.parametrize(
    ("containers", "called", "surplus"),
    [
        ({}, {}, {}),
        ({"a": one("a-data"), "nfs": one("nfs-data", service="nfs"), "other": plain("o", "/o")}, {}, {}),
        ({"x": one("a-data"), "y": one("nfs-data", service="nfs")}, {"a": "x", "nfs": "y"}, {}),
        ({"a": one("b-data"), "b": one("a-data")}, {"a": "b", "b": "a"}, {}),
        ({"a": one("a-data"), "x": one("a-data")}, {}, {"a": ["x"]}),
        ({"x": one("a-data", state="exited"), "y": one("a-data")}, {"a": "y"}, {"a": ["x"]}),
        # Whose data is elsewhere is another machine, whatever it is called; one that reads the volume for a copy is none.
        ({"a": one("other"), "copy": plain("a-data", "/from")}, {}, {}),
        # All nodes mount the NFS server's volume, where it has it itself.
        ({"a": one("a-data"), "shows": plain("nfs-data", "/exports")}, {}, {}),
    ],
)
def test_which_is_which(containers: dict[str, Any], called: dict[str, str], surplus: dict[str, list[str]]) -> None:
    assert identity.recognised(WANTED, containers, "hydra") == Found(called, surplus)


@pytest.mark.parametrize("container", [one("a-data", owner="lab"), plain("a-data", "/var/lib/docker")])
def test_somebody_elses_container_on_the_volume_is_refused(container: dict[str, Any]) -> None:
    found = identity.recognised(WANTED, {"a": one("a-data"), "x": container}, "hydra")
    assert (found.called, found.surplus) == ({}, {})
    assert found.problems == (
        "container 'x' has the volume a-data of a as its data, too, and is not of cluster hydra: two on one volume would ruin "
        "it; remove that container (docker rm -f x; the volume stays), or give a another volume (dind_node_volume)",
    )


@pytest.mark.parametrize(
    ("called", "steps"),
    [
        ({}, []),
        ({"a": "x", "b": "y"}, [("x", "a"), ("y", "b")]),
        (
            {"a": "b", "b": "a"},
            [("b", "a-being-renamed"), ("a", "b-being-renamed"), ("a-being-renamed", "a"), ("b-being-renamed", "b")],
        ),
        ({"a": "b", "b": "x"}, [("b", "a-being-renamed"), ("a-being-renamed", "a"), ("x", "b")]),
    ],
)
def test_the_order_of_names(called: dict[str, str], steps: list[tuple[str, str]]) -> None:
    assert identity.renamings(called) == steps
    names = set(called.values())
    for now, name in steps:
        assert now in names and name not in names, "a name is taken"
        names = names - {now} | {name}
    assert names == set(called)


def test_things_by_the_names_that_their_containers_get() -> None:
    found = Found({"a": "b", "b": "x"}, {"c": ["y"]})
    assert identity.righted(found, {"b": 1, "x": 2, "y": 3, "c": 4, "z": 5}) == {"a": 1, "b": 2, "c": 4, "z": 5}


def test_whose_volume_it_is_by_what_was_noted() -> None:
    assert identity.renamed("nfs-data", {"b": one("b-data"), "server": one("nfs-data", service="nfs")}) == "server"
    assert identity.renamed("nfs-data", {"b": one("b-data")}) == ""
    assert identity.made_as({"Labels": {"hydra.swarm.made-as": "[]"}}) == {} == identity.made_as({})
