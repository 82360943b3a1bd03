# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Registries from which nodes pull by themselves: how an inventory names them, and what it means when one refuses.

Source of the header and of the file's form: the Engine API reference (X-Registry-Auth) and the docker command line's
config.json. What engines say of a registry is told in their words of 20.10, 26.1 and 28.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .names import HOST, ID, host_of

KEYS = ("host", "ca", "username", "password")
VARIABLE = "swarm_registries"
PLACE = re.compile(rf"{HOST}(?::[0-9]+)?", re.ASCII)
# Under this name the command line keeps the login of Docker Hub.
HUB, HUB_KEY = "docker.io", "https://index.docker.io/v1/"
Registry = Mapping[str, Any]
# As modules take them.
OPTION = {
    "type": "list",
    "elements": "dict",
    "default": [],
    "options": {
        "host": {"type": "str", "required": True},
        "ca": {"type": "str"},
        "username": {"type": "str"},
        "password": {"type": "str", "no_log": True},
    },
}


def without_password(registries: Any) -> Any:
    """The same, less what a check need not know: that there is a password says it all."""
    if not isinstance(registries, (list, tuple)):
        return registries
    # A password is not even looked at, since it may come from a vault that is closed.
    return [
        {key: True if key == "password" else one[key] for key in one} if isinstance(one, Mapping) else one
        for one in registries
    ]


def problems(registries: Any) -> list[str]:
    """A sentence for each rule that the variable breaks; no password is shown."""
    if not isinstance(registries, (list, tuple)):
        return [
            f"{VARIABLE} is no list: write it like [{{host: registry.example.edu, username: hydra, password: ...}}]"
        ]
    found, hosts = [], []
    for number, one in enumerate(registries, 1):
        if not isinstance(one, Mapping) or not one.get("host"):
            found.append(f"{VARIABLE}: item {number} names no host: write it like {{host: registry.example.edu}}")
            continue
        host = str(one["host"])
        hosts.append(host)
        found += [f"{VARIABLE}: {host}: {words}" for words in _problems(host, one)]
    return found + [f"{VARIABLE}: {host} is listed twice: keep one" for host in _doubled(hosts)]


def _problems(host: str, one: Registry) -> list[str]:
    unknown = sorted(str(key) for key in one if key not in KEYS)
    found = [f"unknown key {key}; there are {', '.join(KEYS)}" for key in unknown]
    if not PLACE.fullmatch(host) or host_of(f"{host}/a") != host != HUB:
        found.append("is no registry as images name it: HOST or HOST:PORT, without https:// and without a path")
    if bool(one.get("username")) != bool(one.get("password")):
        found.append("a login is a username and a password: give both or none")
    if one.get("ca") and not certificate(str(one["ca"])):
        found.append(
            "ca holds no certificate: it is the text of a PEM file, "
            "\"{{ lookup('ansible.builtin.file', inventory_dir ~ '/registry-ca.pem') }}\""
        )
    return found


def _doubled(hosts: list[str]) -> list[str]:
    return sorted({host for host in hosts if hosts.count(host) > 1})


def certificate(text: str) -> bool:
    """Whether the text holds a certificate in PEM: in it is a sequence in DER."""
    found = re.search(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", text, re.DOTALL)
    if not found:
        return False
    try:
        return base64.b64decode("".join(found[1].split()), validate=True)[:1] == b"\x30"
    except ValueError:
        return False


def of_image(image: str, registries: Iterable[Registry]) -> Registry | None:
    """The registry in the list that the image is of; one that is named by its ID is of none."""
    host = host_of(image) or HUB
    return None if ID.fullmatch(image) else next((one for one in registries if one["host"] == host), None)


def elsewhere(images: Iterable[str], registries: Iterable[Registry]) -> list[str]:
    """The images that are of none of these registries."""
    registries = list(registries)
    return [image for image in images if of_image(image, registries) is None]


def known_logins(config: str) -> list[dict[str, str]]:
    """The logins that the command line keeps in its file, as far as they are in the file itself."""
    try:
        kept = json.loads(config or "{}").get("auths") or {}
        pairs = [(host, str(one.get("auth") or "")) for host, one in kept.items()]
        plain = [(host, base64.b64decode(auth).decode().partition(":")) for host, auth in pairs if auth]
    except (ValueError, AttributeError):
        return []
    return [
        {"host": HUB if host == HUB_KEY else host, "username": user, "password": word}
        for host, (user, _colon, word) in plain
        if user
    ]


def login(registry: Registry | None) -> str:
    """What the header X-Registry-Auth says; nothing without a login."""
    if not registry or not registry.get("username"):
        return ""
    said = {"username": registry["username"], "password": registry["password"], "serveraddress": registry["host"]}
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def config(registries: Iterable[Registry]) -> str:
    """The command line's file with these logins."""
    auths = {}
    for one in registries:
        if one.get("username"):
            pair = base64.b64encode(f"{one['username']}:{one['password']}".encode()).decode()
            auths[HUB_KEY if one["host"] == HUB else one["host"]] = {"auth": pair}
    return json.dumps({"auths": auths})


def refusal(image: str, registry: Registry, error: str) -> str:
    """Why a registry does not hand out the image, by what the engine said of it, and what to do; never a password."""
    host, user, said = registry["host"], registry.get("username"), error.partition("/json: ")[2] or error
    words = said.lower()
    if "x509:" in words or "tls:" in words:
        if "unknown authority" not in words:
            return f"registry {host} has a certificate that is not good for it: {last(said)}"
        return (
            f"registry {host} has a certificate that the nodes do not trust: give its CA as ca of {host} in "
            f"{VARIABLE}, and run make swarm-up ({last(said)})"
        )
    if any(word in words for word in ("unauthorized", "no basic auth", "denied")):
        if not user:
            return f"registry {host} wants a login for {image}: give username and password of {host} in {VARIABLE}"
        return (
            f"registry {host} does not let user {user} in, or not to {image}: check username and password of {host} in "
            f"{VARIABLE}, and that user's rights there"
        )
    if any(word in words for word in ("manifest unknown", "name unknown", "not found")):
        return f"registry {host} has no image {image}: push it, or name one that it has"
    return f"registry {host} does not answer for {image}: {last(said)}"


def last(said: str) -> str:
    """The end of the engine's chain of reasons, which is what happened."""
    return said.strip().rpartition('": ')[2].removeprefix("dial tcp: ") or said.strip()
