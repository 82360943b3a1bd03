# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What this computer has of a lab's network, made and removed with ip(8) and iptables(8)."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..common.errors import HydraError
from .network import Network, clashes, links, rules, steps


def _run(*command: str, check: bool = True) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise HydraError(f"{command[0]} is not on this computer: install the package iproute2 or iptables") from None
    if check and done.returncode != 0:
        raise HydraError(f"{shlex.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout if done.returncode == 0 else ""


def _ip(*words: str) -> list[dict[str, Any]]:
    return list(json.loads(_run("ip", "-json", *words) or "[]"))


def uplink() -> str:
    """The interface of this computer's default route; empty without one."""
    return next((str(route["dev"]) for route in _ip("route", "show", "default") if "dev" in route), "")


class Host:
    """This computer, as far as the lab's network goes; C(note) is a file that says what was switched on for it."""

    def __init__(self, network: Network, note: Path):
        self.network, self.note = network, note

    def links(self) -> dict[str, str]:
        clashes(_ip("route", "show", "table", "all", "type", "unicast"), self.network)
        return links(_ip("-details", "address", "show"), self.network)

    def rules(self) -> list[str]:
        """Every rule that bears the lab's name, as iptables lists it, its table before it."""
        return [
            f"{table} {line[3:]}"
            for table in ("nat", "filter")
            for line in _run("iptables", "-w", "-t", table, "-S").splitlines()
            if line.startswith("-A ") and self.network.owner in shlex.split(line)
        ]

    def forwards(self) -> bool:
        names = [name for name in (self.network.bridge, self.network.uplink) if name]
        return all(
            self._forwarding(name).exists() and self._forwarding(name).read_text().strip() == "1" for name in names
        )

    def make(self, there: dict[str, str]) -> None:
        for command in steps(self.network, there):
            _run(*command)
        self._forwarding(self.network.bridge).write_text("1")
        # Only this one interface, so that what else this computer does with packets stays as it is.
        out = self._forwarding(self.network.uplink) if self.network.uplink else None
        if out and out.read_text().strip() != "1":
            self.note.write_text(self.network.uplink)
            out.write_text("1")
        self._drop_rules()
        for table, chain, *rule in rules(self.network):
            _run("iptables", "-w", "-t", table, "-I", chain, *rule)

    def remove(self, there: Sequence[str]) -> None:
        self._drop_rules()
        for name in sorted(there, key=lambda name: name == self.network.bridge):
            _run("ip", "link", "delete", name)
        if self.note.exists():
            # Whoever has switched forwarding on for all interfaces since (an engine does) still needs it.
            everywhere = Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "1"
            switched = self._forwarding(self.note.read_text().strip())
            if not everywhere and switched.exists():
                switched.write_text("0")
            self.note.unlink()

    def _drop_rules(self) -> None:
        for line in self.rules():
            table, chain, *rule = shlex.split(line)
            _run("iptables", "-w", "-t", table, "-D", chain, *rule)

    @staticmethod
    def _forwarding(interface: str) -> Path:
        return Path(f"/proc/sys/net/ipv4/conf/{interface}/forwarding")
