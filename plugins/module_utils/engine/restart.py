# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a server's engine has to be started, restarted at once, or restarted later with the node drained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def restart(look: Mapping[str, Any], installed: bool, effect: str, latest: bool) -> dict[str, bool]:
    """Of what engine_host_info saw last (C(look)).

    C(installed) says whether packages were installed since, C(effect) what engine_settings says that its change takes,
    C(latest) whether an upgrade is wanted.
    """
    engine = look["engine"]
    # After an upgrade, also one that was interrupted before the restart, another version runs than the one installed.
    upgraded = latest and (installed or look["plan"]["stale"])
    outdated = effect == "restart"
    member = engine["swarm"]["state"] != "inactive"
    runs = engine["version"] != ""
    now = look["systemd"] and runs and (upgraded or (outdated and not member))
    at_boot = look["enabled"] or not look["systemd"]
    return {
        "upgraded": upgraded,
        "now": now,
        "later": outdated and not now,
        # What was not installed, or only in a rehearsal, cannot be started.
        "start": engine["program"] != "" and (not runs or now or not at_boot),
    }
