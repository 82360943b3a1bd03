# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The user's own environment: every verb works there, or says in one line what is wrong.

The first part needs no cluster. What masks the engine's usual socket, or is another user, needs root.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.engine import choice
from harness import ROOT, Cluster

NOBODY = 65534
# Not the inventory of a developer's own cluster, in case what is tried here is done.
INVENTORY = "INVENTORY=molecule/safety/inventory"
DENIED = "permission denied on its socket: run with sudo, or join the group docker and log in again"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, for a namespace or another user")


def make(
    folder: Path, *arguments: str, before: tuple[str, ...] = (), **variables: str
) -> subprocess.CompletedProcess[str]:
    dropped = ("MAKE", "MFLAGS", "ANSIBLE_", "DOCKER_", "LC_", "LANG")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return subprocess.run(
        [*before, "make", "-s", *arguments],
        cwd=folder,
        env={**environment, "ANSIBLE_NOCOLOR": "1", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session")
def checkout() -> Iterator[Path]:
    """This folder once more, where its path has blanks and a quote, and everybody may write."""
    # Not in pytest's own folder, which is closed to other users.
    with tempfile.TemporaryDirectory(prefix="hydra-test-") as parent:
        folder = Path(parent, "it's a copy")
        left = shutil.ignore_patterns(".git", ".venv", ".ansible", ".*_cache", "__pycache__", "build")
        shutil.copytree(ROOT, folder, symlinks=True, ignore=left)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        folder.chmod(0o777)
        folder.parent.chmod(0o755)
        yield folder


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "LANG": "C"},
        {"LC_ALL": "tlh_QO.UTF-8"},
        {"ANSIBLE_CONFIG": "/etc/ansible/ansible.cfg", "ANSIBLE_COLLECTIONS_PATH": "/nowhere", "ANSIBLE_ROLES_PATH": "/nowhere"},
        {"ANSIBLE_STDOUT_CALLBACK": "minimal", "ANSIBLE_SKIP_TAGS": "all", "ANSIBLE_RUN_TAGS": "never", "ANSIBLE_INVENTORY_ENABLED": "ini"},
        {"ANSIBLE_BECOME": "true", "ANSIBLE_BECOME_USER": "nobody", "ANSIBLE_TRANSPORT": "ssh", "ANSIBLE_STRATEGY": "debug"},
    ],
    ids=lambda variables: " ".join(variables) or "nothing",
)  # fmt: skip
def test_a_verb_means_the_same_everywhere(checkout: Path, variables: dict[str, str]) -> None:
    ran = make(checkout, "nodes-logs", "NODE=medusa", **variables)
    assert (ran.returncode, ran.stdout.count("FAILED")) == (2, 1), ran.stdout + ran.stderr
    assert "FAILED [localhost]: NODE=medusa is no machine of this inventory; the machines are " in ran.stdout
    # What was left out is said in one line, and what is harmless is not.
    ours = [name for name in variables if name.startswith("ANSIBLE_")]
    said = [line for line in ran.stderr.splitlines() if line.startswith("Left out")]
    assert len(said) == bool(ours)
    assert all(name in said[0] for name in ours)


