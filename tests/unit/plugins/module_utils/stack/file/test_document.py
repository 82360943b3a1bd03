# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file import document as compose
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.document import finish, parse
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.report import Report
from ansible_collections.hydra.swarm.plugins.module_utils.stack.file.service import Around

WEB = {"image": "web:1"}


def around(**variables: str) -> Around:
    return Around("/s", variables, lambda path: path.encode())


def parsed(data: Any, name: str = "core", attached: Any = None, **variables: str) -> tuple[dict[str, Any], Report]:
    report = Report("core.yml")
    document, _sources = parse(name, data, report, around(**variables), attached)
    return document, report


def test_a_document_has_every_section() -> None:
    document, report = parsed({"services": {"web": WEB}, "x-own": {"a": "$NO"}})
    assert (report.problems, report.notes) == ([], [])
    assert document == {
        "version": "3.9",
        "services": {"web": {"image": "web:1", "networks": {"default": {}}, "deploy": {}}},
        "networks": {},
        "volumes": {},
        "configs": {},
        "secrets": {},
    }


@pytest.mark.parametrize("version", [None, "3", "3.0", "3.8", "3.13"])
def test_versions_of_swarm(version: str | None) -> None:
    document, report = parsed({"version": version, "services": {"web": WEB}})
    assert (report.problems, document["version"]) == ([], "3.9")


def test_a_version_is_as_new_as_its_keys_need() -> None:
    assert parsed({"services": {"web": {**WEB, "healthcheck": {"start_interval": "1s"}}}})[0]["version"] == "3.12"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (
            {"version": "2.4", "services": {"web": WEB}},
            "version: version '2.4' is not for Swarm; write version: \"3.9\", or leave it out, and move limits and restart rules below deploy",
        ),
        (None, "the file is nothing, not a mapping with services"),
        (["a"], "the file is a list, not a mapping with services"),
        ({"version": "3"}, "there are no services; a stack needs at least one"),
        ({"services": None}, "services: there are no services; a stack needs at least one"),
        ({"services": ["web"]}, "services: this is a list, not a mapping of names"),
        ({"services": {"web": None}}, "services.web: this is nothing, not a mapping with an image"),
        ({"services": {"web": WEB}, "volume": {}}, "volume: unknown key; did you mean volumes?"),
        ({"services": {"web": WEB}, "networks": ["a"]}, "networks: this is a list, not a mapping of names"),
        (
            {"services": {"web": WEB}, "include": ["a"]},
            "include: is not for Swarm; deploy each file as a stack of its own, or make them one",
        ),
        (
            {"services": {"web": WEB}, "volumes": {"a b": None}},
            "volumes.a b: a key here has letters, digits, '.', '-' and '_' alone",
        ),
        (
            {"services": {"web": {**WEB, "networks": ["frnt"]}}, "networks": {"front": None}},
            "services.web.networks.frnt: network 'frnt' is not defined; did you mean front?",
        ),
        (
            {"services": {"web": {**WEB, "volumes": ["data:/d", "/e", "/f:/f"]}}},
            "services.web.volumes[0]: volume 'data' is not defined; add it below volumes:",
        ),
        (
            {"services": {"web": {**WEB, "secrets": ["pw"]}}},
            "services.web.secrets[0]: secret 'pw' is not defined; add it below secrets:",
        ),
        (
            {"services": {"web": {"image": "${TAG}"}}},
            "services.web.image: variable TAG is not set; set it in .env beside the file or in the environment, or write ${TAG:-default}",
        ),
        (
            {"services": {"web": {"build": "."}}},
            "services.web: image is missing, and Swarm builds none: docker build -t NAME ., then image: NAME",
        ),
        (
            {"services": {"web.1": WEB}},
            "services.web.1: service name 'web.1': a swarm takes letters, digits, and '-' and '_' between them; choose another",
        ),
    ],
)
def test_what_is_wrong_is_reported(data: Any, problem: str) -> None:
    assert parsed(data)[1].problems == [f"core.yml:1:1: {problem}"]


def test_a_bad_stack_name_is_reported_with_the_rest() -> None:
    assert len(parsed({"services": {"web": {"imag": "x"}}}, name="a b")[1].problems) == 3


def test_unset_variables_of_what_is_ignored_do_not_matter() -> None:
    document, report = parsed({"services": {"web": {"image": "w:$T", "build": {"args": {"A": "$NO"}}}}}, T="2")
    assert report.problems == []
    assert document["services"]["web"]["image"] == "w:2"


def test_another_name_in_the_file_is_noted() -> None:
    assert parsed({"name": "shop", "services": {"web": WEB}})[1].notes == [
        "the stack is called core; the name shop in the file is not used"
    ]
    assert parsed({"name": "core", "services": {"web": WEB}})[1].notes == []


