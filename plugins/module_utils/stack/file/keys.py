# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys of a service that Compose knows and Swarm does not: which are left out, and which cannot be."""

from __future__ import annotations

from collections.abc import Iterable

# What is left out without any consequence a reader has to be told of, but its name.
IGNORED = (
    *("annotations", "attach", "blkio_config", "build", "cgroup", "cgroup_parent", "cgroupns_mode", "container_name"),
    *("cpu_count", "cpu_percent", "cpu_period", "cpu_rt_period", "cpu_rt_runtime", "depends_on", "develop"),
    *("domainname", "expose", "external_links", "links", "mac_address", "oom_kill_disable", "platform"),
    *("pull_policy", "storage_opt", "uts"),
)

# What is left out, and makes a difference.
NOTED = {
    "devices": "a swarm gives its tasks no devices; for GPUs reserve a generic resource "
    "(deploy.resources.reservations.generic_resources)",
    "device_cgroup_rules": "a swarm gives its tasks no devices, so device_cgroup_rules are ignored",
    "group_add": "Swarm ignores group_add; name the group in user (user: name:group)",
    "ipc": "Swarm ignores ipc; every task has its own",
    "network_mode": "Swarm ignores network_mode, and puts the service on the stack's networks; for the machine's own "
    "network use an external network named host",
    "oom_score_adj": "the nodes' docker command ignores oom_score_adj",
    "pid": "Swarm ignores pid; every task sees its own processes alone",
    "privileged": "a task of a swarm is never privileged; cap_add may give it what it needs",
    "profiles": "Swarm ignores profiles; the service is deployed",
    "runtime": "Swarm ignores runtime; set the nodes' default-runtime",
    "security_opt": "Swarm ignores security_opt",
    "shm_size": "Swarm ignores shm_size, so /dev/shm has 64 MB; mount a tmpfs with target /dev/shm for more",
    "userns_mode": "Swarm ignores userns_mode",
}

_LIMITS, _RESERVATIONS = "deploy.resources.limits", "deploy.resources.reservations"
# What the docker command refuses, or what a service would be another without.
REFUSED = {
    "cpu_quota": f"is not for Swarm; set {_LIMITS}.cpus",
    "cpu_shares": f"is not for Swarm; set {_LIMITS}.cpus",
    "cpus": f"is not for Swarm; set {_LIMITS}.cpus",
    "cpuset": f"is not for Swarm; set {_LIMITS}.cpus, or a placement constraint",
    "extends": "is not for Swarm; share what services have in common with a YAML anchor: <<: *common",
    "gpus": f"is not for Swarm; reserve {_RESERVATIONS}.generic_resources",
    "label_file": "is not for Swarm; write the labels into the file",
    "mem_limit": f"is not for Swarm; set {_LIMITS}.memory",
    "mem_reservation": f"is not for Swarm; set {_RESERVATIONS}.memory",
    "mem_swappiness": "is not for Swarm; take it out",
    "memswap_limit": "is not for Swarm; take it out",
    "models": "is not for Swarm; take it out",
    "pids_limit": f"is not for Swarm; set {_LIMITS}.pids",
    "post_start": "is not for Swarm; make it part of the image's entrypoint",
    "pre_stop": "is not for Swarm; make it part of the image's entrypoint",
    "provider": "is not for Swarm; take the service out",
    "use_api_socket": "is not for Swarm; bind /var/run/docker.sock",
    "volume_driver": "is not for Swarm; define a volume with that driver at the top level",
    "volumes_from": "is not for Swarm; define a volume at the top level and mount it in both services",
}


def ignored_note(service: str, keys: Iterable[str]) -> str:
    """One line for all that is left out of a service; empty: nothing is."""
    left_out = [key for key in keys if key in IGNORED]
    return f"{service}: Swarm ignores {', '.join(left_out)}" if left_out else ""
