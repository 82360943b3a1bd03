# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.backup import keys
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal

PUBLIC = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2qZ5bJcXHPvyLqpVwqk0zDyUZqYQ3nJt0m1rYxXnCe"
FILE = f"# created: 2026-11-30\n# public key: {PUBLIC}\nAGE-SECRET-KEY-1EXAMPLE\n"


@pytest.mark.parametrize(
    ("listed", "text", "found"),
    [
        ([PUBLIC], "", [PUBLIC]),
        ([], FILE, [PUBLIC]),
        ([PUBLIC], f"{SSH} me@here\n\n# a comment\n", [PUBLIC, SSH]),
        ([PUBLIC, PUBLIC, " "], FILE, [PUBLIC]),
    ],
)
def test_public_keys_are_found(listed: list[str], text: str, found: list[str]) -> None:
    assert keys.recipients(listed, text, "f") == found


@pytest.mark.parametrize(
    ("listed", "text", "words"),
    [
        ([], "", "no key is given to seal the backup with: KEYFILE=FILE, or public keys in swarm_backup_recipients"),
        ([], "AGE-SECRET-KEY-1EXAMPLE\n", "f has no public key; of a secret one this tells it: age-keygen -y f"),
        ([], "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", "f is a private SSH key, and a backup needs the public one: give f.pub"),
        (["--output=/etc/x"], "", "line 1 of the keys of backups (--output=/et...) is no public key of age"),
        ([PUBLIC], "hello", "line 2 of the keys of backups (hello...) is no public key of age"),
    ],
)  # fmt: skip
def test_what_is_no_public_key_is_refused(listed: list[str], text: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        keys.recipients(listed, text, "f")
    assert words in str(refused.value) and "EXAMPLE" not in str(refused.value)


def test_a_secret_key_stays_as_it_is() -> None:
    assert keys.identity(FILE, "f") == FILE
    assert keys.identity("AGE-SECRET-KEY-1EXAMPLE", "f") == "AGE-SECRET-KEY-1EXAMPLE\n"


@pytest.mark.parametrize(
    ("text", "what"), [(PUBLIC, "only a public key"), ("x", "no key of age"), ("", "no key of age")]
)
def test_what_opens_nothing_is_refused(text: str, what: str) -> None:
    with pytest.raises(Refusal, match=f"f has {what}.*give the file that age-keygen wrote"):
        keys.identity(text, "f")
