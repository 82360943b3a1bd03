# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What make is given is data: no shell, no make and no template reads it. Without a cluster, in seconds.

Verbs and their arguments are read from the Makefile, so that a new one is tried by itself.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
# Each touches CANARY if anybody reads it as what it looks like.
HOSTILE = [
    "chimera; touch CANARY",
    "chimera && touch CANARY #",
    "chimera | touch CANARY",
    "'; touch CANARY; '",
    '"; touch CANARY; "',
    "$(touch CANARY)",
    "`touch CANARY`",
    "$(shell touch CANARY)",
    "$$(shell touch CANARY)",
    "$(eval x:=$(shell touch CANARY))",
    "${IFS}$(file >CANARY,x)",
    "chimera\ntouch CANARY",
    "chimera\r\x1b[2J\x07",
    '{{ lookup("ansible.builtin.pipe", "touch CANARY") }}',
    "{% for x in lookup('ansible.builtin.pipe', 'touch CANARY') %}{% endfor %}",
    "{# x #}",
    "x -e y=z",
    "x' -e confirm=yes '",
    "--step",
    "-vvv",
    "@/etc/passwd",
    "!vault x",
    "../../no-such-place",
    "../../../../etc/no-such-file",
    "chimera\\",
    "a=b c=d",
    "ünï¢öde-名",
    "x" * 5000,
]
# What is divided into words, or names a file that is there, may be anything: where it ends up is tried on its own.
FREE = {"ARGS", "CMD"}


def recipes() -> dict[str, list[str]]:
    """The arguments that each target hands to scripts/verb."""
    found: dict[str, list[str]] = {}
    joined = MAKEFILE.replace("\\\n", " ")
    for targets, recipe in re.findall(r"^([a-z][a-z -]*):.*\n\t@\$\(VERB\) (.*)$", joined, re.MULTILINE):
        for target in targets.split():
            taken = re.findall(r"(?<= )[a-z_]+=([A-Z_]+)", recipe)
            more = ["ARGS"] if recipe.startswith("play ") else []
            where = ["INVENTORY"] if more and not {"LAB", "INVENTORY"} & {*taken} else []
            found[target.rstrip(":")] = [*where, *taken, *more]
    return found


VERBS = recipes()


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Path]:
    # Without a blank or a quote, that it would be touched if anybody ran it.
    path = tmp_path / "canary"
    yield path
    assert not path.exists(), "something that was given was run"


