# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of a machine's packets, and who answers it for names, as C(network_faults) judges it.

Reading only, but for a question to its name servers. Standard library alone, and nothing of ours: called, this file is
also the program that is run in a container.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import time
from collections.abc import Iterable

# Where an engine hooks its own chains in; what is in those is its containers', and may be long.
HOOKS = ("*", "-A FORWARD ", "-A PREROUTING ", "-A POSTROUTING ")
BRIDGES = ("docker0", "docker_gwbridge")
FOLDERS = ("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin")
PATIENCE, AGAIN = 5.0, 1.0  # seconds for an answer of any name server, and until the question is repeated
CLOSED = 1.5  # seconds where nobody listens at any of them
PORT, REFUSED = 53, 5
MOST = 3  # name servers that a resolver asks


def look() -> dict[str, object]:
    """C(rules) is None where they cannot be read; C(answers) has each server's code, silent ones are missing."""
    resolver = read("/etc/resolv.conf")
    pid = read("/run/docker.pid").strip()
    return {
        "rules": _rules(),
        # A machine of the development cluster, told to keep its containers from other machines.
        "closes": "\0HYDRA_NODE_RULES=" in f"\0{read('/proc/1/environ')}",
        "contained": "hydra-node\0engine" in read("/proc/1/cmdline"),
        "bridges": [name for name in BRIDGES if os.path.exists(f"/sys/class/net/{name}")],
        "settings": read("/etc/docker/daemon.json"),
        "arguments": read(f"/proc/{pid}/cmdline").split("\0") if pid.isdigit() else [],
        "called": {"by itself": socket.gethostname(), "by its file": read("/etc/hostname").strip()},
        "resolver": resolver,
        "answers": ask(nameservers(resolver), socket.gethostname()),
    }


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""


def nameservers(text: str) -> list[str]:
    words = (line.split() for line in text.splitlines())
    return [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"][:MOST]


def _rules() -> str | None:
    """Without the module subprocess, which takes half as long to load as all the rest of this takes."""
    programs = [f"{folder}/iptables-save" for folder in FOLDERS if os.access(f"{folder}/iptables-save", os.X_OK)]
    if not programs:
        return None
    come, go = os.pipe()
    quiet = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
    program = os.posix_spawn(programs[0], programs[:1], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, go, 1), quiet])
    os.close(go)
    with open(come, encoding="utf-8", errors="replace") as stream:
        lines = [line.rstrip() for line in stream if line.startswith(HOOKS)]
    return None if os.waitpid(program, 0)[1] else "\n".join(lines)


def ask(servers: Iterable[str], name: str, port: int = PORT, patience: float = PATIENCE) -> dict[str, int]:
    """How servers answer a question for a name, all at once, until one does; a code of 0 is yes, 3 no such name.

    This machine's own name: one that the machine's servers need not ask others for.
    """
    labels = b"".join(bytes([len(label)]) + label for label in name.encode("ascii", "replace").split(b".") if label)
    number = os.urandom(2)
    question = number + b"\1\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\1\0\1"
    asked: dict[socket.socket, str] = {}
    answers: dict[str, int] = {}
    for server in servers:
        try:
            address = socket.getaddrinfo(server, port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)[0]
            talk = socket.socket(address[0], socket.SOCK_DGRAM)
            talk.setblocking(False)
            talk.connect(address[4])
            asked[talk] = server
        except OSError:
            continue
    start, repeat = time.monotonic(), 0.0
    deadline = start + patience
    nobody: set[socket.socket] = set()
    while len(answers) < len(asked) and all(code == REFUSED for code in answers.values()):
        now = time.monotonic()
        if now >= deadline or (now >= start + CLOSED and len(nobody) == len(asked)):
            break
        if now >= repeat:
            repeat = now + AGAIN
            for talk in asked:
                with contextlib.suppress(OSError):
                    talk.send(question)
        for talk in select.select(list(asked), [], [], min(repeat, deadline) - now)[0]:
            try:
                said = talk.recv(512)
            except OSError:
                nobody.add(talk)
                continue
            if len(said) > 3 and said[:2] == number and said[2] & 128:
                answers[asked[talk]] = said[3] & 15
    for talk in asked:
        talk.close()
    return answers


if __name__ == "__main__":
    json.dump(look(), sys.stdout)
