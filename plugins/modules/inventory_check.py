#!/usr/bin/python
# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every rule that an inventory breaks, at once."""

from __future__ import annotations

DOCUMENTATION = r"""
module: inventory_check
short_description: Refuse an inventory that breaks a rule
version_added: 0.1.0
description:
  - Fails with every rule that what the inventory says of a swarm breaks, each with the value and the remedy.
  - Where the playbook runs, it also looks at the names of all variables of the inventory and of the command line. One
    that begins as this collection's do, or is like one of them but for a letter or two, and that nobody reads, is
    refused, since it is misspelt.
  - It touches nothing.
attributes:
  check_mode:
    description: It changes nothing.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
  idempotent:
    description: It changes nothing.
    support: full
options:
  members:
    description: What each host is to be; the filter C(hydra.swarm.member) makes it from a host's variables.
    type: list
    elements: dict
    required: true
  machines:
    description: The machines that are containers; the filter C(hydra.swarm.machine) makes each from a host's variables.
    type: list
    elements: dict
    default: []
  network:
    description: The network between those machines, with C(subnet) and, if it is not the first address, C(gateway).
    type: dict
    default: {}
  storage:
    description: The hosts that serve NFS, of which there can be one.
    type: list
    elements: str
    default: []
  exports:
    description: What an NFS server is to export, as in the option C(exports) of M(hydra.swarm.nfs_export).
    type: list
    elements: raw
    default: []
  storage_below:
    description: Where an NFS server that is a container has its data. Empty where it is none.
    type: str
    default: ""
  two_roles:
    description: Hosts that are in the group of the managers and in that of the workers.
    type: list
    elements: str
    default: []
  registries:
    description:
      - Registries from which the nodes pull, each with C(host) and, as it needs them, C(ca), C(username) and
        C(password), as the variable C(swarm_registries) has them. Whether there is a password is all that is asked of
        it.
    type: raw
    default: []
  own_variables:
    description: Variables that are not this collection's, though they are called like its own.
    type: list
    elements: str
    default: []
  refusal:
    description: What else stands in the way of what the playbook is about to do, in a sentence. It is told alone.
    type: str
    default: ""
  refuse:
    description: Whether a broken rule is a failure; otherwise it is only returned.
    type: bool
    default: true
author: "The hydra.swarm authors (@hydra-swarm)"
"""

EXAMPLES = r"""
- name: Check the inventory before anything is touched
  hydra.swarm.inventory_check:
    members: "{{ groups['swarm'] | map('extract', hostvars) | map('hydra.swarm.member') }}"
"""

RETURN = r"""
problems: {description: "The rules that are broken, a sentence each.", type: list, elements: str, returned: success}
machines: {description: "O(machines), for what comes later in the run.", type: list, elements: dict, returned: success}
certified: {description: Whether a registry has a certificate of one's own., type: bool, returned: success}
"""

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils.common.errors import HydraError, Refusal
from ..module_utils.image.registries import problems as registry_problems
from ..module_utils.storage.export_options import EXPORT
from ..module_utils.storage.exports_checks import problems as export_problems
from ..module_utils.swarm.inventory import problems

ARGUMENTS = {
    "members": {"type": "list", "elements": "dict", "required": True},
    "machines": {"type": "list", "elements": "dict", "default": []},
    "network": {"type": "dict", "default": {}},
    "storage": {"type": "list", "elements": "str", "default": []},
    "exports": {"type": "list", "elements": "raw", "default": []},
    "storage_below": {"type": "str", "default": ""},
    "two_roles": {"type": "list", "elements": "str", "default": []},
    "registries": {"type": "raw", "default": []},
    "own_variables": {"type": "list", "elements": "str", "default": []},
    "refusal": {"type": "str", "default": ""},
    "refuse": {"type": "bool", "default": True},
}


def run(module: Any, more: list[str] | None = None) -> dict[str, Any]:
    """C(more) are broken rules that only the playbook's process sees."""
    params = module.params
    if params["refusal"]:
        raise Refusal(params["refusal"])
    given = (params[name] for name in ("members", "machines", "network", "storage", "two_roles"))
    found = [*problems(*given), *export_problems(params["exports"], _complete, params["storage_below"])]
    found += [*registry_problems(params["registries"]), *(more or [])]
    if found and params["refuse"]:
        raise Refusal(f"Nothing was touched: the inventory breaks {len(found)} rule(s).\n- " + "\n- ".join(found))
    certified = not found and any(one.get("ca") for one in params["registries"])
    return {"changed": False, "problems": found, "machines": params["machines"], "certified": certified}


def _complete(export: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    result = ArgumentSpecValidator(EXPORT).validate(export)
    messages = [str(error) for error in result.error_messages]
    return result.validated_parameters, [f"unknown key {m}" if "Supported parameters" in m else m for m in messages]


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        module.exit_json(**run(module))
    except HydraError as error:
        module.fail_json(msg=str(error))


if __name__ == "__main__":
    main()