def make(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "ANSIBLE_"))}
    return subprocess.run(
        ["make", "-s", *arguments],
        cwd=ROOT,
        env={**environment, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )


def shown(value: str) -> str:
    """The beginning of a value as an error shows it."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in value[:40])


def test_every_verb_takes_its_arguments_one_way() -> None:
    assert {"swarm-up", "exec", "exec-hydra", "student-volume", "lab-ssh", "bench"} <= set(VERBS)
    # No recipe has a value of the command line in it: what is left are names that the Makefile itself sets.
    used = set(re.findall(r"\$[({]\w+[)}]|\$[({](?:call|or|if) [^\n]*", MAKEFILE.partition("## The cluster")[2]))
    assert used <= {"$(TEST)", "$(VERB)"}
    assert "$(MAKE)" not in MAKEFILE


@pytest.mark.parametrize("verb", VERBS)
def test_no_value_is_code(verb: str, canary: Path) -> None:
    names = [name for name in VERBS[verb] if name not in FREE]

    def tried(hostile: str) -> list[str]:
        value = hostile.replace("CANARY", str(canary))
        ran = make(verb, *(f"{name}={value}" for name in names))
        troubles = [] if ran.returncode else ["not refused"]
        troubles += [name for name in names if f"{name}='{shown(value)}" not in ran.stderr]
        troubles += ["more than the error"] * (ran.stdout != "" or "Traceback" in ran.stderr or "\x1b" in ran.stderr)
        return [f"{value[:60]!r}: {', '.join(troubles)}\n{ran.stdout}{ran.stderr}"] if troubles else []

    # Of verbs that take the same arguments, one is given everything, and the others some of it.
    first = next(other for other in VERBS if VERBS[other] == VERBS[verb])
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(tried, HOSTILE if verb == first else HOSTILE[list(VERBS).index(verb) % 7 :: 7])
        assert [trouble for troubles in found for trouble in troubles] == []


@pytest.mark.parametrize("name", ["ARGS", "CMD", "FILE", "INVENTORY"])
def test_words_go_to_no_shell_of_this_computer(name: str, canary: Path, tmp_path: Path) -> None:
    """What may be anything is divided into words; here each ends in an error of whoever gets them."""
    where = tmp_path / "it's $(here); {{ x }}"
    where.mkdir()
    hosts = {
        "all": {"hosts": {"chimera": {"ansible_connection": "community.docker.docker", "swarm_node_name": "-nowhere"}}}
    }
    (where / "hosts.json").write_text(json.dumps(hosts))
    (where / "stack.yml").write_text("services: {}\n")
    values = [HOSTILE[i].replace("CANARY", str(canary)) for i in (0, 5, 6, 7, 13)]
    runs = {
        "ARGS": [("test-failure", "NODE=chimera", f"ARGS={value}", f"INVENTORY={where}") for value in values],
        "CMD": [("exec", "NODE=chimera", f"CMD={value}", f"INVENTORY={where}") for value in values],
        "FILE": [("deploy-stack", "STACK=x", f"FILE={where}/stack.yml", f"INVENTORY={where}")],
        "INVENTORY": [
            ("exec", "NODE=medusa", f"INVENTORY={where}"),
            ("nodes-logs", "NODE=medusa", f"INVENTORY={where}"),
        ],
    }[name]
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda arguments: make(*arguments), runs))
    assert [ran.stdout for ran in ended if ran.returncode == 0 or "Traceback" in ran.stderr] == []
    if name == "INVENTORY":
        assert f"NODE=medusa is no host of {where}" in ended[0].stderr
        assert "nodes-logs is for the development cluster" in ended[1].stdout


def test_what_the_environment_has_is_not_an_argument(canary: Path) -> None:
    variables = {
        "FORCE": "1",
        "PURGE": "1",
        "KEEP_IMAGE": "1",
        "IMAGE": "x;",
        "GPU": "9",
        "STUDENT": "../x",
        "NODE": "../x",
    }
    variables |= {"ARGS": "--version", "HYDRA_ARG_FORCE": "1", "HYDRA_GIVEN": "FORCE"}
    clean = make("swarm-clean", "ARGS=--list-tasks", **variables)
    assert (clean.returncode, clean.stderr) == (0, "")
    assert "play #1" in clean.stdout
    # Without a terminal the question is answered with its default, which is no.
    asked = make("swarm-clean", f"INVENTORY={ROOT}/molecule/default/inventory", "ARGS=--check", **variables)
    assert asked.returncode != 0 and "Nothing was removed" in asked.stdout
    led = make("swarm-status", "ARGS=--list-hosts", INVENTORY="/another")
    assert led.returncode == 0 and "INVENTORY='/another' counts on make's command line only" in led.stderr


@pytest.mark.parametrize("name", ["MAKEFLAGS", "GNUMAKEFLAGS"])
def test_what_makes_flags_in_the_environment_set_is_no_argument(name: str, tmp_path: Path) -> None:
    """make takes it for its command line, on which nobody typed it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "GNUMAKE", "MFLAGS", "ANSIBLE_"))}
    ran = subprocess.run(
        [
            "make",
            "-s",
            "swarm-clean",
            "KEEP_IMAGE=1",
            f"INVENTORY={ROOT}/molecule/default/inventory",
            "ARGS=--list-tasks",
        ],
        cwd=ROOT,
        env={**environment, name: "FORCE=1 IMAGE=x"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode != 0, ran.stdout) == (True, "")
    for given in ("FORCE='1'", "IMAGE='x'"):
        assert f"{given} comes from MAKEFLAGS of the environment, and counts on make's command line only" in ran.stderr
    assert "KEEP_IMAGE" not in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["swarm-clean", "FROCE=1"], "FROCE is no argument; did you mean FORCE?"),
        (
            ["swarm-status", "NODE=chimera"],
            "NODE='chimera': swarm-status does not take NODE; it takes INVENTORY, FORMAT, ARGS",
        ),
        (["swarm-clean", "FORCE=yes"], "FORCE='yes': it is a switch: 1, or left out"),
        (["swarm-status", "ARGS=-e 'x"], "its quotes do not match"),
        (
            ["nodes-logs", "INVENTORY=inventories/typo"],
            "there is no such inventory; there are inventories/dev, inventories/lab",
        ),
    ],
)
def test_what_is_unknown_is_said(arguments: list[str], said: str) -> None:
    ran = make(*arguments)
    assert (ran.returncode != 0, ran.stdout) == (True, "")
    assert ran.stderr.startswith("Nothing was touched: ")
    assert said in ran.stderr


def test_ansible_reads_a_value_as_text(canary: Path, tmp_path: Path) -> None:
    """Behind the rules: what scripts/verb would hand on, were they not there."""
    script = (ROOT / "scripts/verb").read_text(encoding="utf-8").rpartition("\nmain(")[0]
    namespace: dict[str, object] = {"__file__": str(ROOT / "scripts/verb")}
    exec(compile(script, "verb", "exec"), namespace)
    values = [value.replace("CANARY", str(canary)) for value in HOSTILE] + [
        "",
        "yes",
        "0700",
        "1e5",
        "null",
        "\u2028\x7f\U0001f600",
    ]
    given = namespace["unread"]({f"v{i}": v for i, v in enumerate(values)})  # type: ignore[operator]
    names = ", ".join(f"v{i}" for i in range(len(values)))
    playbook = [{"hosts": "localhost", "gather_facts": False, "tasks": [{"debug": {"msg": f"{{{{ [{names}] }}}}"}}]}]
    (tmp_path / "play.yml").write_text(json.dumps(playbook))
    command = [
        Path(sys.executable).with_name("ansible-playbook"),
        "-i",
        "localhost,",
        "-c",
        "local",
        tmp_path / "play.yml",
    ]
    environment = {
        **os.environ,
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline",
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        # Molecule wants colours, which are no JSON.
        "ANSIBLE_FORCE_COLOR": "0",
        "ANSIBLE_NOCOLOR": "1",
    }
    done = subprocess.run([*command, "-e", given], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.partition("=> ")[2].split("\n")[0])["msg"] == values
