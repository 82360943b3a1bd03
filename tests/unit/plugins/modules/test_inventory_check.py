# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.modules import inventory_check

MEMBER = {"host": "hydra", "name": "hydra-node", "role": "manager", "availability": None, "labels": {}, "gpus": None}
DEFAULTS = {name: option.get("default") for name, option in inventory_check.ARGUMENTS.items()}


def run(*more: str, **given: Any) -> dict[str, Any]:
    return inventory_check.run(SimpleNamespace(params={**DEFAULTS, "members": [MEMBER], **given}), list(more))


def test_an_inventory_that_breaks_no_rule() -> None:
    result = run(exports=[{"path": "/exports/a", "clients": [{"host": "*"}]}], storage_below="/exports")
    assert (result["changed"], result["problems"]) == (False, [])


def test_every_rule_is_named_at_once() -> None:
    with pytest.raises(Refusal) as error:
        run("x is no variable", exports=[{"path": "/etc", "clients": [{"host": "*"}]}], two_roles=["hydra"])
    assert str(error.value) == (
        "Nothing was touched: the inventory breaks 3 rule(s).\n"
        "- host hydra is in group managers and in group workers, and a node has one role: take it out of one of them\n"
        "- nfs_server_exports: /etc is of the server's own system (/etc): choose a directory that holds data alone\n"
        "- x is no variable"
    )


def test_a_report_is_no_refusal() -> None:
    assert len(run("x is no variable", refuse=False)["problems"]) == 1


def test_a_registry_that_breaks_a_rule_and_one_with_a_certificate() -> None:
    result = run(registries=[{"host": "https://r.example.edu"}], refuse=False)
    assert (len(result["problems"]), result["certified"]) == (1, False)
    pem = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    assert run(registries=[{"host": "r.example.edu", "ca": pem}])["certified"] is True
