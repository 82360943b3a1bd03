# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""exports(5) files and etab."""

from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.storage.exports import HEADER, Client
from ansible_collections.hydra.swarm.plugins.module_utils.storage.exports_kernel import parse, paths, render

EXPORTS = {
    "/exports/a": (Client("10.0.0.9", access="ro"), Client("10.0.0.0/24", squash="none"), Client("*", squash="all")),
    "/exports/b c#é": (Client("fd00::/64", anonuid=1000, anongid=1001, privileged_port=False, security="krb5p"),),
}


def test_render():
    assert render(EXPORTS) == (
        f"{HEADER}\n"
        "/exports/a 10.0.0.9(ro,sync,no_subtree_check,secure,root_squash,anonuid=65534,anongid=65534,sec=sys)\n"
        "/exports/a 10.0.0.0/24(rw,sync,no_subtree_check,secure,no_root_squash,anonuid=65534,anongid=65534,sec=sys)\n"
        "/exports/a *(rw,sync,no_subtree_check,secure,all_squash,anonuid=65534,anongid=65534,sec=sys)\n"
        "/exports/b\\040c\\043\\303\\251 "
        "fd00::/64(rw,sync,no_subtree_check,insecure,root_squash,anonuid=1000,anongid=1001,sec=krb5p)\n"
    )


def test_what_is_written_can_be_read():
    assert parse(render(EXPORTS)) == EXPORTS


@pytest.mark.parametrize(
    ("options", "client"),
    [
        (
            (
                "rw,sync,wdelay,hide,nocrossmnt,insecure,root_squash,all_squash,no_subtree_check,secure_locks,acl,no_pnfs,"
                "anonuid=1000,anongid=65534,sec=krb5p,rw,root_squash,all_squash"
            ),
            Client("10.0.0.0/24", squash="all", anonuid=1000, privileged_port=False, security="krb5p"),
        ),
        (
            (
                "ro,sync,wdelay,hide,nocrossmnt,secure,no_root_squash,no_all_squash,no_subtree_check,secure_locks,acl,"
                "no_pnfs,anonuid=65534,anongid=65534,sec=sys,ro,no_root_squash,no_all_squash"
            ),
            Client("10.0.0.0/24", access="ro", squash="none"),
        ),
    ],
)
def test_etab(options, client):
    assert parse(f"/exports/a\\040é\t10.0.0.0/255.255.255.0({options})\n") == {"/exports/a é": (client,)}


def test_paths_of_any_file():
    text = '# /no 10.0.0.1(rw)\n"/a b" *(rw)\n  /c\\040d \\\n  host(ro) -rw other\n\n/e\n'
    assert paths(text) == {"/a b", "/c d", "/e"}
