# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked of an NFS server, what is refused, and what has to change."""

from __future__ import annotations

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.storage import exports_ganesha, exports_kernel
from ansible_collections.hydra.swarm.plugins.module_utils.storage.exports import (
    HEADER,
    Client,
    Request,
    State,
    canonical,
    filesystem,
    foreseen,
    missing,
    mounts_below,
    plan,
    read_request,
)

FORMATS = pytest.mark.parametrize("form", [exports_kernel, exports_ganesha])
NET = Client("10.0.0.0/24")
ONE = Client("10.0.0.9", access="ro")
FILE = "/etc/exports.d/x.exports"


def client(host, **options):
    defaults = {"access": "rw", "squash": "root", "anonuid": 65534, "anongid": 65534, "privileged_port": True}
    return {"host": host, **defaults, **options}


def export(path="/exports/a", *hosts, **options):
    clients = [client(host) if isinstance(host, str) else host for host in hosts]
    return {
        "path": path,
        "state": "present",
        "clients": clients,
        "security": "sys",
        "owner": None,
        "group": None,
        "mode": None,
        **options,
    }


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (export("exports/a", "*"), "must be absolute, below /, without '.', '..' or a '/' too many"),
        (export("/", "*"), "must be absolute, below /, without '.', '..' or a '/' too many"),
        (export("//a", "*"), "must be absolute, below /, without '.', '..' or a '/' too many"),
        (export("/a/", "*"), "must be absolute, below /, without '.', '..' or a '/' too many"),
        (export("/a/../b", "*"), "must be absolute, below /, without '.', '..' or a '/' too many"),
    ],
)
def test_path_is_normal(item, message):
    with pytest.raises(Refusal) as error:
        read_request([item], False, {})
    assert str(error.value) == f"exports: path {item['path']!r} {message}"


@pytest.mark.parametrize("char", ["\n", "\t", '"', "\\", "\x7f", "\udce4"])
def test_path_can_be_carried(char):
    with pytest.raises(Refusal) as error:
        read_request([export(f"/a{char}b", "*")], False, {})
    path = f"/a{char}b"
    assert str(error.value) == (
        f"exports: path {path!r} contains {char!r}, which an exports file cannot carry; rename it"
    )


@pytest.mark.parametrize(
    ("host", "remedy"),
    [
        ("10.0.0.5/24", "has host bits set; write '10.0.0.0/24'"),
        ("fd00::1/64", "has host bits set; write 'fd00::/64'"),
        ("10.0.0.300", "is no address, network (CIDR), host name or '*'"),
        ("10.0.0", "is no address, network (CIDR), host name or '*'"),
        ("10.0.0.0/33", "is no address, network (CIDR), host name or '*'"),
        ("fe80::1%eth0", "is no address, network (CIDR), host name or '*'"),
        ("*.example.org", "is no address, network (CIDR), host name or '*'"),
        ("@group", "is no address, network (CIDR), host name or '*'"),
        ("a(rw) b", "is no address, network (CIDR), host name or '*'"),
        ("", "is no address, network (CIDR), host name or '*'"),
    ],
)
def test_host_is_one(host, remedy):
    with pytest.raises(Refusal) as error:
        read_request([export("/exports/a", host)], False, {})
    assert str(error.value) == f"exports: /exports/a: client {host!r} {remedy}"


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([export("/a")], "exports: /a: no clients; name at least one, or say state: absent"),
        ([export("/a", clients=None)], "exports: /a: no clients; name at least one, or say state: absent"),
        ([export("/a", "*"), export("/a", "*")], "exports: path '/a' is listed twice; keep one"),
        ([export("/a", "*"), export("/a", state="absent")], "exports: path '/a' is listed twice; keep one"),
        ([export("/a", "10.0.0.9", "10.0.0.9/32")], "exports: /a: client '10.0.0.9' is listed twice; keep one"),
        ([export("/a", "10.0.0.9", "web")], "exports: /a: client '10.0.0.9' is listed twice; keep one"),
        (
            [export("/a", "10.0.0.0/8", "10.1.0.0/16")],
            (
                "exports: /a: clients '10.0.0.0/8' and '10.1.0.0/16' overlap, and which of them wins depends on the server;"
                " make them disjoint"
            ),
        ),
        ([export("/a", client("*", anonuid=-1))], "exports: /a: anonuid -1 must be between 0 and 4294967294"),
        (
            [export("/a", client("*", anongid=2**32))],
            "exports: /a: anongid 4294967296 must be between 0 and 4294967294",
        ),
        ([export("/a", "*", mode="u=rwx")], "exports: /a: mode 'u=rwx' must be an octal string such as '0755'"),
    ],
)
def test_request_is_refused(items, message):
    with pytest.raises(Refusal) as error:
        read_request(items, False, {"web": ["10.0.0.9"]})
    assert str(error.value) == message


