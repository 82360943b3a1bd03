# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

from ansible_collections.hydra.swarm.plugins.module_utils.drill import outcome, report

WHY = "no suitable node (insufficient resources on 1 node)"


def view(chimera: str, *services: dict[str, Any]) -> dict[str, Any]:
    """A swarm of two nodes; the first has a status and an availability as in "ready active"."""
    status, availability = chimera.split()
    node = {"status": "ready", "availability": "active", "reachability": "", "role": "worker", "platform": ""}
    return {
        "nodes": [
            {**node, "id": "n1", "name": "chimera", "status": status, "availability": availability},
            {**node, "id": "n2", "name": "cerberus"},
        ],
        "services": list(services),
    }


def service(name: str, *tasks: tuple[Any, ...]) -> dict[str, Any]:
    """Tasks are (id, slot, node's ID, state, desired state, error), the last two at will."""
    names = {"n1": "chimera", "n2": "cerberus", "": ""}
    shown = []
    for identity, slot, node, state, *more in tasks:
        desired, error = (*more, *("running", "")[len(more) :])
        task = {"id": identity, "slot": slot, "node_id": node, "node": names[node], "state": state, "desired": desired}
        shown.append({**task, "name": f"{name}.{slot or names[node]}", "error": error})
    mode = "replicated" if all(task["slot"] for task in shown) else "global"
    reserved = {"cpus": 4.0, "memory": 0, "generic_resources": {}}
    return {
        "id": name, "name": name, "tasks": shown, "mode": mode, "constraints": [], "reserved": reserved, "ports": []
    }  # fmt: skip


WEB = service("web", ("w1", 1, "n1", "running"), ("w2", 2, "n2", "running"))
BIG = service("big", ("b1", 1, "n1", "running"))
AGENT = service("agent", ("a1", 0, "n1", "running"), ("a2", 0, "n2", "running"))
BEFORE = view("ready active", WEB, BIG, AGENT)
# The task of a node that is down stays on the list, as if it ran.
WEB_MOVES = service(
    "web", ("w1", 1, "n1", "running", "shutdown"), ("w3", 1, "n2", "starting"), ("w2", 2, "n2", "running")
)
WEB_MOVED = service(
    "web", ("w1", 1, "n1", "running", "shutdown"), ("w3", 1, "n2", "running"), ("w2", 2, "n2", "running")
)
BIG_WAITS = service("big", ("b1", 1, "n1", "running", "shutdown"), ("b2", 1, "", "pending", "running", WHY))


def test_a_node_that_is_killed() -> None:
    story = outcome.Fall(BEFORE, "chimera", 100.0)
    story.look(99.0, view("down active"))  # not yet made: what is seen is no doing of it
    story.look(100.2, BEFORE)
    assert story.noticed is None and not story.settled
    story.look(103.1, view("down active", WEB, BIG, AGENT))
    assert story.noticed is not None and not story.settled
    story.look(104.0, view("down active", WEB_MOVES, BIG_WAITS, AGENT))
    assert not story.settled
    story.look(105.5, view("down active", WEB_MOVED, BIG_WAITS, AGENT))
    assert story.settled
    told = story.told()
    assert told["noticed"] == 3.1 and told["seen_as"] == "down"
    assert told["moved"] == [{"task": "web.1", "from": "chimera", "to": "cerberus", "after": 5.5}]
    assert told["all_ran_after"] == 5.5
    assert told["pending"] == [{"task": "big.1", "reason": f"{WHY}; needs 4 CPUs"}]
    assert (told["stayed"], told["stopped"]) == (["agent.chimera"], [])
    assert (told["silent"], told["order_after"]) == (0.0, None)


def test_a_manager_that_gives_no_answer() -> None:
    story = outcome.Fall(BEFORE, "chimera", 100.0)
    story.look(101.0, None)
    story.look(104.0, None)
    story.look(105.0, BEFORE)
    assert story.told()["silent"] == 4.0 and story.told()["noticed"] is None


def test_what_heals_by_itself() -> None:
    story = outcome.Fall(BEFORE, "chimera", 100.0)
    story.look(101.0, view("ready active", service("web", ("w2", 2, "n2", "running")), BIG, AGENT))
    assert not story.settled
    again = service("web", ("w9", 1, "n1", "running"), ("w2", 2, "n2", "running"))
    story.look(103.0, view("ready active", again, BIG, AGENT))
    assert story.settled and story.told()["order_after"] == 3.0
    assert story.told()["moved"] == [{"task": "web.1", "from": "chimera", "to": "chimera", "after": 3.0}]


