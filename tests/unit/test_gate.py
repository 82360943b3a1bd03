# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The gate before workspaces: whom it lets in, and what it lets through."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.student import access

KEY = "0123456789abcdef" * 4
HOST = {"x-forwarded-host": ["ada.students.example.edu"], "x-forwarded-method": ["GET"]}
QUERY = access.gate("ada", "", ["ada", "Zoë@example.edu"]).partition("?")[2]


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gate", Path(__file__).resolve().parents[2] / "stacks/core/gate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["gate"] = module
    spec.loader.exec_module(module)
    return module


gate = load()
GATE = gate.Gate(KEY.encode(), ("prof",), ("_xsrf", "username-*"))


def answer(query: str = QUERY, **headers: str) -> object:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return GATE.answer(query, {**HOST, **named})


@pytest.mark.parametrize(
    ("user", "status"),
    [
        *(("ada", 200), ("prof", 200), ("Zo\u00c3\u00ab@example.edu", 200)),
        *(("bob", 403), ("", 403), ("Ada", 403), ("ada ", 403), ("ada,prof", 403), ("ada\x00", 403)),
    ],
)
def test_who_comes_in(user: str, status: int) -> None:
    assert answer(x_forwarded_user=user).status == status  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", ["", "student=", "login=ada", "student=ada&student=bob&login=ada", "student=ada"])
def test_a_question_that_names_no_workspace_or_owner(query: str) -> None:
    assert answer(query, x_forwarded_user="ada").status == 403  # type: ignore[attr-defined]


def test_nobody_and_two_at_once() -> None:
    assert GATE.answer(QUERY, HOST).status == 403
    assert GATE.answer(QUERY, {**HOST, "x-forwarded-user": ["ada", "ada"]}).status == 403


def test_what_arrives_in_the_workspace() -> None:
    said = answer(x_forwarded_user="prof", cookie="sid=secret; _xsrf=2|a=b; username-ada-x=1; x_xsrf=3; _xsrfx=4")
    token = access.token("ada", KEY)
    assert said.headers == {"Authorization": f"token {token}", "Cookie": "_xsrf=2|a=b; username-ada-x=1"}  # type: ignore[attr-defined]
    assert answer(x_forwarded_user="ada", cookie="sid=secret").headers == {"Authorization": f"token {token}"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "https://ada.students.example.edu"}, 200),
        ({"origin": "https://ADA.students.example.edu", "sec_fetch_site": "same-origin"}, 200),
        ({"origin": "https://bob.students.example.edu"}, 403),
        ({"origin": "https://ada.students.example.edu:8080"}, 403),
        ({"origin": "https://ada.students.example.edu.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"sec_fetch_site": "none"}, 200),
        ({"sec_fetch_site": "same-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}, 200),
        ({"sec_fetch_site": "same-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate", "sec_fetch_dest": "document",
          "x_forwarded_method": "POST"}, 403),
    ],
)  # fmt: skip
def test_what_a_page_of_another_host_makes_a_browser_do(headers: dict[str, str], status: int) -> None:
    assert answer(x_forwarded_user="ada", **headers).status == status  # type: ignore[attr-defined]


def test_a_key_that_is_too_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "KEY_FILE", str(tmp_path / "key"))
    (tmp_path / "key").write_text("short\n")
    with pytest.raises(SystemExit, match="workspace_key has 5 characters; it needs 32"):
        gate.main()