@pytest.mark.parametrize("extra", [[], ["-e", "x=y"]])
def test_without_make_the_folders_settings_are_named(checkout: Path, extra: list[str]) -> None:
    """A folder that everybody may write to is one whose ansible.cfg Ansible does not read unless it is named."""
    command = [
        ROOT / ".venv/bin/ansible-playbook",
        "-i",
        "inventories/dev",
        "playbooks/nodes-logs.yml",
        "-e",
        "node=medusa",
    ]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ANSIBLE_")}
    environment |= {"ANSIBLE_CONFIG": str(checkout / "ansible.cfg"), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [*command, *extra], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert "NODE=medusa is no machine of this inventory" in done.stdout


def contexts(folder: Path, **hosts: str) -> dict[str, str]:
    """A DOCKER_CONFIG with contexts, the first of which is the current one."""
    folder.mkdir()
    for name, host in hosts.items():
        described = folder / "contexts/meta" / choice.place(name)
        described.mkdir(parents=True)
        endpoints = {"docker": {"Host": host, "SkipTLSVerify": False}}
        (described / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": endpoints}))
    (folder / "config.json").write_text(json.dumps({"currentContext": next(iter(hosts))}))
    return {"DOCKER_CONFIG": str(folder)}


@pytest.mark.parametrize(
    "verb",
    ["swarm-up", "swarm-clean FORCE=1", "nodes-up", "load-image IMAGE=a:1", "preflight", "exec NODE=hydra CMD=true"],
)
def test_a_context_without_an_engine_is_never_replaced(verb: str, tmp_path: Path) -> None:
    """An engine is installed where there is none, and not where a context names one that does not answer."""
    socket = f"unix://{tmp_path}/rootless.sock"
    ran = make(ROOT, *verb.split(" "), INVENTORY, **contexts(tmp_path / "docker", rootless=socket))
    said = ran.stdout + ran.stderr
    assert ran.returncode != 0
    assert socket in said, said
    assert "Install" not in said


def test_a_context_that_does_not_exist(tmp_path: Path) -> None:
    ran = make(ROOT, "swarm-up", INVENTORY, DOCKER_CONTEXT="typo", DOCKER_CONFIG=str(tmp_path))
    assert ran.returncode != 0
    assert (
        "Nothing was touched: Docker context 'typo' does not exist or names no engine: docker context ls" in ran.stdout
    )


VERBS = [
    "swarm-status",
    "nodes-logs LINES=1",
    "exec NODE=hydra CMD=hostname",
    "student-list",
    "test-failure NODE=chimera",
    "restore-node NODE=chimera",
    "swarm-up",
]


@as_root
def test_everything_goes_to_the_engine_of_the_context(cluster: Cluster, tmp_path: Path) -> None:
    """Where the usual socket leads nowhere, whoever does not follow the context fails."""
    socket, hide = tmp_path / "engine.sock", tmp_path / "hide"
    socket.touch()
    usual = "/var/run/docker.sock"
    hide.write_text(f'mount --bind {usual} {socket} && mount --bind /dev/null {usual} && exec "$@"\n')
    elsewhere = contexts(tmp_path / "docker", elsewhere=f"unix://{socket}")
    inventory = f"INVENTORY={cluster.inventories[0]}"
    before = ("unshare", "--mount", "bash", str(hide))
    for verb in VERBS:
        ran = make(ROOT, *verb.split(" "), inventory, before=before, **elsewhere)
        assert ran.returncode == 0, f"{verb}: {ran.stdout}{ran.stderr}"
    lost = make(ROOT, "swarm-status", inventory, before=before, DOCKER_CONFIG=str(tmp_path))
    assert lost.returncode != 0


@as_root
@pytest.mark.parametrize(
    "verb",
    [
        "swarm-up", "swarm-down", "swarm-clean FORCE=1", "swarm-status", "nfs-status", "nodes-logs LINES=1", "deploy-stack STACK=idp",
        "load-image IMAGE=a:1", "student-volume STUDENT=ada PROJECT=ml", "test-failure NODE=chimera", "preflight", "exec NODE=hydra CMD=true",
    ],
)  # fmt: skip
def test_a_user_who_may_not_use_the_engine(checkout: Path, verb: str) -> None:
    """Without a cluster: nobody gets as far."""
    folder, home = for_nobody(checkout), checkout.parent / "home"
    home.mkdir(exist_ok=True)
    os.chown(home, NOBODY, NOBODY)
    before = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    ran = make(folder, *verb.split(" "), INVENTORY, before=before, HOME=str(home))
    said = ran.stdout + ran.stderr
    assert ran.returncode != 0, said
    assert DENIED in said, said
    assert "Traceback" not in said
    # Not in Docker's words, nor for each machine.
    assert "while trying to connect" not in said, said
    assert not verb.startswith(("exec", "nodes-logs")) or said.count(DENIED) == 1, said


def for_nobody(checkout: Path) -> Path:
    """The copy, with a .venv whose Python everybody may start: this one's may be in root's home."""
    venv, own = checkout / ".venv", Path(f"{sys.base_prefix}/bin/python3")
    if not venv.is_symlink():
        return checkout
    python = next((p for p in ("/usr/bin/python3", str(own)) if _same(p)), "")
    if not python:
        pytest.skip(f"no Python {sys.version_info[:2]} that another user may start")
    venv.unlink()
    subprocess.run([python, "-m", "venv", "--without-pip", venv], check=True)
    (packages,) = venv.glob("lib/python*/site-packages")
    (original,) = (ROOT / ".venv").glob("lib/python*/site-packages")
    (packages / "original.pth").write_text(str(original.resolve()))
    for program in ("ansible", "ansible-playbook", "ansible-inventory"):
        text = (ROOT / ".venv/bin" / program).read_text().partition("\n")[2]
        # As pip writes it where a path has blanks.
        start = "#!/bin/sh\n'''exec' \"$(dirname \"$0\")/python3\" \"$0\" \"$@\"\n' '''\n"
        (venv / "bin" / program).write_text(start + text)
        (venv / "bin" / program).chmod(0o755)
    for stamp in ("ready", "test-ready"):
        (venv / stamp).touch()
    return checkout


def _same(python: str) -> bool:
    """Whether it is of our version, and nobody may start it."""
    ask = "import sys; print(sys.version_info[:2])"
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", python, "-c", ask]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return False
    return done.stdout.strip() == str(sys.version_info[:2])


def test_a_status_of_what_is_down_is_no_success(tmp_path: Path) -> None:
    """Whoever asks by its exit status is told so, too: 2, with the report."""
    inventory = tmp_path / "inventory"
    shutil.copytree(ROOT / "molecule/safety/inventory", inventory)
    # Nobody has made these.
    names = (inventory / "test.yml").read_text().replace("safety-", "nowhere-")
    (inventory / "test.yml").write_text(names)
    down = Cluster(inventory)
    ran = down.play("swarm-status", check=False)
    assert (ran.status, "The cluster is not up. Make or resume it with: make swarm-up" in ran.printed) == (2, True)
    ran = down.play("nfs-status", check=False)
    assert (ran.status, "nowhere-nfs-server: there is no container of that name" in ran.printed) == (2, True)


def test_the_status_of_an_nfs_server_that_is_silent_is_no_success(cluster: Cluster) -> None:
    server = next(name for name, host in cluster.machines.items() if host.get("dind_node_service") == "nfs")
    cluster.docker("pause", server)
    try:
        ran = cluster.play("nfs-status", check=False)
    finally:
        cluster.docker("unpause", server)
    assert (ran.status, f"{server}: somebody paused its container" in ran.printed) == (2, True)


@pytest.mark.parametrize("verb", ["test-failure NODE=chimera", "lab-status LAB"])
def test_a_misspelt_variable_stops_verbs_without_a_preflight(verb: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "molecule/safety/inventory", tmp_path / "inventory")
    with (tmp_path / "inventory/group_vars/all/test.yml").open("a") as variables:
        variables.write("swarm_node_lables: {}\n")
    name, _blank, more = verb.partition(" ")
    where = f"{'LAB' if more == 'LAB' else 'INVENTORY'}={tmp_path / 'inventory'}"
    ran = make(ROOT, name, where, *([more] if "=" in more else []))
    assert (ran.returncode != 0, ran.stdout) == (True, "")
    assert (
        "- swarm_node_lables (group all) is no variable of hydra.swarm; did you mean swarm_node_labels?" in ran.stderr
    )
