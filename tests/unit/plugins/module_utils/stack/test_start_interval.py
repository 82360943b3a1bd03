# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.start_interval import file_format, leave_out

QUICK = {"test": ["CMD", "true"], "interval": "30s", "start_interval": "1s"}
NEW, UNKNOWN = {"name": "hydra", "engine": "26.1.5+dfsg1"}, {"name": "nobody", "engine": ""}
OLD = {"name": "cerberus", "engine": "20.10.24+dfsg1"}
WHY = "engines before 25 know no start_interval (cerberus has 20.10.24+dfsg1), so its health is checked every"


def stack(**check: Any) -> dict[str, Any]:
    return {"version": "3.12", "services": {"web": {"image": "web:1", "healthcheck": check}, "db": {"image": "db:1"}}}


@pytest.mark.parametrize("nodes", [[], [NEW], [NEW, UNKNOWN]])
def test_engines_that_know_it_get_it(nodes: list[dict[str, str]]) -> None:
    document = stack(**QUICK)
    assert (leave_out(document, nodes), document) == ([], stack(**QUICK))


@pytest.mark.parametrize(
    ("check", "interval"),
    [
        (QUICK, "10s"),
        ({**QUICK, "interval": "2s"}, "2s"),
        ({"test": ["CMD", "true"], "start_interval": "1s"}, "10s"),  # an engine's own interval is 30 s
    ],
)
def test_one_old_engine_is_enough(check: dict[str, Any], interval: str) -> None:
    document = stack(**check)
    assert leave_out(document, [OLD, NEW]) == [f"web: {WHY} {interval}"]
    assert document == {**stack(test=["CMD", "true"], interval=interval), "version": "3.9"}


def test_what_does_not_ask_for_it_stays() -> None:
    document = stack(test=["CMD", "true"], interval="1m")
    assert leave_out(document, [OLD]) == []
    assert document == {**stack(test=["CMD", "true"], interval="1m"), "version": "3.9"}


@pytest.mark.parametrize(("check", "version"), [(QUICK, "3.12"), ({}, "3.9"), ({"interval": "5s"}, "3.9")])
def test_the_format_is_as_new_as_its_keys_need(check: dict[str, Any], version: str) -> None:
    assert file_format(stack(**check)["services"]) == version
