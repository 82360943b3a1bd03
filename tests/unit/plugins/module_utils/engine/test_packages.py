# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine import packages
from ansible_collections.hydra.swarm.plugins.module_utils.engine.packages import Seen

TRIXIE = {"family": "debian", "id": "debian", "major": "13", "codename": "trixie", "name": "Debian 13"}
BOOKWORM = {**TRIXIE, "major": "12", "codename": "bookworm", "name": "Debian 12"}
NOBLE = {"family": "debian", "id": "ubuntu", "major": "24", "codename": "noble", "name": "Ubuntu 24.04"}
ROCKY = {"family": "redhat", "id": "rocky", "major": "9", "codename": "", "name": "Rocky Linux 9"}
MAC = {"family": "", "id": "", "major": "", "codename": "", "name": "an unknown system"}
OLD, NEW = "26.1.5+dfsg1-9+b9", "28.5.2+dfsg4-5"
OFFERED = {"docker.io": [NEW, OLD], "docker-cli": [NEW, OLD]}
ON_TRIXIE = Seen(
    TRIXIE,
    "/usr/sbin/dockerd",
    "26.1.5+dfsg1",
    False,
    {"docker.io": OLD, "docker-cli": OLD},
    frozenset({"docker.io"}),
    {"docker.io": OLD, "docker-cli": OLD},
    OFFERED,
)


@pytest.mark.parametrize(
    ("version", "upstream"),
    [
        ("5:28.5.2-1~debian.13~trixie", "28.5.2"),
        ("28.5.2+dfsg4-5", "28.5.2"),
        ("20.10.24+dfsg1-1+deb12u1+b6", "20.10.24"),
        ("28.2.2-0ubuntu1~24.04.1", "28.2.2"),
        ("29.0.0-rc.1", "29.0.0"),
        ("dev", ""),
    ],
)
def test_dockers_own_version(version: str, upstream: str) -> None:
    assert packages.upstream(version) == upstream


@pytest.mark.parametrize(
    ("version", "wanted", "is_it"),
    [
        (NEW, "28", True),
        (NEW, "28.5", True),
        (NEW, "28.5.2", True),
        (NEW, NEW, True),
        ("5:28.5.2-1~debian.13~trixie", "28.5", True),
        ("28.50.1-1", "28.5", False),
        (NEW, "2", False),
        (NEW, "28.5.3", False),
        (NEW, "28.5.2+dfsg3", False),
    ],
)
def test_whether_a_version_is_the_wanted_one(version: str, wanted: str, is_it: bool) -> None:
    assert packages.matches(version, wanted) is is_it


@pytest.mark.parametrize(
    ("os", "source", "names"),
    [
        (BOOKWORM, "distribution", ["docker.io", "iptables"]),
        (TRIXIE, "distribution", ["docker.io", "docker-cli", "iptables"]),
        ({**TRIXIE, "major": ""}, "distribution", ["docker.io", "docker-cli", "iptables"]),
        (NOBLE, "distribution", ["docker.io", "iptables"]),
        (BOOKWORM, "docker", ["docker-ce", "docker-ce-cli", "containerd.io"]),
        (ROCKY, "docker", ["docker-ce", "docker-ce-cli", "containerd.io"]),
    ],
)
def test_names(os: dict[str, str], source: str, names: list[str]) -> None:
    assert packages.names(os, source) == names
    assert packages.plan(Seen(os), source)["packages"] == names


