# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""EXPORT blocks and what DBus shows of them."""

from __future__ import annotations

import re

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.storage.exports import HEADER, Client
from ansible_collections.hydra.swarm.plugins.module_utils.storage.exports_ganesha import parse, paths, render, shown

EXPORTS = {
    "/exports/a": (Client("10.0.0.9", access="ro"), Client("10.0.0.0/24", squash="none"), Client("*", squash="all")),
    "/exports/b c#é": (Client("fd00::/64", anonuid=1000, anongid=1001, privileged_port=False, security="krb5p"),),
}


def ids(text):
    return {path: int(number) for number, path in re.findall(r'Export_Id = (\d+);\n    Path = "(.*)";', text)}


def test_render():
    assert render({"/exports/a b": (Client("10.0.0.0/24", squash="none"),)}) == (
        f"{HEADER}\n"
        "EXPORT {\n"
        "    Export_Id = 8354;\n"
        '    Path = "/exports/a b";\n'
        '    Pseudo = "/exports/a b";\n'
        "    Access_Type = NONE;\n"
        "    Protocols = 4; Transports = TCP;\n"
        "    FSAL { Name = VFS; }\n"
        "    CLIENT { Clients = 10.0.0.0/24; Access_Type = RW; Squash = No_Root_Squash; Anonymous_uid = 65534;"
        " Anonymous_gid = 65534; PrivilegedPort = true; SecType = sys; Protocols = 4; Transports = TCP; }\n"
        "}\n"
    )


def test_what_is_written_can_be_read():
    assert parse(render(EXPORTS)) == EXPORTS
    assert paths(render(EXPORTS)) == set(EXPORTS)


def test_ids_are_kept():
    first = render(EXPORTS)
    edited = re.sub(r"Export_Id = \d+", "Export_Id = 7", first, count=1)
    assert ids(render({**EXPORTS, "/new": (Client("*"),)}, edited)) == {
        **ids(first),
        "/exports/a": 7,
        "/new": ids(render({"/new": (Client("*"),)}))["/new"],
    }


def test_id_that_is_taken_moves_on():
    own = ids(render({"/new": (Client("*"),)}))["/new"]
    taken = re.sub(r"Export_Id = \d+", f"Export_Id = {own}", render({"/old": (Client("*"),)}))
    assert ids(render({"/new": (Client("*"),)}, taken)) == {"/new": own + 1}


@pytest.mark.parametrize(
    ("options", "client"),
    [
        (35660768, Client("10.0.0.0/24", squash="none")),
        (35659940, Client("10.0.0.0/24", access="ro", squash="all", privileged_port=False)),
        (35659938, Client("10.0.0.0/24", access="ro", privileged_port=False)),
        (35668448, Client("10.0.0.0/24", squash="none", privileged_port=False, security="krb5")),
        (35684832, Client("10.0.0.0/24", squash="none", privileged_port=False, security="krb5i")),
        (35717600, Client("10.0.0.0/24", squash="none", privileged_port=False, security="krb5p")),
        (0x3000, Client("10.0.0.0/24", access="none", squash="none", privileged_port=False, security="none:sys")),
    ],
)
def test_shown(options, client):
    assert shown("10.0.0.0/24", 65534, 65534, options) == client


def test_paths_of_any_file():
    assert paths('EXPORT {\n  # Path = /no;\n  path=/a;\n  Path = "/b c" ;\n  Pseudo = /d;\n}\n') == {"/a", "/b c"}