def test_services_are_put_on_networks_besides_their_own() -> None:
    data = {
        "services": {"web": WEB, "proxy": {**WEB, "networks": ["front"]}},
        "networks": {"front": None, "pool_1": {"internal": "true"}, "known": {"external": "true", "name": "pool_2"}},
    }
    document, report = parsed(data, attached={"proxy": ["pool_1", "pool_2", "pool_3"], "web": ["pool_3"]})
    assert report.problems == []
    assert document["services"]["proxy"]["networks"] == {"front": {}, "attached-pool_1": {}, "known": {}, "pool_3": {}}
    assert document["services"]["web"]["networks"] == {"default": {}, "pool_3": {}}
    assert document["networks"] == {
        "front": {},
        "pool_1": {"internal": True},
        "known": {"external": True, "name": "pool_2"},
        "attached-pool_1": {"external": True, "name": "pool_1"},
        "pool_3": {"external": True, "name": "pool_3"},
    }


def test_networks_are_attached_to_services_of_the_file_alone() -> None:
    assert parsed({"services": {"proxy": WEB}}, attached={"prox": ["a"]})[1].problems == [
        "networks are to be attached to service prox, which is not in the file; did you mean proxy?"
    ]


def test_sources_are_sorted_and_contents_are_in_nothing() -> None:
    report = Report("core.yml")
    data = {
        "services": {"web": WEB},
        "secrets": {"b": {"file": "b"}, "a": {"file": "a"}},
        "configs": {"c": {"content": "see $V"}},
    }
    document, sources = parse("core", data, report, around(V="visible"))
    assert [(source["kind"], source["key"]) for source in sources] == [
        ("config", "c"),
        ("secret", "a"),
        ("secret", "b"),
    ]
    assert document["configs"] == {"c": {"external": True, "name": sources[0]["name"]}}
    assert "visible" not in str((document, sources))


def finished(report: Report, **others: Any) -> dict[str, Any]:
    document = {"version": "3.9", "services": {"b": {"image": "z"}, "a": {"image": "y"}, "c": {"image": "z"}}}
    known: dict[str, Any] = {"swarm": {}, "kernel": {}, "storage": {}, "mode": "auto", **others}
    return finish("core", document, [], report, **known)


def test_a_finished_stack() -> None:
    report = Report("core.yml")
    report.note("n")
    stack = finished(report)
    assert (stack["name"], stack["images"], stack["notes"], stack["sources"]) == ("core", ["y", "z"], ["n"], [])


def test_problems_of_the_file_come_first_and_all_at_once() -> None:
    report = Report("core.yml")
    report.problem(("a",), "one")
    report.problem(("b",), "two")
    with pytest.raises(Refusal) as error:
        finished(report, swarm={"nodes": []})
    assert str(error.value) == "stack core cannot be deployed:\n  core.yml:1:1: a: one\n  core.yml:1:1: b: two"


class Adapting:
    """In the place of the two modules that know kernels and swarms."""

    def __init__(self, found: list[str]):
        self.found = found
        self.asked: list[Any] = []

    def adapt(self, document: Any, features: Any, nodes: Any, storage: Any, mode: str) -> Any:
        self.asked.append((features, nodes, storage, mode))

        class Adapted:
            lines, problems = ["adapted"], [f"kernel: {one}" for one in self.found]

        Adapted.document = {**document, "adapted": True}  # type: ignore[attr-defined]
        return Adapted

    def problems(self, name: str, document: Any, swarm: Any) -> list[str]:
        assert name == "core" and swarm
        return [f"swarm: {one} {document.get('adapted', False)}" for one in self.found]


@pytest.mark.parametrize(
    ("others", "asked", "notes"),
    [
        ({}, [], []),
        ({"mode": "never"}, [], []),
        (
            {"kernel": {"ipvs": False}, "storage": {"path": "/e"}},
            [({"ipvs": False}, [], {"path": "/e"}, "auto")],
            ["adapted"],
        ),
        ({"mode": "always", "swarm": {"nodes": [{"name": "n"}]}}, [({}, [{"name": "n"}], {}, "always")], ["adapted"]),
    ],
)
def test_it_is_adapted_to_what_is_known(
    monkeypatch: pytest.MonkeyPatch, others: dict[str, Any], asked: list[Any], notes: list[str]
) -> None:
    double = Adapting([])
    monkeypatch.setattr(compose, "adapt", double)
    monkeypatch.setattr(compose, "checks", double)
    stack = finished(Report(), **others)
    assert (double.asked, stack["notes"], stack["document"].get("adapted", False)) == (asked, notes, bool(asked))


def test_what_kernel_and_swarm_cannot_is_one_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    double = Adapting(["no"])
    monkeypatch.setattr(compose, "adapt", double)
    monkeypatch.setattr(compose, "checks", double)
    with pytest.raises(Refusal) as error:
        finished(Report("core.yml"), kernel={"ipvs": False}, swarm={"nodes": []})
    assert str(error.value) == "stack core (core.yml) cannot be deployed:\n  kernel: no\n  swarm: no True"
