# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import world_wait
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import WaitError


def test_what_is_there_is_returned_without_a_pause() -> None:
    assert world_wait.until("it", lambda: (0, "zero"), timeout=0, interval=60) == 0


def test_it_looks_until_it_sees() -> None:
    looks = iter([(None, "nothing"), (None, "a shadow"), ("it", "all of it")])
    assert world_wait.until("it", lambda: next(looks), timeout=60, interval=0.001) == "it"


def test_the_message_says_what_was_awaited_and_what_was_seen_last() -> None:
    clouds = []

    def look() -> tuple[None, str]:
        clouds.append(f"cloud {len(clouds)}")
        return None, clouds[-1]

    with pytest.raises(WaitError) as error:
        world_wait.until("the moon", look, timeout=0.05, interval=0.01)
    assert str(error.value) == f"waited 0.05 s for the moon; last seen: {clouds[-1]}"
    assert len(clouds) > 1
