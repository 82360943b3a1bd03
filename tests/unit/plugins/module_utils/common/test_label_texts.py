# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.common.label_texts import label_texts


def test_label_texts_name_what_they_belong_to() -> None:
    assert label_texts({"a": True, 1: "x=y"}, "network n") == {"a": "true", "1": "x=y"}
    with pytest.raises(Refusal) as caught:
        label_texts({"a": {}}, "network n")
    assert str(caught.value) == "network n: label 'a': it is no plain value"
