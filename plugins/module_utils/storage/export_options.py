# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be said of an export, for nfs_export and for whoever checks an inventory beforehand (an argument spec)."""

from __future__ import annotations

from typing import Any

CLIENT: dict[str, Any] = {
    "host": {"type": "str", "required": True},
    "access": {"type": "str", "choices": ["rw", "ro"], "default": "rw"},
    "squash": {"type": "str", "choices": ["root", "all", "none"], "default": "root"},
    "anonuid": {"type": "int", "default": 65534},
    "anongid": {"type": "int", "default": 65534},
    "privileged_port": {"type": "bool", "default": True},
}
EXPORT: dict[str, Any] = {
    "path": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "clients": {"type": "list", "elements": "dict", "options": CLIENT},
    "security": {"type": "str", "choices": ["sys", "krb5", "krb5i", "krb5p"], "default": "sys"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "raw"},
}
