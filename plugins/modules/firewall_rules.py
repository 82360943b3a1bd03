#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who may reach the swarm's ports of a server; a change that locks SSH out takes itself back."""

from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_rules
short_description: Close the ports of a swarm to everybody but its members
version_added: 0.1.0
description:
  - Closes 7946/tcp, 7946/udp and 4789/udp to everybody but O(members); 2377/tcp likewise on a manager, and to everybody
    elsewhere; 2049/tcp on an NFS server to everybody but O(members) and O(nfs_clients). IPv4 and IPv6 alike.
  - Containers of this host reach no port of the swarm and no NFS of any machine, nothing else of this host, of
    O(members) and of O(machines), and no link-local address, unless O(containers_reach) opens it. The internet, DNS,
    their overlay networks and volumes are not touched by that.
  - Everything else stays as it is, unless O(published) or O(default_deny) say more. The rules are a table or chains of
    their own, which look at packets before Docker redirects them, and never change or flush any other rule.
  - On a host whose C(ufw) or C(firewalld) runs, that one is told to let in what these rules let in.
  - The rules of SSH, ICMP, answers and the host itself come first, so none of these is ever closed.
  - Rules are loaded at once and, unless O(rollback_after=0), taken back by the server itself after that time.
    RV(rollback) is then a token. Come over a new connection with O(state=confirmed) and the token, and the rules stay
    and are loaded at boot.
  - Which tool works on this kernel is found by loading the rules into a network namespace that nobody uses.
attributes:
  check_mode:
    description: Can run in check mode and say what would change, without changing it.
    support: full
  diff_mode:
    description: Shows our rules before and after, as the tool shows them.
    support: full
  idempotent:
    description: A second run with the same options changes nothing.
    support: full
options:
  strangers:
    description: Whether ports are closed to who is no member. Otherwise only what concerns containers is kept.
    type: bool
    default: true
  containers:
    description: Whether containers are kept from the machines.
    type: bool
    default: true
  machines:
    description: Addresses of machines that are no members, but are closed to containers as well, as an NFS server.
    type: list
    elements: str
    default: []
  containers_closed:
    description: What else is closed to containers, addresses or networks.
    type: list
    elements: str
    default: []
  containers_reach:
    description:
      - What containers may reach all the same, like V(192.0.2.7) or C({to [192.0.2.10], ports [443/tcp]}) as a mapping.
        Without C(to), those ports of all that is closed; without C(ports), all ports of it.
      - The ports of the swarm and of NFS stay closed.
    type: list
    elements: raw
    default: []
  members:
    description: Addresses or networks of all members of the swarm, this host included.
    type: list
    elements: str
    default: []
  manager:
    description: Whether this host is a manager, or is to become one.
    type: bool
    default: false
  nfs:
    description: Whether this host is the NFS server of the swarm. Otherwise 2049/tcp is left alone.
    type: bool
    default: false
  nfs_clients:
    description: Addresses or networks that may reach the NFS server besides the members.
    type: list
    elements: str
    default: []
  published:
    description:
      - Ports that strangers may reach, like C(443/tcp) or C({port 443/tcp, sources [192.0.2.0/24]}) as a mapping; with
        sources, only those. A port is the one that clients name, whatever it is inside a container.
      - Where any is listed, ports that Docker redirects to containers and that are not listed are closed to strangers.
        Empty leaves Docker's ports to Docker.
    type: list
    elements: raw
    default: []
  default_deny:
    description:
      - Whether strangers may reach nothing but SSH, ICMP and O(published). It closes also what C(docker-proxy) answers
        by itself, which it does over IPv6.
    type: bool
    default: false
  ssh_ports:
    description: The ports of SSH; empty takes those of sshd's settings. The port of this connection is always added.
    type: list
    elements: int
    default: []
  backend:
    description:
      - V(auto) takes the first that works of nftables, iptables and iptables-legacy, and tells a running ufw or
        firewalld.
      - V(nftables) and V(iptables) use that one alone, and tell nobody.
      - V(ufw) and V(firewalld) fail where that one does not run.
    type: str
    choices: [auto, nftables, iptables, ufw, firewalld]
    default: auto
  rollback_after:
    description: So many seconds after a change the server takes it back, unless it is confirmed. V(0) never does.
    type: int
    default: 60
  token:
    description: RV(rollback) of the change to confirm, with O(state=confirmed).
    type: str
  state:
    description:
      - V(absent) removes all rules of ours, in whatever tool they are.
      - V(confirmed) keeps the change that O(token) names, and is refused over the connection that made it.
    type: str
    choices: [present, absent, confirmed]
    default: present
