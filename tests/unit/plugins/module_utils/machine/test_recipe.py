# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.machine import recipe

FILES = {"Dockerfile": b"FROM base\n", "start": b"exit 0\n"}


def test_the_same_files_have_the_same_tag_in_any_order() -> None:
    assert recipe.tag(FILES) == recipe.tag(dict(reversed(FILES.items()))) == "28ac1e37b427"


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, "start": b"exit 1\n"},
        {**FILES, "more": b""},
        {"Dockerfile": b"FROM base\n", "begin": b"exit 0\n"},
        {"Dockerfile": b"FROM base\nstart", "": b"exit 0\n"},
        {},
    ],
)
def test_any_difference_is_another_tag(files: dict[str, bytes]) -> None:
    assert recipe.tag(files) != recipe.tag(FILES)
