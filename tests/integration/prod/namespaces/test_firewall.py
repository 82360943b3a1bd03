# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The firewall's rules on this kernel: a server, a member, a stranger and a container in network namespaces.

Needs root, ip, nft, iptables and iptables-legacy, and says so by failing.
"""

from __future__ import annotations

import sys

from spaces import (
    GOSSIP,
    HIDDEN,
    MEMBER,
    NFS,
    OPEN,
    OTHER,
    PING,
    SERVER,
    SSH,
    STRANGER,
    SWARM,
    UDP,
    V4,
    V6,
    WEB,
    Server,
    answers,
    inside,
    reached,
    waited,
)


def test_a_stranger_is_kept_out_and_a_member_is_not(server: Server) -> None:
    everything = SWARM | OPEN | {WEB, HIDDEN}
    assert answers(STRANGER, V4) == {V4: (everything, UDP)}  # the test can see a difference
    assert server.play(check_mode=True)["changed"]
    assert answers(STRANGER, V4) == {V4: (everything, UDP)}
    first = server.play()
    assert first["changed"] and first["diff"]["before"]["rules"] == {}
    assert answers(STRANGER, V4, V6) == {V4: (OPEN | {WEB, HIDDEN}, set()), V6: (OPEN, set())}
    assert answers(MEMBER, V4, V6) == {V4: (everything, UDP), V6: (SWARM | OPEN, UDP)}
    assert reached(SERVER) >= SWARM | OPEN  # itself
    again = server.play()
    assert not again["changed"], again["diff"]
    assert not server.play(check_mode=True)["changed"]


def test_a_worker_answers_nobody_on_the_managers_port(server: Server) -> None:
    server.play(manager=False, nfs=False)
    assert reached(MEMBER) & SWARM == {GOSSIP, NFS}
    assert reached(STRANGER) & SWARM == {NFS}  # not an NFS server of ours


def test_published_ports_are_open_as_listed(server: Server) -> None:
    server.play(published=[f"{WEB}/tcp"])
    assert reached(STRANGER) == OPEN | {WEB}
    assert reached(MEMBER) == SWARM | OPEN | {WEB, HIDDEN}
    server.play(published=[{"port": f"{WEB}/tcp", "sources": ["10.99.0.0/30"]}, f"{HIDDEN}/tcp"])
    assert reached(STRANGER) == OPEN | {WEB, HIDDEN}
    server.play(published=[{"port": f"{WEB}/tcp", "sources": ["10.98.0.0/24"]}, {"port": f"{OTHER}/tcp"}])
    assert answers(STRANGER, V4, V6) == dict.fromkeys((V4, V6), (OPEN, set()))
    assert not server.play(published=[{"port": f"{WEB}/tcp", "sources": ["10.98.0.0/24"]}, f"{OTHER}/tcp"])["changed"]


def test_everything_else_is_closed_where_that_is_wanted(server: Server) -> None:
    server.play(default_deny=True, published=[f"{WEB}/tcp"])
    assert answers(STRANGER, V4, V6) == {V4: ({SSH, WEB}, set()), V6: ({SSH}, set())}
    inside(STRANGER, sys.executable, "-c", PING, V4)  # that IPv6 found its neighbour took ICMP, too
    assert reached(MEMBER) == SWARM | OPEN | {WEB, HIDDEN}


def test_what_others_made_stays_and_what_is_ours_goes(server: Server) -> None:
    inside(SERVER, "nft", "add table inet theirs; add chain inet theirs c { type filter hook input priority 0; }")
    inside(SERVER, "iptables-legacy", "-t", "mangle", "-A", "PREROUTING", "-p", "tcp", "--dport", "5", "-j", "DROP")
    inside(SERVER, "iptables", "-t", "mangle", "-A", "FORWARD", "-p", "tcp", "--dport", "6", "-j", "DROP")
    server.play(state="absent")
    before = server.rules().lower()
    server.play(published=["1/tcp"])
    after = server.rules().lower()
    assert "hydra" in after
    assert [line for line in before.splitlines() if line.strip() and line not in after and line[0] not in "#:"] == []
    assert server.play(state="absent")["changed"]
    assert "hydra" not in server.rules().lower()
    assert not server.play(state="absent")["changed"]
    assert list((server.folder / "SAVED").iterdir()) == []


def test_a_change_by_hand_is_put_right(server: Server) -> None:
    server.play()
    script = (
        "nft flush chain inet hydra_swarm guard"
        if server.backend == "nftables"
        else "iptables -t mangle -F HYDRA-SWARM"
    )
    inside(SERVER, "sh", "-c", f"PATH={server.folder}/commands:$PATH {script}")
    assert reached(STRANGER) >= SWARM
    assert server.play()["changed"]
    assert reached(STRANGER) & SWARM == set()


def test_what_nobody_confirms_is_taken_back(server: Server) -> None:
    server.play(manager=False)
    old = server.rules()
    token = server.play(rollback_after=2, default_deny=True)["rollback"]
    assert token and reached(STRANGER) == {SSH}
    assert waited(lambda: reached(STRANGER) == OPEN | {WEB, HIDDEN}, 6)
    assert server.rules() == old
    assert "was taken back" in server.play(state="confirmed", token=token, fails=True)["failed"]


def test_a_first_change_that_nobody_confirms_leaves_nothing(server: Server) -> None:
    assert server.play(rollback_after=1)["rollback"]
    assert waited(lambda: "hydra" not in server.rules().lower(), 6)
    assert list((server.folder / "SAVED").iterdir()) == []


def test_what_is_confirmed_stays(server: Server) -> None:
    token = server.play(rollback_after=2)["rollback"]
    server.play(state="confirmed", token=token)
    assert not waited(lambda: reached(STRANGER) & SWARM, 4)
    assert not server.play(rollback_after=2)["changed"]
    # At boot, the saved script finds nothing and loads all of it; run once more it changes nothing.
    rules, saved = server.rules(), str(server.folder / "SAVED" / "x")
    inside(SERVER, "nft", "delete table inet hydra_swarm") if server.backend == "nftables" else None
    for _time in range(2):
        inside(SERVER, "sh", "-c", f"PATH={server.folder}/commands:$PATH sh {saved}")
        assert server.rules() == rules


def test_rules_that_are_refused_in_part_leave_the_old_ones(server: Server) -> None:
    server.play(manager=False)
    old = server.rules()
    # A stand-in whose second half fails, as where IPv6 lacks what IPv4 has.
    name, real = ("nft", "/usr/sbin/nft") if server.backend == "nftables" else ("ip6tables-restore", "")
    stand_in = server.folder / "commands" / name
    kept = stand_in.readlink() if stand_in.is_symlink() else None
    stand_in.unlink(missing_ok=True)
    real = real or f"/usr/sbin/{'ip6tables-legacy-restore' if kept else 'ip6tables-restore'}"
    # In the namespace where rules are tried, nothing but lo exists, and it works.
    stand_in.write_text(
        f'#!/bin/sh\ncase " $* " in *" -f "*|*noflush*) grep -q lan /proc/net/dev && exit 3 ;; esac\nexec {real} "$@"\n'
    )
    stand_in.chmod(0o755)
    failed = server.play(fails=True, rollback_after=5)["failed"]
    stand_in.unlink()
    if kept:
        stand_in.symlink_to(kept)
    assert failed.startswith("the firewall refused a part of the rules, and is as it was")
    if server.backend == "iptables":  # nft did nothing at all, neither there nor back
        server.play(manager=False)
    assert server.rules() == old
