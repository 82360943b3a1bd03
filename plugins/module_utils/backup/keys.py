# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The keys of backups: public ones, to which archives are sealed, and the secret one that opens them.

They are those of age (https://age-encryption.org) and of SSH; a machine that makes backups has none that opens them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..common.errors import Refusal

PUBLIC = re.compile(r"age1[0-9a-z]{20,100}|ssh-(?:ed25519|rsa) [A-Za-z0-9+/=]{40,2000}")
COMMENT = re.compile(r"#\s*public key:\s*(\S+)\s*", re.IGNORECASE)
SECRETS = ("AGE-SECRET-KEY-1", "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----")
MAKE = "make one with age-keygen (Debian's package age): age-keygen -o FILE; keep it where no backup is"


def recipients(listed: Sequence[str], text: str, file: str) -> list[str]:
    """The public keys of the inventory and of a key file: public keys, or a secret one as age-keygen writes it."""
    given = [line.strip() for line in listed if line.strip()]
    for line in text.splitlines():
        comment = COMMENT.fullmatch(line.strip())
        if comment:
            given.append(comment[1])
        elif line.strip() and not line.lstrip().startswith(("#", "AGE-SECRET-KEY-1")):
            if "PRIVATE KEY" in line:
                raise Refusal(f"{file} is a private SSH key, and a backup needs the public one: give {file}.pub")
            given.append(line.strip())
    found = []
    for number, words in enumerate(given, 1):
        key = PUBLIC.match(words)
        if not key:
            where = f"line {number} of the keys of backups"
            raise Refusal(
                f"{where} ({words[:12]}...) is no public key of age (age1...) or SSH (ssh-ed25519 ...); {MAKE}"
            )
        found.append(key[0])
    if text and not given:
        raise Refusal(f"{file} has no public key; of a secret one this tells it: age-keygen -y {file}")
    if not found:
        raise Refusal(
            "no key is given to seal the backup with: KEYFILE=FILE, or public keys in swarm_backup_recipients of the "
            f"inventory; {MAKE}"
        )
    return sorted({*found})


def identity(text: str, file: str) -> str:
    """A secret key as it stands in its file."""
    if not any(mark in text for mark in SECRETS):
        what = "only a public key" if any(PUBLIC.match(line) for line in text.splitlines()) else "no key of age or SSH"
        raise Refusal(
            f"{file} has {what}, and a backup is opened by the secret one: give the file that age-keygen wrote"
        )
    return text if text.endswith("\n") else f"{text}\n"
