# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was seen while a node failed and came back, as one piece of data and as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..common.text import table
from . import requests

Told = Mapping[str, Any]
HEADER = ("FAULT", "NOTICED", "ALL RAN AGAIN", "MOVED", "PENDING", "LOST", "IN ORDER AGAIN")
STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2em auto;max-width:70em;padding:0 1em}table{border-collapse:collapse}"
    "th,td{text-align:left;padding:.2em 1em .2em 0;border-bottom:1px solid #ccc}pre{white-space:pre-wrap}"
)


def outcome(plan: Told, made: Told, fall: Told, ended: Told, back: Told, asked: Told | None = None) -> dict[str, Any]:
    """C(plan) of faults.plan; what the modules returned when the fault was made, watched, ended, watched again.

    C(asked): what a client lost meanwhile.
    """
    notes = [plan["told"], made.get("note", "")]
    if plan["alone"]:
        notes.append("It is the only manager: nobody could be asked, or move anything, while it was away.")
    return {
        **{key: plan[key] for key in ("node", "how", "seconds", "words")},
        "notes": [note for note in notes if note],
        "trouble": ended.get("trouble", ""),
        "lasted": round(ended["undone"] - made["at"], 1) if ended.get("undone") else None,
        **{key: value for key, value in fall.items() if key != "order_after"},
        # Without anybody's help, counted from the fault; or since that was undone.
        "healed_after": fall["order_after"],
        "order_after": None if fall["order_after"] is not None else back["order_after"],
        "lacking": back["lacking"],
        "requests": dict(asked or {}),
    }


def told(seen: Told) -> str:
    return "\n".join(_lines(seen))


def _lines(seen: Told) -> Iterator[str]:
    yield f"{seen['words']} (HOW={seen['how']})"
    yield from (f"  {note}" for note in seen["notes"])
    if seen["trouble"]:
        yield f"  This could not be done: {seen['trouble']}"
    yield f"  noticed by the swarm: {_noticed(seen)}"
    if seen["silent"]:
        yield f"  no answer from the manager for {seen['silent']:g} s"
    for task in seen["moved"]:
        moved = f"moved: {task['task']} {task['from']} -> {task['to']}"
        again = f"started again there: {task['task']}"
        yield f"  {again if task['to'] == task['from'] else moved}, running after {task['after']:g} s"
    yield from (f"  pending: {task['task']} {task['reason']}" for task in seen["pending"])
    if seen["stayed"]:
        yield f"  not replaced, and listed as running there: {', '.join(seen['stayed'])}"
    if seen["stopped"]:
        yield f"  stopped, and not replaced elsewhere: {', '.join(seen['stopped'])}"
    if seen["moved"]:
        yield f"  all that could move ran again after {seen['all_ran_after']:g} s"
    yield from (f"  {line}" for line in requests.told(seen["requests"]))
    yield f"  {_order(seen)}"


def _noticed(seen: Told) -> str:
    return "not" if seen["noticed"] is None else f"after {seen['noticed']:g} s ({seen['seen_as']})"


def _order(seen: Told) -> str:
    if seen["healed_after"] is not None:
        return f"all as before, by itself, {seen['healed_after']:g} s after it began"
    if seen["order_after"] is not None:
        return f"undone after {seen['lasted']:g} s; all as before {seen['order_after']:g} s later"
    return f"undone after {seen['lasted']:g} s; not as before since: {'; '.join(seen['lacking'])}"


def many(drills: list[Told]) -> str:
    """A table of several, and each of them; one alone needs no table."""
    rows = [table(HEADER, *(_row(seen) for seen in drills))] if drills[1:] else []
    return "\n\n".join([*rows, *map(told, drills)])


def page(drills: list[Told], cluster: str, when: str) -> str:
    """The same as a page, which needs nothing but a browser."""
    head = "".join(f"<th>{_html(cell.capitalize())}" for cell in HEADER)
    rows = "\n".join(f"<tr>{''.join(f'<td>{_html(cell)}' for cell in _row(seen))}" for seen in drills)
    each = "\n".join(f"<h2>{_html(seen['how'])}</h2>\n<pre>{_html(told(seen))}</pre>" for seen in drills)
    title = f"Failures rehearsed on {_html(cluster)}, {_html(when)}"
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n<style>{STYLE}</style>\n'
        f"<h1>{title}</h1>\n<table>\n<tr>{head}\n{rows}\n</table>\n{each}\n</html>\n"
    )


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _row(seen: Told) -> tuple[str, ...]:
    after = seen["healed_after"] if seen["healed_after"] is not None else seen["order_after"]
    return (
        f"{seen['how']} {seen['node']}",
        "no" if seen["noticed"] is None else f"{seen['noticed']:g} s",
        f"{seen['all_ran_after']:g} s" if seen["moved"] else "-",
        str(len(seen["moved"])),
        str(len(seen["pending"])),
        ", ".join(f"{one['lost']} of {one['sent']} {name}" for name, one in seen["requests"].items()) or "-",
        "no" if after is None else f"{after:g} s" + (" by itself" if seen["healed_after"] is not None else ""),
    )
