# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewalls of the machine a module runs on: what of them is ours, and what a script of ours would make of them."""

from __future__ import annotations

import glob
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from ...common.errors import HydraError, Refusal
from . import scripts
from . import ufw_firewalld as hosts
from .rules import Policy, Rule, ports_of_sshd
from .scripts_containers import BRIDGES, CHAIN

# A task's PATH need not have the sbin folders.
PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
DOCKERS = re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}")
POLICY_FILE = "/etc/firewalld/policies/hydra-swarm.xml"


class Tool(Protocol):
    """What holds our rules."""

    name: str

    def load(self, policy: Policy) -> str: ...

    def unload(self) -> str: ...

    def listing(self) -> str:
        """A script that prints what is ours, as the tool shows it, and nothing where nothing is."""


class Nft:
    name = "nftables"

    def load(self, policy: Policy) -> str:
        return scripts.nft_load(policy)

    def unload(self) -> str:
        return scripts.nft_unload()

    def listing(self) -> str:
        return f"nft -s list table {scripts.TABLE} 2>/dev/null || :\n"


class Iptables:
    """C(iptables), which is what Docker uses, in either variant; or C(iptables-legacy), where that is another one."""

    def __init__(self, suffix: str, legacy: bool, versions: tuple[int, ...]):
        self.name, self._legacy, self._versions = f"iptables{suffix}", legacy, versions
        self._commands = {4: f"iptables{suffix}", 6: f"ip6tables{suffix}"}

    def load(self, policy: Policy) -> str:
        return "".join(scripts.iptables_load(self._commands[one], policy, one) for one in self._versions)

    def unload(self) -> str:
        return "".join(scripts.iptables_unload(self._commands[one]) for one in self._versions)

    def listing(self) -> str:
        lines = []
        for version in self._versions:
            # Asking the legacy variant for a table makes that table, so it is only asked where there is one.
            names = f"/proc/net/{'ip' if version == 4 else 'ip6'}_tables_names"
            there = f"grep -qx mangle {names} 2>/dev/null && " if self._legacy else ""
            shown = f"{self._commands[version]} -w -t mangle -S 2>/dev/null"
            lines.append(f"{there}{shown} | sed -n 's/^.*{CHAIN}/ipv{version} &/p' || :\n")
        return "".join(lines)


class Ufw:
    name = command = "ufw"

    def running(self) -> bool:
        return "Status: active" in _output("ufw", "status")

    def live(self) -> list[str]:
        return sorted(hosts.ufw_added(_output("ufw", "show", "added"))[0])

    def wanted(self, opened: Iterable[Rule]) -> list[str]:
        """Without what somebody opened already: ufw would take that rule for ours, and it would go with ours."""
        others = hosts.ufw_added(_output("ufw", "show", "added"))[1]
        return [rule for rule in hosts.ufw_rules(opened) if rule not in others]

    def script(self, before: list[str], after: list[str]) -> str:
        return "".join(f"{command}\n" for command in hosts.ufw_commands(before, after))


class Firewalld:
    name, command = "firewalld", "firewall-cmd"

    def running(self) -> bool:
        return _output("firewall-cmd", "--state").strip() == "running"

    def live(self) -> list[str]:
        return (read(POLICY_FILE) or "").splitlines()

    def wanted(self, opened: Iterable[Rule]) -> list[str]:
        return hosts.firewalld_policy(opened).splitlines()

    def script(self, before: list[str], after: list[str]) -> str:
        reload = "if firewall-cmd --state >/dev/null 2>&1; then firewall-cmd --reload >/dev/null; fi\n"
        if not after:
            return f"rm -f {POLICY_FILE}\n{reload}"
        lines = "\n".join(after)
        folder = os.path.dirname(POLICY_FILE)
        return f"mkdir -p {folder}\ncat > {POLICY_FILE} <<'END'\n{lines}\nEND\n{reload}"


Host: TypeAlias = "Ufw | Firewalld"


@dataclass(frozen=True)
class Seen:
    """What is ours on this host, what should be, and the scripts between the two."""

    tools: list[Tool]
    hosts: list[Host]
    tool: str  # the one that is to hold the rules
    host: str  # the one that closes what nobody opened
    load: str  # the script that loads the rules; empty: none are wanted
    live: dict[str, list[str]]
    rules: dict[str, list[str]]
    opened: dict[str, list[str]]
    to_open: dict[str, list[str]]

    def script(self) -> str:
        """Let in first, then load, then take away what another tool holds: nothing is open or closed for a moment."""
        stale = [tool.unload() for tool in self.tools if tool.name in self.live and tool.name not in self.rules]
        return self._open(self.opened, self.to_open) + self.load + "".join(stale)

    def undo(self) -> str:
        """Of our rules none is left then; those that were saved are loaded by who runs it."""
        names = {*self.live, *self.rules}
        unload = "".join(tool.unload() for tool in self.tools if tool.name in names)
        return unload + self._open(self.to_open, self.opened)

    def _open(self, before: dict[str, list[str]], after: dict[str, list[str]]) -> str:
        pairs = ((host, before.get(host.name, []), after.get(host.name, [])) for host in self.hosts)
        return "".join(host.script(old, new) for host, old, new in pairs if old != new)


