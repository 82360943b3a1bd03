# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names in a swarm: of a stack, its services, and its configs and secrets, which carry a hash of what is in them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

STACK = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")
CONTENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
STACK_RULE = "a swarm takes letters, digits, and '-' and '_' between them"
LONGEST_SERVICE, LONGEST_CONTENT_NAME, HASH = 63, 64, 12
ROUNDS = 200_000
SIZES = {"config": 1_024_000, "secret": 512_000}  # a swarm's contents are smaller than that, and not empty


def stack_problem(name: str) -> str:
    """Why a swarm would refuse the name of a stack; empty: it would not."""
    if not STACK.fullmatch(name):
        return f"stack name '{name}': {STACK_RULE}; choose another"
    if len(name) > LONGEST_SERVICE - 2:
        return f"stack name '{name}' is too long: with a service's name it must not exceed {LONGEST_SERVICE} characters"
    return ""


def service_problem(stack: str, key: str) -> str:
    """Why a swarm would refuse the name of a service; empty: it would not."""
    full = f"{stack}_{key}"
    if not STACK.fullmatch(full):
        return f"service name '{key}': {STACK_RULE}; choose another"
    if len(full) > LONGEST_SERVICE:
        return f"'{full}' is {len(full)} characters long, a swarm's services have at most {LONGEST_SERVICE}; shorten it"
    return ""


def content_problem(kind: str, content: bytes) -> str:
    """Why a swarm would refuse the content of a config or secret; empty: it would not."""
    if not content:
        return f"a {kind} must not be empty, and this one is"
    if len(content) >= SIZES[kind]:
        return f"a {kind} is smaller than {SIZES[kind]} bytes, and this one has {len(content)}"
    return ""


def content_name(
    kind: str, base: str, content: bytes, template_driver: str = "", labels: Mapping[str, str] | None = None
) -> str:
    """C(base) and a hash: another content, template driver or label makes it another config or secret.

    Everybody who may look at the swarm sees the name. So that a weak secret cannot be guessed from it, that of a secret
    is hashed slowly, and salted with its full name.
    """
    short = base[: LONGEST_CONTENT_NAME - HASH - 1]
    rest = [template_driver, sorted((labels or {}).items()), base if short != base else ""]
    if any(rest):
        content = content + b"\0" + json.dumps(rest).encode()
    if kind == "secret":
        digest = hashlib.pbkdf2_hmac("sha256", content, base.encode(), ROUNDS).hex()
    else:
        digest = hashlib.sha256(content).hexdigest()
    return f"{short}-{digest[:HASH]}"
