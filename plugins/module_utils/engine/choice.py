# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which engine is the control host's: what the docker command line would choose, as variables that everybody reads.

Source of the order and the files: the command line's reference (DOCKER_HOST before DOCKER_CONTEXT before the current
context) and its context store. The SDK, modules of other collections and programs know DOCKER_HOST alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from ..common.errors import EngineError

DEFAULT = "default"


def context(environment: Mapping[str, str], config: str) -> str:
    """The context that counts, C(config) being the text of the command line's config.json; DOCKER_HOST leaves none."""
    if environment.get("DOCKER_HOST"):
        return DEFAULT
    try:
        current = json.loads(config or "{}").get("currentContext")
    except (ValueError, AttributeError):  # the command line, too, goes on without
        current = None
    return environment.get("DOCKER_CONTEXT") or current or DEFAULT


def place(name: str) -> str:
    """The folder of a context, below those of all descriptions (meta) and of all certificates (tls)."""
    return hashlib.sha256(name.encode()).hexdigest()


def variables(name: str, described: str, certificates: str) -> dict[str, str]:
    """What has to be in the environment for a context's engine; C(certificates) is their folder, if it has any."""
    try:
        endpoint = json.loads(described)["Endpoints"]["docker"]
        found = {"DOCKER_HOST": str(endpoint["Host"])}
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"Docker context '{name}' does not exist or names no engine: docker context ls shows those there are, "
            f"docker context use {DEFAULT} (or DOCKER_CONTEXT={DEFAULT}) leaves it"
        ) from error
    if certificates:
        found["DOCKER_CERT_PATH"] = certificates
        found["DOCKER_TLS_VERIFY"] = "" if endpoint.get("SkipTLSVerify") else "1"
    return found
