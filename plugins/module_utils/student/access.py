# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a workspace answers, what the gate before it is asked, and the token that opens it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlencode

SHORTEST_KEY = 32


def host(student: str, domain: str) -> str:
    """A host of its own: what a page of this workspace may read, set or send is this workspace's alone."""
    return f"{student}.{domain}"


def url(student: str, domain: str, scheme: str) -> str:
    return f"{scheme}://{host(student, domain)}/"


def gate(student: str, address: str, logins: Sequence[str]) -> str:
    """What the proxy asks for every request; C(logins) are the names by which sign-on calls the owner."""
    return f"{address}/?{urlencode([('student', student), *(('login', login) for login in logins)])}"


def token(student: str, key: str) -> str:
    """The same as the gate works out from the same key (stacks/core/gate.py)."""
    return hmac.new(key.strip().encode(), f"workspace {student}".encode(), hashlib.sha256).hexdigest()


def key_problems(key: str) -> list[str]:
    """What is wrong with the key; the key itself is in no message."""
    if len(key.strip()) >= SHORTEST_KEY:
        return []
    return [
        f"student_workspace_key has {len(key.strip())} characters, and all tokens are worked out from it: give it "
        f"at least {SHORTEST_KEY} (openssl rand -hex 32) and deploy the stack with the gate again"
    ]
