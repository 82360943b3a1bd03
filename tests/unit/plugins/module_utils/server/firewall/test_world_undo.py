# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common import world_wait
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import HydraError, Refusal, WaitError
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import world as firewall_world
from ansible_collections.hydra.swarm.plugins.module_utils.server.firewall import world_undo

HERE = "192.0.2.1 50000 192.0.2.2 22"
AGAIN = "192.0.2.1 50001 192.0.2.2 22"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host whose rules are a file, and that has no systemd."""
    for name, path in {"RUN": "run", "SAVED": "etc/firewall", "UNITS": "units"}.items():
        monkeypatch.setattr(world_undo, name, str(tmp_path / path))
    (tmp_path / "units" / "sysinit.target.wants").mkdir(parents=True)
    monkeypatch.setattr(world_undo, "_systemd", lambda: False)
    monkeypatch.setattr(firewall_world, "ssh_connection", lambda: HERE)
    return tmp_path


def rules(host: Path) -> str:
    return (host / "rules").read_text(encoding="utf-8") if (host / "rules").exists() else ""


def load(host: Path, text: str) -> str:
    return f"echo {text} > {host}/rules\n"


def become(host: Path, text: str, after: int) -> str:
    return world_undo.change(load(host, text), f"rm -f {host}/rules\n", load(host, text), after)


def undone(host: Path) -> None:
    world_wait.until("the undoing", lambda: ((host / "run" / "undone").exists() or None, "nothing"), 5, 0.02)
    world_wait.until("the rules", lambda: ("new" not in rules(host) or None, rules(host)), 5, 0.02)


def test_without_a_time_nothing_has_to_be_confirmed(host: Path) -> None:
    assert become(host, "new", 0) == ""
    assert rules(host) == "new\n"
    assert world_undo.saved_as(load(host, "new"))
    assert not world_undo.saved_as(load(host, "other")) and not world_undo.saved_as("")


def test_what_is_confirmed_over_a_new_connection_is_saved(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = become(host, "new", 60)
    assert not world_undo.saved_as(load(host, "new"))
    monkeypatch.setattr(firewall_world, "ssh_connection", lambda: AGAIN)
    world_undo.confirm(token)
    assert world_undo.saved_as(load(host, "new"))
    with pytest.raises(HydraError, match="was taken back before anybody confirmed it"):
        world_undo.confirm(token)


def test_the_old_connection_proves_nothing(host: Path) -> None:
    token = become(host, "new", 60)
    with pytest.raises(Refusal, match=r"^this came over the connection that was open before"):
        world_undo.confirm(token)
    assert (host / "run" / "armed").exists()


def test_the_saved_rules_come_back(host: Path) -> None:
    become(host, "old", 0)
    become(host, "new", 1)
    undone(host)
    world_wait.until("the old rules", lambda: (rules(host) == "old\n" or None, rules(host)), 5, 0.02)


def test_where_nothing_was_saved_nothing_stays(host: Path) -> None:
    become(host, "new", 1)
    undone(host)
    assert rules(host) == "" and world_undo.saved_as("")


def test_the_next_change_waits_for_one_that_nobody_confirms(host: Path) -> None:
    world_undo.settle()
    become(host, "new", 1)
    world_undo.settle()
    assert not (host / "run" / "armed").exists()


def test_what_a_killed_process_left_is_cleared(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_undo, "_arm", lambda after, token: None)
    become(host, "new", 1)
    monkeypatch.setattr(world_undo, "GRACE", -0.8)
    with pytest.raises(WaitError, match="an earlier change of the firewall"):
        world_undo.settle()
    monkeypatch.setattr(world_undo, "GRACE", -9)
    world_undo.settle()
    assert not (host / "run" / "armed").exists()


def test_the_timer_of_an_earlier_change_undoes_no_later_one(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firewall_world, "ssh_connection", lambda: "")
    world_undo.confirm(become(host, "first", 1))
    become(host, "new", 60)
    deadline = time.monotonic() + 1.5
    world_wait.until("the first timer", lambda: (time.monotonic() > deadline or None, ""), 5, 0.05)
    assert rules(host) == "new\n" and (host / "run" / "armed").exists()


def test_rules_that_are_refused_leave_the_old_ones(host: Path) -> None:
    become(host, "old", 0)
    with pytest.raises(HydraError) as error:
        world_undo.change(f"{load(host, 'half')}echo bad rule >&2; exit 2", f"rm {host}/rules\n", "x", 60)
    assert str(error.value) == "the firewall refused a part of the rules, and is as it was: bad rule"
    assert rules(host) == "old\n" and not (host / "run" / "armed").exists()


def test_with_systemd_it_keeps_time_and_loads_at_boot(host: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(world_undo, "_systemd", lambda: True)
    monkeypatch.setattr(world_undo, "_run", lambda *command: ran.append(" ".join(command)))
    token = become(host, "new", 60)
    assert ran == [
        "systemd-run --quiet --collect --unit=hydra-swarm-firewall-undo --on-active=60"
        f" --timer-property=AccuracySec=100ms /bin/sh {host}/run/undo {token}"
    ]
    monkeypatch.setattr(firewall_world, "ssh_connection", lambda: AGAIN)
    del ran[:]
    world_undo.confirm(token)
    name = "hydra-swarm-firewall.service"
    steps = ["stop hydra-swarm-firewall-undo.timer", "daemon-reload", f"enable {name}", f"start {name}"]
    assert ran == [f"systemctl {step}" for step in steps]
    assert not world_undo.saved_as(load(host, "new"))  # systemctl was not really there to enable it
    (host / "units" / "sysinit.target.wants" / name).symlink_to(host / "units" / name)
    assert world_undo.saved_as(load(host, "new"))
    del ran[:]
    world_undo.save("")
    assert ran == [f"systemctl disable --now {name}", "systemctl daemon-reload"]
    assert world_undo.saved_as("")
