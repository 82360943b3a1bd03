# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.gpu import sources

DEBIAN = {
    "distribution": "Debian",
    "distribution_version": "12.8",
    "architecture": "x86_64",
    "kernel": "6.1.0-28-amd64",
}
UBUNTU = {**DEBIAN, "distribution": "Ubuntu", "distribution_version": "24.04", "kernel": "6.8.0-49-generic"}
WANTED = {"version": "", "branch": "580", "packages": [], "url": "https://nvidia.test/repos", "key": "k.pub"}


def driver(host: dict[str, Any], source: str, **wanted: Any) -> dict[str, Any]:
    return sources.driver(host, {**WANTED, "source": source, **wanted})


@pytest.mark.parametrize(
    ("host", "source", "version", "packages"),
    [
        (
            DEBIAN,
            "distribution",
            "550.163.01",
            "linux-headers-6.1.0-28-amd64 linux-headers-amd64 nvidia-modprobe nvidia-persistenced "
            "nvidia-kernel-dkms=550.163.01* nvidia-smi=550.163.01* libcuda1=550.163.01* libnvidia-encode1=550.163.01* "
            "libnvidia-cfg1=550.163.01*",
        ),
        (
            {**DEBIAN, "architecture": "aarch64"},
            "distribution",
            "",
            "linux-headers-6.1.0-28-amd64 linux-headers-arm64 nvidia-modprobe nvidia-persistenced nvidia-kernel-dkms "
            "nvidia-smi libcuda1 libnvidia-encode1 libnvidia-cfg1",
        ),
        (
            UBUNTU,
            "distribution",
            "580.95.05",
            "linux-modules-nvidia-580-server-6.8.0-49-generic linux-modules-nvidia-580-server-generic "
            "nvidia-headless-no-dkms-580-server=580.95.05* nvidia-utils-580-server=580.95.05*",
        ),
        (UBUNTU, "nvidia", "580.95.05", "nvidia-driver-pinning-580.95.05 linux-headers-6.8.0-49-generic nvidia-open"),
        (DEBIAN, "nvidia", "", "linux-headers-6.1.0-28-amd64 nvidia-open"),
        ({**DEBIAN, "distribution": "Rocky"}, "distribution", "", ""),
        ({**DEBIAN, "distribution": "Rocky"}, "nvidia", "", ""),
    ],
)
def test_which_packages_the_driver_is(host: dict[str, Any], source: str, version: str, packages: str) -> None:
    assert driver(host, source, version=version)["packages"] == packages.split()


def test_packages_that_somebody_named_are_taken() -> None:
    assert driver({**DEBIAN, "distribution": "Rocky"}, "distribution", packages=["mine"])["packages"] == ["mine"]


@pytest.mark.parametrize(
    ("host", "folder"),
    [
        (DEBIAN, "debian12/x86_64"),
        (UBUNTU, "ubuntu2404/x86_64"),
        ({**UBUNTU, "architecture": "aarch64"}, "ubuntu2404/sbsa"),
    ],
)
def test_where_nvidias_driver_is(host: dict[str, Any], folder: str) -> None:
    base = f"https://nvidia.test/repos/{folder}"
    made = driver(host, "nvidia")
    assert made["repository"] == {"name": "nvidia-driver", "url": f"{base}/", "key": f"{base}/k.pub"}
    assert made["hint"] == ""


def test_what_to_do_where_the_distribution_has_no_such_package() -> None:
    assert "non-free" in driver(DEBIAN, "distribution")["hint"]
    assert "nvidia_gpu_driver_branch" in driver(UBUNTU, "distribution")["hint"]
    assert driver({**DEBIAN, "distribution": "Rocky"}, "distribution")["hint"] == ""


@pytest.mark.parametrize(
    ("family", "version", "first"),
    [
        ("Debian", "", "nvidia-container-toolkit"),
        ("Debian", "1.19.0", "nvidia-container-toolkit=1.19.0-1"),
        ("RedHat", "1.19.0", "nvidia-container-toolkit-1.19.0-1"),
    ],
)
def test_the_toolkits_packages_are_of_one_version(family: str, version: str, first: str) -> None:
    made = sources.toolkit(family, version, "https://nvidia.test/libs")
    assert made["packages"][0] == first
    assert {one.endswith(first.removeprefix("nvidia-container-toolkit")) for one in made["packages"]} == {True}
    assert made["repository"] == {
        "name": "nvidia-container-toolkit",
        "url": "https://nvidia.test/libs/stable/deb/$(ARCH)",
        "key": "https://nvidia.test/libs/gpgkey",
    }