@pytest.mark.parametrize(
    ("seen", "source", "message"),
    [
        (ON_TRIXIE, "distribution", ""),
        (Seen(TRIXIE), "docker", ""),
        (
            Seen(NOBLE, running="28.1.1"),
            "distribution",
            "an engine 28.1.1 answers here that is of no package (a snap?), and a second one beside it would not work: "
            "remove it (snap remove docker), and run this again",
        ),
        (Seen(MAC, program="/usr/local/bin/dockerd"), "distribution", ""),
        (
            ON_TRIXIE,
            "docker",
            f"the distribution's engine is installed here (docker.io {OLD}), and docker_engine_source is 'docker', whose "
            "docker-ce conflicts with it: set docker_engine_source to 'distribution', or take the node out of the swarm, "
            "remove the old engine (apt-get remove docker.io docker-cli containerd runc) and run this again",
        ),
        (
            Seen(NOBLE, installed={"docker-ce": "5:28.5.2-1"}),
            "distribution",
            "Docker's own engine is installed here (docker-ce 5:28.5.2-1), and docker_engine_source is 'distribution', "
            "whose docker.io conflicts with it: set docker_engine_source to 'docker', or take the node out of the swarm, "
            "remove the old engine (apt-get remove docker-ce docker-ce-cli containerd.io) and run this again",
        ),
        (
            Seen(ROCKY),
            "distribution",
            "Rocky Linux 9 has no Docker Engine of its own: set docker_engine_source to 'docker'",
        ),
        (
            Seen(MAC),
            "distribution",
            "No Docker Engine answers, and none can be installed on an unknown system. Install one and start it (on macOS or "
            "Windows: Docker Desktop, Colima or Rancher Desktop; elsewhere: the distribution's docker package), check it "
            "with 'docker version', then run this again",
        ),
    ],
)
def test_conflicts(seen: Seen, source: str, message: str) -> None:
    assert packages.conflict(seen, source) == message


@pytest.mark.parametrize(
    ("version", "latest", "specs", "to"),
    [
        ("", False, [], OLD),
        ("28.5", False, [], OLD),  # it stays until somebody upgrades it
        ("", True, [], OLD),  # what apt would install, not what some source has
        ("26", True, [], OLD),
        ("28.5", True, [f"docker.io={NEW}", f"docker-cli={NEW}", "iptables"], NEW),
    ],
)
def test_an_engine_that_is_there(version: str, latest: bool, specs: list[str], to: str) -> None:
    plan = packages.plan(ON_TRIXIE, "distribution", version, latest)
    assert (plan["packages"], plan["from"], plan["to"], plan["problem"]) == (specs, OLD, to, "")
    assert (plan["off_version"], plan["unheld"]) == (version == "28.5", ["docker-cli"])


def test_a_fresh_server_gets_the_wanted_version() -> None:
    seen = Seen(TRIXIE, candidate={"docker.io": OLD}, offered=OFFERED)
    plan = packages.plan(seen, "distribution", "28")
    assert (plan["packages"], plan["to"]) == ([f"docker.io={NEW}", f"docker-cli={NEW}", "iptables"], NEW)


def test_packages_that_somebody_names() -> None:
    plan = packages.plan(Seen(TRIXIE, offered=OFFERED), "distribution", "28", packages=["docker.io", "apparmor"])
    assert plan["packages"] == [f"docker.io={NEW}", "apparmor"]


@pytest.mark.parametrize(
    ("running", "replaced", "stale"),
    [("26.1.5+dfsg1", False, True), ("28.5.2+dfsg4", True, True), ("28.5.2+dfsg4", False, False), ("", False, False)],
)
def test_an_engine_that_was_not_restarted_after_its_upgrade(running: str, replaced: bool, stale: bool) -> None:
    there = {"docker.io": NEW}
    seen = Seen(TRIXIE, "/usr/sbin/dockerd", running, replaced, installed=there, candidate=there)
    plan = packages.plan(seen, "distribution", "28", latest=True)
    assert (plan["packages"], plan["stale"]) == ([], stale)


@pytest.mark.parametrize(
    ("seen", "version", "problem"),
    [
        (ON_TRIXIE, "27", f"no docker.io of version '27' is offered; there is {NEW}, {OLD}"),
        (Seen(TRIXIE), "27", "the package sources offer no docker.io: check them (apt-cache policy docker.io)"),
        (
            Seen(TRIXIE, "x", "", installed={"docker.io": NEW}, offered=OFFERED),
            "26",
            f"docker.io {OLD} is older than {NEW}, which is installed, and no engine is downgraded in place: name a version "
            "that is not older",
        ),
        (
            Seen(TRIXIE, "/opt/dockerd", "28.1.0"),
            "28",
            "the engine here (/opt/dockerd) came from no package of docker.io or docker-ce: upgrade it by hand",
        ),
        (
            Seen(ROCKY, "/usr/bin/dockerd", "28.1.0", installed={"docker.io": "1"}),
            "28",
            "an engine on Rocky Linux 9 is upgraded by hand",
        ),
    ],
)
def test_versions_that_are_not_to_be_had(seen: Seen, version: str, problem: str) -> None:
    plan = packages.plan(seen, "distribution", version, latest=True)
    assert (plan["problem"], plan["packages"], plan["to"]) == (problem, [], "")


