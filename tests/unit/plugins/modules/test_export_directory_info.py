# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What it finds of a tree is in test_export_directory.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.modules import export_directory_info


def test_an_empty_root_has_no_students(call: Any, tmp_path: Path) -> None:
    assert call(export_directory_info, check=True, root=str(tmp_path)) == {"changed": False, "projects": []}


@pytest.mark.parametrize("root", ["relative", "/", "/exports/../etc"])
def test_what_is_no_root_is_refused(call: Any, root: str) -> None:
    assert root in call(export_directory_info, root=root)["msg"]
