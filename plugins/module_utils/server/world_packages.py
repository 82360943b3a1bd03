# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a server reaches the places where its own package manager finds packages, the way that one would."""

from __future__ import annotations

import glob
import http.client
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..common.world_files import read
from . import facts

LISTS = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/*.list", "/etc/apt/sources.list.d/*.sources")
MOST = 4  # hosts that are asked
# What a host answers that has not this very file; that it answers is what counts.
ANSWERS = (404, 405)


def sources(timeout: float) -> dict[str, Any]:
    """The package manager's name, and of one source on each host whether it can be reached, or else the error."""
    if not shutil.which("apt-get"):
        return {"manager": next((name for name in ("dnf", "yum", "zypper") if shutil.which(name)), ""), "sources": []}
    paths = sorted(path for pattern in LISTS for path in glob.glob(pattern))
    listed = facts.apt_sources({path: read(path) for path in paths})
    first = {urlsplit(source["uri"]).netloc: source for source in reversed(listed) if "://" in source["uri"]}
    settings = _settings() if first else {}
    asked = [facts.index_of(source) for source in [*reversed(list(first.values()))][:MOST]]
    return {"manager": "apt", "sources": [{"url": url, "error": _error(url, settings, timeout)} for url in asked]}


def _settings() -> dict[str, str]:
    done = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=False)
    return facts.apt_settings(done.stdout)


def _error(url: str, settings: Mapping[str, str], timeout: float) -> str:
    """Why it cannot be reached; empty: it can, or apt has ways that are not tried here."""
    where = urlsplit(url)
    if where.scheme not in ("http", "https") or any("proxy-auto-detect" in key for key in settings):
        return ""
    proxy = facts.proxy_of(settings, where.scheme, where.hostname or "")
    ways: list[Any] = []
    if proxy:
        ways.append(urllib.request.ProxyHandler({} if proxy == "DIRECT" else {where.scheme: proxy}))
    if where.scheme == "https":
        authorities = settings.get("acquire::https::cainfo")
        ways.append(urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=authorities)))
    request = urllib.request.Request(url, method="HEAD", headers={"User-Agent": "hydra.swarm preflight"})
    try:
        urllib.request.build_opener(*ways).open(request, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        return "" if error.code in ANSWERS else f"HTTP {error.code} {error.reason}"
    except urllib.error.URLError as error:
        return str(getattr(error.reason, "strerror", None) or error.reason)
    except http.client.HTTPException as error:
        return f"no HTTP answer ({str(error).strip() or type(error).__name__})"
    except (OSError, ValueError) as error:
        return str(error)
    return ""