def test_all_in_order_again() -> None:
    story = outcome.Return(BEFORE, "chimera", 200.0)
    story.look(200.5, None)
    story.look(201.0, view("down active", WEB_MOVED, BIG, AGENT))
    assert not story.settled
    assert story.told()["lacking"] == [
        "chimera is down, and was ready",
        "big runs 0 of 1 tasks",
        "agent runs 1 of 2 tasks",
    ]
    # Where a task runs is of no matter: nothing moves back by itself.
    story.look(202.5, view("ready active", WEB_MOVED, BIG, AGENT))
    assert story.settled and story.told() == {"order_after": 2.5, "lacking": []}


def test_what_is_started_anew_when_the_fault_is_undone_is_waited_for() -> None:
    story = outcome.Return(BEFORE, "chimera", 200.0, restarted=True)
    story.look(200.5, BEFORE)
    assert story.told()["lacking"] == [
        f"{name} is not yet started anew" for name in ("agent.chimera", "big.1", "web.1")
    ]
    anew = service("web", ("w8", 1, "n1", "running"), ("w2", 2, "n2", "running"))
    agents = service("agent", ("a8", 0, "n1", "running"), ("a2", 0, "n2", "running"))
    story.look(204.0, view("ready active", anew, service("big", ("b8", 1, "n1", "running")), agents))
    assert story.told() == {"order_after": 4.0, "lacking": []}


def test_a_drain_stops_what_every_node_has_its_own_of() -> None:
    story = outcome.Fall(BEFORE, "chimera", 100.0)
    story.look(101.0, view("ready drain", WEB_MOVED, BIG_WAITS, service("agent", ("a2", 0, "n2", "running"))))
    assert (story.told()["stayed"], story.told()["stopped"]) == ([], ["agent.chimera"])


def test_as_text() -> None:
    fall = outcome.Fall(BEFORE, "chimera", 100.0)
    fall.look(103.1, view("down active", WEB_MOVED, BIG_WAITS, AGENT))
    plan = {"node": "chimera", "how": "kill", "seconds": 30, "words": "chimera is killed", "told": "", "alone": False}
    ended = {"undone": 130.0, "trouble": ""}
    lost = {"inside": {"sent": 150, "lost": 4, "longest": 0.8}, "proxy": {"sent": 150, "lost": 0, "longest": 0.0}}
    back = {"order_after": 2.5, "lacking": []}
    seen = report.outcome(plan, {"at": 100.0, "note": "by hand"}, fall.told(), ended, back, lost)
    lines = [
        "chimera is killed (HOW=kill)",
        "  by hand",
        "  noticed by the swarm: after 3.1 s (down)",
        "  moved: web.1 chimera -> cerberus, running after 3.1 s",
        f"  pending: big.1 {WHY}; needs 4 CPUs",
        "  not replaced, and listed as running there: agent.chimera",
        "  all that could move ran again after 3.1 s",
        "  requests lost, inside: 4 of 150, at most 0.8 s without an answer",
        "  requests lost, proxy: 0 of 150",
        "  undone after 30 s; all as before 2.5 s later",
    ]
    assert report.many([seen]).splitlines() == lines
    several = report.many([seen, {**seen, "how": "hang<b>"}])
    assert several.splitlines()[1].startswith(
        "kill chimera     3.1 s    3.1 s          1      1        4 of 150 inside, 0 of"
    )
    assert several.splitlines()[2].endswith("2.5 s")
    page = report.page([seen, {**seen, "how": "hang<b>"}], "hydra", "2026-11-30")
    assert "<b>" not in page and "4 of 150 inside" in page and "needs 4 CPUs" in page


def test_what_does_not_come_back_is_told() -> None:
    fall = outcome.Fall(BEFORE, "chimera", 100.0)
    plan = {"node": "chimera", "how": "kill", "seconds": 30, "words": "chimera is killed", "told": "", "alone": True}
    back = {"order_after": None, "lacking": ["web runs 1 of 2 tasks"]}
    seen = report.outcome(plan, {"at": 100.0}, fall.told(), {"undone": 130.0, "trouble": "no such thing"}, back)
    said = report.told(seen)
    assert "could not be done: no such thing" in said and "not as before since: web runs 1 of 2 tasks" in said
    assert "the only manager" in said and "noticed by the swarm: not" in said
