# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The label that says whose something is; nothing without it is changed or removed."""

from __future__ import annotations

OWNER = "hydra.swarm.cluster"  # its value is the name of the cluster
BACKUP = "hydra.swarm.backup"  # of a swarm: when it was last copied, in seconds since 1970