def look(policy: Policy | None, backend: str, rehearsal: bool) -> Seen:
    """Without a policy, nothing of ours is to stay."""
    found, firewalls = _tools(), [host for host in (Ufw(), Firewalld()) if which(host.command)]
    live = {tool.name: _lines(run(tool.listing())) for tool in found}
    live = {name: lines for name, lines in live.items() if lines}
    opened = {host.name: lines for host in firewalls if (lines := host.live())}
    if policy is None:
        return Seen(found, firewalls, "", "", "", live, {}, opened, {})
    tool, lines = _choose(found, policy, backend, rehearsal)
    host = _running(firewalls, backend)
    to_open = {host.name: host.wanted(policy.opened())} if host and policy.opened() else {}
    load, name = tool.load(policy), host.name if host else ""
    return Seen(found, firewalls, tool.name, name, load, live, {tool.name: lines}, opened, to_open)


def _tools() -> list[Tool]:
    """Those that are installed; of two that both work, the first is used."""
    versions = (4, 6) if os.path.exists("/proc/net/if_inet6") else (4,)
    found: list[Tool] = [Nft()] if which("nft") else []
    command = which("iptables")
    legacy = "legacy" in os.path.realpath(command) if command else False
    if command:
        found.append(Iptables("", legacy, versions))
    if which("iptables-legacy") and not legacy:
        found.append(Iptables("-legacy", True, versions))
    return found


def _choose(found: Iterable[Tool], policy: Policy, backend: str, rehearsal: bool) -> tuple[Tool, list[str]]:
    """The first tool that can load these rules on this kernel, and what it then shows of them.

    They are loaded for real, but into a network namespace that ends with the script and has no interface but lo. So
    what a kernel lacks is found out by trying, and what is wanted is known in the words in which the tool shows it.
    """
    fitting = [tool for tool in found if backend not in ("nftables", "iptables") or tool.name.startswith(backend)]
    if not fitting and rehearsal:  # it would be installed first
        return Nft(), Nft().load(policy).splitlines()
    reasons = []
    for tool in fitting:
        try:
            return tool, _lines(run(tool.load(policy) + tool.listing(), "unshare", "--net"))
        except HydraError as error:
            reasons.append(f"{tool.name}: {error}")
    tried = "; ".join(reasons) or "none that fits is installed"
    raise HydraError(f"no firewall on this host takes the rules ({tried}): install nftables or iptables")


def _lines(shown: str) -> list[str]:
    return shown.expandtabs(2).splitlines()


def _running(firewalls: Iterable[Host], backend: str) -> Host | None:
    """The firewall that closes what nobody opened, if one runs and C(backend) lets it be looked for."""
    found = next((one for one in firewalls if backend in ("auto", one.name) and one.running()), None)
    if not found and backend in ("ufw", "firewalld"):
        raise Refusal(f"backend {backend}: it does not run on this host: start it, or use backend auto")
    return found


def ssh_connection() -> str:
    """Both ends of the connection this module came over (empty: it came over none); sudo hides it from the module."""
    pid = os.getpid()
    while pid > 1:
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                values = [one[15:] for one in file.read().split(b"\0") if one.startswith(b"SSH_CONNECTION=")]
            if values:
                return values[0].decode()
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            break
    return ""


def ssh_ports(given: list[int]) -> set[int]:
    """The ports that stay open: those given, or else those of sshd's settings; and the one this module came over."""
    files = ["/etc/ssh/sshd_config", *sorted(glob.glob("/etc/ssh/sshd_config.d/*.conf"))]
    found = set(given) or ports_of_sshd("\n".join(read(path) or "" for path in files)) or {22}
    words = ssh_connection().split()
    return found | {int(words[3])} if len(words) == 4 else found


def own_bridges() -> list[str]:
    """Interfaces that are named as Docker names its own, and are not: over such a bridge people may come in."""
    return [name for _number, name in socket.if_nameindex() if name.startswith(BRIDGES) and not DOCKERS.fullmatch(name)]


def which(command: str) -> str | None:
    return shutil.which(command, path=PATH)


def read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def run(script: str, *before: str) -> str:
    """Run a shell script, which stops at its first error; what it wrote."""
    command = [*before, "/bin/sh", "-e", "-s"]
    done = subprocess.run(command, input=script, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join((done.stderr or done.stdout).split())
        raise HydraError(words[:500] or f"exit status {done.returncode}")
    return done.stdout


def environment() -> Mapping[str, str]:
    return {"PATH": PATH, "LC_ALL": "C"}


def _output(*command: str) -> str:
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=False).stdout