seealso:
  - module: ansible.posix.firewalld
  - module: community.general.ufw
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Close the swarm's ports to strangers
  hydra.swarm.firewall_rules:
    members: [192.0.2.10, 192.0.2.20, 192.0.2.30]
    manager: true
    published: [80/tcp, {port: 8080/tcp, sources: [192.0.2.0/24]}]
  register: firewall

- name: Make the next task use a new connection
  ansible.builtin.meta: reset_connection

- name: Keep the rules, since a new connection was possible
  hydra.swarm.firewall_rules:
    state: confirmed
    token: "{{ firewall.rollback }}"
  when: firewall.rollback != ''
"""

RETURN = r"""
tool:
  description: What holds the rules; empty with O(state=absent), and in check mode where nothing is installed yet.
  returned: with O(state=present) and O(state=absent)
  type: str
  sample: nftables
host_firewall:
  description: The firewall of the host that is told what to let in; empty where none runs.
  returned: with O(state=present) and O(state=absent)
  type: str
  sample: ufw
rollback:
  description: The token of a change that takes itself back unless it is confirmed; empty where nothing has to be.
  returned: with O(state=present) and O(state=absent)
  type: str
  sample: 5c6e2f4a91d03b7e
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.common.converge import converge
from ..module_utils.common.errors import HydraError
from ..module_utils.server.firewall import rules as core
from ..module_utils.server.firewall import world as firewall_world
from ..module_utils.server.firewall import world_undo

ARGUMENTS = {
    "strangers": {"type": "bool", "default": True},
    "containers": {"type": "bool", "default": True},
    "machines": {"type": "list", "elements": "str", "default": []},
    "containers_closed": {"type": "list", "elements": "str", "default": []},
    "containers_reach": {"type": "list", "elements": "raw", "default": []},
    "members": {"type": "list", "elements": "str", "default": []},
    "manager": {"type": "bool", "default": False},
    "nfs": {"type": "bool", "default": False},
    "nfs_clients": {"type": "list", "elements": "str", "default": []},
    "published": {"type": "list", "elements": "raw", "default": []},
    "default_deny": {"type": "bool", "default": False},
    "ssh_ports": {"type": "list", "elements": "int", "default": []},
    "backend": {"type": "str", "choices": ["auto", "nftables", "iptables", "ufw", "firewalld"], "default": "auto"},
    "rollback_after": {"type": "int", "default": 60},
    "token": {"type": "str", "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent", "confirmed"], "default": "present"},
}


def run(module: Any) -> dict[str, Any]:
    params = module.params
    if params["state"] == "confirmed":
        if not module.check_mode:
            world_undo.confirm(params["token"])
        return {"changed": True}
    wanted = None
    if params["state"] == "present":
        wanted = core.policy(params, firewall_world.ssh_ports(params["ssh_ports"]), firewall_world.own_bridges())
    if not module.check_mode:
        world_undo.settle()
    seen = firewall_world.look(wanted, params["backend"], module.check_mode)
    saved = world_undo.saved_as(seen.load)
    change = core.plan(
        {"rules": seen.live, "opened": seen.opened, "at_boot": saved == (wanted is not None)},
        {"rules": seen.rules, "opened": seen.to_open, "at_boot": wanted is not None},
    )

    def apply() -> dict[str, Any]:
        if change.before["rules"] == change.after["rules"] and change.before["opened"] == change.after["opened"]:
            world_undo.save(seen.load)
            return {}
        return {"rollback": world_undo.change(seen.script(), seen.undo(), seen.load, params["rollback_after"])}

    result = converge(module, change, apply)
    return {"tool": seen.tool, "host_firewall": seen.host, "rollback": "", **result}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "confirmed", ["token"])], supports_check_mode=True
    )
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
