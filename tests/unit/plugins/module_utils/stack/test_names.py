# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.stack.names import (
    content_name,
    content_problem,
    service_problem,
    stack_problem,
)

RULE = "a swarm takes letters, digits, and '-' and '_' between them; choose another"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("core", ""),
        ("123", ""),
        ("a-b_c", ""),
        ("", f"stack name '': {RULE}"),
        ("a b", f"stack name 'a b': {RULE}"),
        ("-a", f"stack name '-a': {RULE}"),
        ("a_", f"stack name 'a_': {RULE}"),
        ("a.b", f"stack name 'a.b': {RULE}"),
        ("ä", f"stack name 'ä': {RULE}"),
        ("a\n", f"stack name 'a\n': {RULE}"),
        ("a" * 61, ""),
        ("a" * 62, f"stack name '{'a' * 62}' is too long: with a service's name it must not exceed 63 characters"),
    ],
)
def test_stack_names(name: str, problem: str) -> None:
    assert stack_problem(name) == problem


def test_service_names() -> None:
    long = "w" * 60
    assert service_problem("core", "web-1") == ""
    assert service_problem("core", "web.1") == f"service name 'web.1': {RULE}"
    assert service_problem("core", long) == (
        f"'core_{long}' is 65 characters long, a swarm's services have at most 63; shorten it"
    )


@pytest.mark.parametrize(
    ("kind", "size", "problem"),
    [
        ("config", 1_023_999, ""),
        ("config", 1_024_000, "a config is smaller than 1024000 bytes, and this one has 1024000"),
        ("secret", 511_999, ""),
        ("secret", 512_000, "a secret is smaller than 512000 bytes, and this one has 512000"),
        ("secret", 0, "a secret must not be empty, and this one is"),
    ],
)
def test_sizes(kind: str, size: int, problem: str) -> None:
    assert content_problem(kind, b"x" * size) == problem


def test_a_config_is_named_after_its_content_and_what_else_cannot_change() -> None:
    assert content_name("config", "core_a", b"x") == "core_a-2d711642b726"  # printf x | sha256sum
    names = {
        content_name("config", "core_a", b"x"),
        content_name("config", "core_a", b"y"),
        content_name("config", "core_a", b"x", "golang"),
        content_name("config", "core_a", b"x", "", {"a": "1"}),
        content_name("config", "core_a", b"x", "", {"a": "2"}),
    }
    assert len(names) == 5


def test_the_hash_of_a_secret_is_its_own_in_every_stack() -> None:
    names = [content_name("secret", base, b"password") for base in ("core_a", "core_a", "core_b", "gpu_a")]
    hashes = [name.rpartition("-")[2] for name in names]
    assert hashes[0] == hashes[1]
    assert len({*hashes, content_name("config", "core_a", b"password").rpartition("-")[2]}) == 4


def test_a_long_name_is_shortened_and_stays_its_own() -> None:
    one, other = (content_name("config", "core_" + "k" * 60 + end, b"x") for end in "ab")
    assert (len(one), len(other)) == (64, 64)
    assert one[:52] == other[:52] == "core_" + "k" * 46 + "-"
    assert one != other
