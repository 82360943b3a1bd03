# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.stack import names as compose_names
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import Report
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.world import Tree, contents, render

SECRET = "correct horse battery staple"
STACK = """\
services:
  web:
    image: web:${TAG}
    secrets: [token, password]
    configs: [site, motd]
configs:
  site: {file: conf/site.conf, template_driver: golang}
  motd:
    content: |
      {{ env "X" }} costs $$5, says $WHO
secrets:
  token: {environment: TOKEN}
  password: {file: password.txt}
"""


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(compose_names, "ROUNDS", 10)  # slow on purpose, but not here
    for name in ("TAG", "WHO", "TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "core.yml").write_text(STACK)
    (tmp_path / ".env").write_text("TAG=from-file\nWHO=me\n")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/site.conf").write_text("{{ site }}\n")
    (tmp_path / "password.txt").write_text(SECRET)
    return tmp_path / "core.yml"


def rendered(file: Path | str, environment: dict[str, Any] | None = None, name: str = "core") -> dict[str, Any]:
    none: dict[str, Any] = {}
    return render(name, str(file), environment or {}, swarm=none, kernel=none, storage=none, adapt="auto", attach=none)


def refused(file: Path | str, environment: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(Refusal) as error:
        rendered(file, environment)
    return [line.strip() for line in str(error.value).splitlines()]


def test_a_stack_and_its_contents(stack: Path) -> None:
    environment = {"TOKEN": SECRET}
    made = rendered(stack, environment)
    assert made["file"] == str(stack)
    assert made["images"] == ["web:from-file"]
    origins = {source["key"]: source["origin"] for source in made["sources"]}
    assert origins == {
        "site": {"path": str(stack.parent / "conf/site.conf")},
        "motd": {"inline": True},
        "token": {"environment": "TOKEN"},
        "password": {"path": str(stack.parent / "password.txt")},
    }
    names = {source["key"]: source["name"] for source in made["sources"]}
    assert contents(made["sources"], made["file"], environment) == {
        names["site"]: b"{{ site }}\n",
        names["motd"]: b'{{ env "X" }} costs $5, says me\n',
        names["token"]: SECRET.encode(),
        names["password"]: SECRET.encode(),
    }
    assert SECRET not in json.dumps(made)
    assert made["document"]["secrets"]["token"] == {"external": True, "name": names["token"]}


def test_the_inventory_goes_before_the_run_and_the_run_before_the_file(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = {"TOKEN": "t"}
    monkeypatch.setenv("TAG", "from-run")
    assert rendered(stack, token)["images"] == ["web:from-run"]
    assert rendered(stack, {**token, "TAG": True})["images"] == ["web:true"]
    assert rendered(stack, {**token, "TAG": None})["images"] == ["web:from-run"]


@pytest.mark.parametrize("what", ["password.txt", "core.yml", "TOKEN"])
def test_what_changed_in_between_is_refused(stack: Path, what: str) -> None:
    environment = {"TOKEN": SECRET}
    made = rendered(stack, environment)
    if what == "TOKEN":
        environment, place = {"TOKEN": "other"}, "12:3: secrets.token"
    elif what == "core.yml":
        stack.write_text(STACK.replace("costs", "is"))
        place = "8:3: configs.motd"
    else:
        (stack.parent / what).write_text("other")
        place = "13:3: secrets.password"
    with pytest.raises(Refusal) as error:
        contents(made["sources"], made["file"], environment)
    assert str(error.value) == (
        f"the configs and secrets of {stack} cannot be made:\n"
        f"  {stack}:{place}: the content changed while the stack was being deployed; deploy it again"
    )


def test_contents_that_vanished_are_refused(stack: Path) -> None:
    made = rendered(stack, {"TOKEN": "t"})
    (stack.parent / "conf/site.conf").unlink()
    with pytest.raises(Refusal) as error:
        contents(made["sources"], made["file"], {"TOKEN": "t"})
    assert str(error.value).endswith(f"configs.site: {stack.parent}/conf/site.conf: No such file or directory")


def test_without_sources_nothing_is_read() -> None:
    assert contents([], "/does/not/exist", {}) == {}


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reason = "No such file or directory"
    assert refused("core.yml") == [
        f"stack file {tmp_path}/core.yml: {reason} (the run was started in {tmp_path}); name the file to deploy"
    ]
    assert refused(tmp_path / "x.yml") == [f"stack file {tmp_path}/x.yml: {reason}; name the file to deploy"]
    assert refused(tmp_path) == [f"stack file {tmp_path}: Is a directory; name the file to deploy"]


def test_a_relative_file_starts_where_the_run_was_started(stack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(stack.parent)
    assert rendered("core.yml", {"TOKEN": "t"})["file"] == str(stack)
    monkeypatch.chdir(stack.parent / "conf")
    assert rendered("../core.yml", {"TOKEN": "t"})["file"] == str(stack)


def test_a_broken_env_is_told_of_with_the_rest(stack: Path) -> None:
    (stack.parent / ".env").write_text("TAG=1\nno sense\n")
    assert refused(stack, {"TOKEN": "t", "LIST": ["a"]}) == [
        "stack core cannot be deployed:",
        "variable LIST of the inventory is no plain value; write it as a text",
        f"{stack.parent}/.env:2: this is no NAME=value",
        f"{stack}:9:5: configs.motd.content: variable WHO is not set; set it in .env beside the file or in the "
        "environment, or write ${WHO:-default}",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read(stack: Path) -> None:
    stack.chmod(0)
    assert refused(stack) == [f"stack file {stack}: Permission denied; name the file to deploy"]


def loaded(text: str) -> tuple[Any, Tree, list[str]]:
    tree = Tree()
    report = Report("f", tree.places)
    return tree.load(text.encode(), report), tree, report.problems


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1.10\nb: 0440\nc: yes\nd: 22:22\ne: 2020-01-01\nf: 1e3", dict(zip("abcdef", ["1.10", "0440", "yes", "22:22", "2020-01-01", "1e3"], strict=True))),
        ("a:\nb: ~\nc: null\nd: ''\ne: 'null'", {"a": None, "b": None, "c": None, "d": "", "e": "null"}),
        ("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}", {"x": {"a": "1", "b": "2"}, "y": {"a": "1", "b": "3"}}),
        ("y: {b: 3, <<: [{a: 1, b: 1}, {a: 2, c: 2}]}", {"y": {"a": "1", "b": "3", "c": "2"}}),
        ("x: &x {<<: {a: 1}, b: 1}\ny: {<<: *x}", {"x": {"a": "1", "b": "1"}, "y": {"a": "1", "b": "1"}}),
        ("a: [&i one, *i]\n8080: b", {"a": ["one", "one"], "8080": "b"}),
        ("a: |\n  {{ x }}\n  {% y %}\nb: >-\n  c\n  d", {"a": "{{ x }}\n{% y %}\n", "b": "c d"}),
        ("\ufeffa: héllo", {"a": "héllo"}),
        ("# nothing", None),
    ],
)  # fmt: skip
def test_scalars_stay_as_they_are_written(text: str, data: Any) -> None:
    assert loaded(text)[::2] == (data, [])


def test_everything_has_its_place() -> None:
    _data, tree, _problems = loaded("x: &x\n  a: 1\ny:\n  <<: *x\n  l: [p,\n      q]\n")
    assert tree.places == {
        (): (1, 1),
        ("x",): (1, 1),
        ("x", "a"): (2, 3),
        ("y",): (3, 1),
        ("y", "a"): (2, 3),
        ("y", "l"): (5, 3),
        ("y", "l", 0): (5, 7),
        ("y", "l", 1): (6, 7),
    }


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3", ["f:3:1: a: the key is there twice, first in line 1; keep one"]),
        ("a: !reset null", ["f:1:1: a: tag !reset is not known here; take it out"]),
        ("a: {<<: [x]}", ["f:1:5: a.<<: only a mapping can be merged"]),
        ("a: {<<: x}", ["f:1:5: a.<<: only a mapping can be merged"]),
        ("? [a]\n: b", ["f:1:3: ?: a key is a word here"]),
        ("a: &a [*a]", ["f: an anchor holds itself"]),
        ("a: &a {<<: *a}", ["f:1:8: a.<<: only a mapping can be merged"]),
    ],
)
def test_yaml_that_is_no_stack(text: str, problems: list[str]) -> None:
    assert loaded(text)[2] == problems


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a:\n  - b\n c: d", "3:2"),
        ("a: [b", "2:1"),
        ("a:\n\t- b", "2:1"),
        ("a: *none", "1:4"),
        ("a: 1\n---\nb: 2", "2:1"),
    ],
)
def test_broken_yaml_has_line_and_column(text: str, place: str) -> None:
    data, _tree, problems = loaded(text + "\n")
    assert data is None
    assert len(problems) == 1 and problems[0].startswith(f"f:{place}: ")


def test_what_is_no_text_is_one_problem() -> None:
    tree = Tree()
    report = Report("f", tree.places)
    assert tree.load(b"a: \xff\xfe", report) is None
    assert len(report.problems) == 1


def test_anchors_in_anchors_make_no_endless_file() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    assert loaded("\n".join(lines))[2] == ["f: it is too large"]
