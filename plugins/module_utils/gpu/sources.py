# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which packages NVIDIA's driver and toolkit are on a host, and which repositories of NVIDIA's they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DEBIAN_DRIVER = ("nvidia-kernel-dkms", "nvidia-smi", "libcuda1", "libnvidia-encode1", "libnvidia-cfg1")
DEBIAN = {"x86_64": "amd64", "aarch64": "arm64"}
HINTS = {
    "Debian": (
        "Debian's driver is in contrib, non-free and non-free-firmware: add them to the components in "
        "/etc/apt/sources.list.d/debian.sources (or /etc/apt/sources.list), and run this again."
    ),
    "Ubuntu": (
        "Ubuntu's driver is in restricted; see 'ubuntu-drivers list --gpgpu' for the branches there are "
        "(nvidia_gpu_driver_branch)."
    ),
}
TOOLKIT = (
    "nvidia-container-toolkit",
    "nvidia-container-toolkit-base",
    "libnvidia-container-tools",
    "libnvidia-container1",
)


def driver(host: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The driver's C(packages), its C(repository) where it is NVIDIA's own, and a C(hint) for who has no such packages.

    C(host) has Ansible's facts. C(wanted): C(source), C(version), C(branch), C(packages), C(url), C(key).
    """
    distribution = host["distribution"]
    own = wanted["source"] == "nvidia"
    return {
        "packages": list(wanted["packages"]) or _known(host, wanted),
        "repository": _driver_repository(host, wanted) if own else {},
        "hint": HINTS.get(distribution, "") if wanted["source"] == "distribution" else "",
    }


def _known(host: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The module is built for the kernel that runs, or comes for it; one for another would be missing after the reboot.

    Without a desktop; firmware comes with the kernel module. What apt takes as a pin ends in a star, since packages
    have revisions of their own.
    """
    distribution, kernel, version = host["distribution"], host["kernel"], wanted["version"]
    pin = f"={version}*" if version else ""
    if distribution not in HINTS:
        return []
    if wanted["source"] != "distribution":
        # NVIDIA's own packages are held to a version by a package that does nothing else.
        held = [f"nvidia-driver-pinning-{version}"] if version else []
        return [*held, f"linux-headers-{kernel}", "nvidia-open"]
    if distribution == "Debian":
        architecture = DEBIAN.get(host["architecture"], host["architecture"])
        plain = [f"linux-headers-{kernel}", f"linux-headers-{architecture}", "nvidia-modprobe", "nvidia-persistenced"]
        return [*plain, *_pinned(DEBIAN_DRIVER, pin)]
    # Ubuntu's modules are signed, so they load under Secure Boot.
    server = f"{wanted['branch']}-server"
    modules = [f"linux-modules-nvidia-{server}-{one}" for one in (kernel, "generic")]
    return [*modules, *_pinned([f"nvidia-headless-no-dkms-{server}", f"nvidia-utils-{server}"], pin)]


def _pinned(names: Iterable[str], pin: str) -> list[str]:
    return [f"{name}{pin}" for name in names]


def _driver_repository(host: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, str]:
    """Its folders are called debian12, ubuntu2404; an arm64 server is an "sbsa"."""
    version = str(host["distribution_version"])
    number = version.partition(".")[0] if host["distribution"] == "Debian" else version.replace(".", "")
    architecture = "sbsa" if host["architecture"] == "aarch64" else host["architecture"]
    base = f"{wanted['url']}/{host['distribution'].lower()}{number}/{architecture}"
    return {"name": "nvidia-driver", "url": f"{base}/", "key": f"{base}/{wanted['key']}"}


def toolkit(family: str, version: str, url: str) -> dict[str, Any]:
    """The toolkit's C(packages), all in one version, and their C(repository), where apt fills in the architecture."""
    sign = "=" if family == "Debian" else "-"
    return {
        "packages": _pinned(TOOLKIT, f"{sign}{version}-1" if version else ""),
        "repository": {
            "name": "nvidia-container-toolkit",
            "url": f"{url}/stable/deb/$(ARCH)",
            "key": f"{url}/gpgkey",
        },
    }