def test_request_is_normalised():
    items = [
        export("/exports/a b", "*", "10.0.0.0/255.255.255.0", "web", "fd00::/64", security="krb5", mode=0o750, owner=7),
        export("/exports/old", clients=None, state="absent"),
    ]
    assert read_request(items, True, {"web": ["10.0.0.9", "fd01::9"]}) == Request(
        exports={
            "/exports/a b": tuple(
                Client(host, security="krb5") for host in ("10.0.0.9", "fd01::9", "10.0.0.0/24", "fd00::/64", "*")
            )
        },
        absent=frozenset({"/exports/old"}),
        exclusive=True,
        directories={"/exports/a b": {"owner": "7", "mode": "0750"}},
    )


@pytest.mark.parametrize(
    ("host", "one"),
    [
        ("10.0.0.9/32", "10.0.0.9"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("fd00::1/128", "fd00::1"),
        ("FD00:0::1", "fd00::1"),
        ("*", "*"),
        ("@group", "@group"),
    ],
)
def test_canonical(host, one):
    assert canonical(host) == one


@FORMATS
class TestPlan:
    def request(self, exports=None, **options):
        return Request(exports or {}, directories={path: {} for path in exports or {}}, **options)

    def done(self, form, exports, **options):
        return State(form.render(exports, ""), exports, directories={path: {} for path in exports}, **options)

    def test_fresh_host(self, form):
        change = plan(form, FILE, State(None, {}), self.request({"/a": (NET,)}))
        assert change.before == {"file": None, "live": {}, "directories": {"/a": None}}
        assert form.parse("\n".join(change.after["file"]) + "\n") == {"/a": (NET,)}
        assert change.after["directories"] == {"/a": {}}

    @pytest.mark.parametrize("exclusive", [True, False])
    def test_converged(self, form, exclusive):
        state = self.done(form, {"/a": (NET,), "/b c": (ONE, NET)})
        assert not plan(form, FILE, state, self.request(dict(state.live), exclusive=exclusive)).changed

    @pytest.mark.parametrize("text", [None, "", "\n"])
    def test_nothing_of_nothing(self, form, text):
        assert not plan(form, FILE, State(text, {}), self.request(exclusive=True)).changed

    def test_nothing_asked_reports_whatever_there_is(self, form):
        state = State("written by hand", {"/a": (NET,)})
        change = plan(form, FILE, state, self.request())
        assert (change.changed, foreseen(state.live, change)) == (False, state.live)

    @pytest.mark.parametrize(
        ("live", "lacking"),
        [
            ({}, "/a is not exported"),
            ({"/a": (NET,), "/gone": (NET,)}, "/gone is still exported"),
        ],
    )
    def test_live_table_is_healed(self, form, live, lacking):
        state = State(form.render({"/a": (NET,)}, ""), live, directories={"/a": {}})
        change = plan(form, FILE, state, self.request({"/a": (NET,)}, exclusive=True))
        assert change.changed and change.before["file"] == change.after["file"]
        assert missing(live, change) == lacking
        assert missing({"/a": (NET,)}, change) == ""

    def test_changed_option(self, form):
        change = plan(form, FILE, self.done(form, {"/a": (NET,)}), self.request({"/a": (ONE,)}))
        assert missing({"/a": (ONE,)}, change) == ""
        assert missing({"/a": (NET,)}, change).startswith("/a is exported to [{'host': '10.0.0.0/24'")

    def test_lost_file_is_healed(self, form):
        state = State(None, {"/a": (NET,)}, directories={"/a": {}})
        change = plan(form, FILE, state, self.request({"/a": (NET,)}))
        assert change.changed and change.before["live"] == change.after["live"]

    def test_others_of_the_file_stay(self, form):
        change = plan(form, FILE, self.done(form, {"/a": (NET,)}), self.request({"/b": (ONE,)}))
        assert sorted(change.after["live"]) == ["/a", "/b"]

    def test_exclusive_removes_them_but_not_those_of_other_files(self, form):
        state = self.done(form, {"/a": (NET,), "/etc": (NET,)}, foreign={"/etc": "/etc/exports"})
        change = plan(form, FILE, State(form.render({"/a": (NET,)}, ""), state.live, state.foreign),
                      self.request({"/b": (ONE,)}, exclusive=True))  # fmt: skip
        assert (sorted(change.before["live"]), sorted(change.after["live"])) == (["/a"], ["/b"])
        assert foreseen(state.live, change) == {"/etc": (NET,), "/b": (ONE,)}

    def test_absent(self, form):
        state = self.done(form, {"/a": (NET,), "/b": (NET,)})
        change = plan(form, FILE, state, self.request(absent=frozenset({"/a", "/never"})))
        assert sorted(change.after["live"]) == ["/b"]

    def test_hand_edit_is_undone(self, form):
        done = self.done(form, {"/a": (NET,)})
        state = State(done.file.replace("10.0.0.0/24", "10.0.0.0/8"), done.live, directories={"/a": {}})
        assert plan(form, FILE, state, self.request({"/a": (NET,)})).after["file"] == done.file.splitlines()

    def test_directory_attributes(self, form):
        state = State(form.render({"/a": (NET,)}, ""), {"/a": (NET,)}, directories={"/a": {"mode": "0700"}})
        change = plan(form, FILE, state, Request({"/a": (NET,)}, directories={"/a": {"mode": "0755"}}))
        assert change.changed
        assert (change.before["directories"], change.after["directories"]) == (
            {"/a": {"mode": "0700"}},
            {"/a": {"mode": "0755"}},
        )

    @pytest.mark.parametrize(
        ("state", "exports", "message"),
        [
            (
                State("/srv *(rw)\n", {}),
                {"/a": (NET,)},
                f"{FILE} was not written by this module; list its exports in the task, then delete the file",
            ),
            (
                State(None, {}, foreign={"/a": "/etc/exports"}),
                {"/a": (NET,)},
                "/a is exported by /etc/exports too; remove it there",
            ),
            (
                State(None, {}),
                {"/a": (NET,), "/a/b": (NET,)},
                (
                    "exports: /a/b lies in /a: clients of /a would reach it past its own rules; export one of them, or move"
                    " one"
                ),
            ),
            (
                State(None, {}, filesystems={"/a": "overlay"}),
                {"/a": (NET,)},
                "exports: /a lies on overlayfs, which NFS cannot serve; mount a volume or disk there",
            ),
        ],
    )
    def test_refused(self, form, state, exports, message):
        with pytest.raises(Refusal) as error:
            plan(form, FILE, state, self.request(exports))
        assert str(error.value) == message


@pytest.mark.parametrize(
    ("clients", "below", "message"),
    [
        (
            (Client("*"), Client("10.0.0.9", security="krb5p")),
            [],
            "exports: /a: security krb5p: NFS-Ganesha is set up without Kerberos; say sys, or use the kernel's NFS server",
        ),
        (
            (NET,),
            ["/a/disk", "/a/other"],
            "exports: /a: /a/disk is a file system of its own, and NFS-Ganesha would serve it to the same clients; mount it "
            "elsewhere, or use the kernel's NFS server, which leaves it out",
        ),
    ],
)
def test_what_only_the_kernels_server_does_as_it_is_meant(clients, below, message):
    state, request = State(None, {}, below={"/a": below}), Request({"/a": clients})
    assert plan(exports_kernel, FILE, state, request).changed
    with pytest.raises(Refusal) as error:
        plan(exports_ganesha, FILE, state, request)
    assert str(error.value) == message


def test_mounts_below():
    mounts = "overlay / overlay rw 0 0\n/dev/a /exports ext4 rw 0 0\n/dev/b /exports/a\\040b/c xfs rw 0 0\n"
    assert mounts_below("/exports", mounts) == ["/exports/a b/c"]
    assert mounts_below("/exports/a b", mounts) == ["/exports/a b/c"]
    assert mounts_below("/exports/a", mounts) == []


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/exports/a", "ext4"), ("/exports", "ext4"), ("/exportsx", "overlay"), ("/a b/c", "xfs"), ("/hidden/x", "tmpfs")],
)
def test_filesystem(path, kind):
    mounts = (
        "overlay / overlay rw 0 0\n/dev/sda /exports ext4 rw 0 0\n/dev/sdb /a\\040b xfs rw 0 0\n"
        "/dev/sdc /hidden ext4 rw 0 0\ntmpfs /hidden tmpfs rw 0 0\n"
    )
    assert filesystem(path, mounts) == kind


def test_header_is_a_comment():
    assert HEADER.startswith("# ")