def test_what_the_package_manager_prints() -> None:
    listed = (
        f"docker.io {OLD} hold installed\ndocker-cli {OLD} install installed\ndocker-ce 5:1 deinstall config-files\n"
    )
    assert packages.installed(listed) == ({"docker.io": OLD, "docker-cli": OLD}, frozenset({"docker.io"}))
    policy = (
        f"docker.io:\n  Installed: (none)\n  Candidate: {OLD}\n  Version table:\n     {NEW} 100\n        100 http://x forky\n"
        "docker-ce:\n  Installed: (none)\n  Candidate: (none)\n  Version table:\n"
        f"docker-cli:\n  Installed: {OLD}\n  Candidate: {NEW}\n"
    )
    assert packages.candidates(policy) == {"docker.io": OLD, "docker-cli": NEW}
    madison: Any = (
        f" docker.io | {NEW} | http://x forky/main\n docker.io | {OLD} | http://x trixie/main\n docker.io | {OLD} | y"
    )
    assert packages.offers([*madison.splitlines(), "N: odd"]) == {"docker.io": [NEW, OLD]}


def look(version: str = "28.5", swarm: str = "active", stale: bool = False, **more: Any) -> dict[str, Any]:
    """As engine_host_info returns it."""
    engine = {"program": "/usr/sbin/dockerd", "version": version, "swarm": {"state": swarm}}
    return {"engine": engine, "systemd": True, "enabled": True, "plan": {"stale": stale}, **more}


def of(seen: dict[str, Any], installed: bool = False, effect: str = "none", latest: bool = False) -> list[str]:
    """What is to be done."""
    return [name for name, done in packages.restart(seen, installed, effect, latest).items() if done]


@pytest.mark.parametrize(
    ("seen", "given", "done"),
    [
        (look(), {}, []),
        (look(), {"effect": "reload"}, []),
        # A member's tasks would go down with it: that is for a later play, with the node drained.
        (look(), {"effect": "restart"}, ["later"]),
        (look(swarm="unknown"), {"effect": "restart"}, ["later"]),
        (look(swarm="inactive"), {"effect": "restart"}, ["now", "start"]),
        # An upgrade is of a node that is drained already.
        (look(), {"installed": True, "latest": True}, ["upgraded", "now", "start"]),
        (look(), {"installed": True, "latest": True, "effect": "restart"}, ["upgraded", "now", "start"]),
        # It was interrupted before the restart.
        (look(stale=True), {"latest": True}, ["upgraded", "now", "start"]),
        (look(stale=True), {}, []),
        (look(), {"installed": True}, []),
        # One that is not running has nothing to restart.
        (look(version="", swarm="inactive"), {"installed": True, "effect": "restart"}, ["later", "start"]),
        (look(enabled=False), {}, ["start"]),
        (look(enabled=False, systemd=False), {}, []),
        (look(version="", systemd=False), {}, ["start"]),
        # Without systemd nobody restarts it for us.
        (look(swarm="inactive", systemd=False), {"effect": "restart"}, ["later"]),
        ({**look(), "engine": {"program": "", "version": "", "swarm": {"state": "inactive"}}}, {}, []),
        # Its rules are gone; how it resolves names no restart mends.
        (look(faults=[{"kind": "rules", "mends": True}]), {}, ["later"]),
        (look(faults=[{"kind": "names", "mends": False}]), {}, []),
    ],
)
def test_what_an_engine_needs(seen: dict[str, Any], given: dict[str, Any], done: list[str]) -> None:
    assert of(seen, **given) == done
