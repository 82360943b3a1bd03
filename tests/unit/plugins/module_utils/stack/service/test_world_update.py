# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.hydra.swarm.plugins.module_utils.common.errors import EngineError, Refusal
from ansible_collections.hydra.swarm.plugins.module_utils.engine.world import Engine
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service import world as service_world
from ansible_collections.hydra.swarm.plugins.module_utils.stack.service.world_update import Update

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64
CHECK = {"Test": ["CMD", "true"]}


class Manager(Engine):
    """A service with one task; a task of an image in C(broken) fails, and Swarm pauses the update, or rolls back."""

    def __init__(self, image: str = OLD, broken: str = "", by_itself: bool = False, state: str = ""):
        super().__init__()
        labels = {"hydra.swarm.image": "web:1", "hydra.swarm.digest": "d"}
        self.spec = self._spec(image) | {"Labels": labels}
        self.previous: dict[str, Any] | None = self._spec(OLD) | {"Labels": labels} if image != OLD else None
        self.broken, self.by_itself, self.state = broken, by_itself, state
        self.history: list[str] = []
        self.registry: Any = EngineError("docker GET /distribution/web:1/json: no such host")

    def _spec(self, image: str) -> dict[str, Any]:
        return {
            "Name": "core_web",
            "TaskTemplate": {"ContainerSpec": {"Image": image, "Healthcheck": CHECK}},
            "Mode": {"Replicated": {"Replicas": 1}},
        }

    @property
    def image(self) -> str:
        return str(self.spec["TaskTemplate"]["ContainerSpec"]["Image"])

    def _request(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        if path.startswith("/distribution"):
            if isinstance(self.registry, Exception):
                raise self.registry
            return {"Descriptor": {"digest": self.registry}}
        if method == "POST":
            self._update(body, query)
            return None
        entry = {"ID": "s1", "Version": {"Index": 7}, "UpdatedAt": "2026-01-01T10:00:00Z", "Spec": self.spec}
        entry |= {"PreviousSpec": self.previous, "UpdateStatus": {"State": self.state}}
        answers = {
            "/info": {"Swarm": {"NodeID": "n1"}},
            "/nodes": [
                {
                    "ID": "n1",
                    "Version": {"Index": 1},
                    "Spec": {"Availability": "active", "Role": "manager"},
                    "Description": {"Hostname": "hydra"},
                    "Status": {"State": "ready"},
                }
            ],
            "/services": [entry],
            "/services/s1": entry,
            "/tasks": [*self._fallen(), self._task("t2", self.spec, "running", "running")],
        }
        return answers[path]

    def _update(self, body: Any, query: dict[str, Any]) -> None:
        assert query["version"] == 7
        if query.get("rollback") == "previous":
            assert self.previous
            self.spec, self.previous, self.state = self.previous, self.spec, "rollback_completed"
        else:
            self.spec, self.previous, self.state = body, self.spec, "completed"
            if self.image == self.broken and self.by_itself:
                self.spec, self.previous, self.state = self.previous, None, "rollback_completed"
            elif self.image == self.broken:
                self.state = "paused"
        self.history.append(f"{self.image[7:8] if self.image.startswith('sha256') else self.image} {self.state}")

    def _fallen(self) -> list[Any]:
        return [self._task("t1", self._spec(self.broken), "failed", "shutdown")] if self.broken else []

    def _task(self, identity: str, spec: Any, state: str, desired: str) -> dict[str, Any]:
        return {
            "ID": identity,
            "CreatedAt": "2026-01-01T10:00:00Z",
            "UpdatedAt": "2026-01-01T10:00:00Z",
            "ServiceID": "s1",
            "Slot": 1,
            "NodeID": "n1",
            "Spec": spec["TaskTemplate"],
            "Status": {"State": state, "Err": "boom" if state == "failed" else ""},
            "DesiredState": desired,
        }

    def stream(self, path: str, most: int, seconds: float, **query: str) -> bytes:
        return b""


def options(**given: Any) -> dict[str, Any]:
    common = {"service": "core_web", "image": "web:1", "image_id": NEW, "rollback": True, "timeout": 5, "stable": 5}
    return {**common, "registries": [], "registry_auth": False, **given}


def updated(engine: Manager, **given: Any) -> tuple[dict[str, Any], Update]:
    update = Update(engine, options(**given))
    # Its failure is known before, as the manager of this test has no time of its own.
    update.watch.old = frozenset()
    changed = update.change.changed
    if changed:
        update.apply()
        update.watch.old = frozenset()
    return update.finished({"changed": changed}, False), update


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_world, "INTERVAL", 0.001)


def test_an_update_that_would_wait_for_what_the_service_holds_is_refused() -> None:
    engine = Manager()
    gpu = {"GenericResources": [{"DiscreteResourceSpec": {"Kind": "NVIDIA-GPU", "Value": 1}}]}
    engine.spec["TaskTemplate"]["Resources"] = {"Reservations": gpu}
    engine.spec["UpdateConfig"] = {"Order": "start-first"}
    with pytest.raises(
        Refusal, match=r"^nothing was touched: core_web: order start-first .* would never converge: make it"
    ):
        Update(engine, options())
    assert engine.history == []
    Update(engine, options(image_id=OLD))
    engine.spec["UpdateConfig"] = {"Order": "stop-first"}
    Update(engine, options())


def test_update() -> None:
    engine = Manager()
    result, update = updated(engine)
    assert engine.history == ["b completed"]
    assert update.change.diff() == {
        "before": {"service": "core_web", "image": "web:1", "image_id": OLD},
        "after": {"service": "core_web", "image": "web:1", "image_id": NEW},
    }
    assert "msg" not in result
    assert [(one["state"], one["image_id"]) for one in result["services"]] == [("converged", NEW)]


def test_what_runs_already_is_left_alone() -> None:
    engine = Manager(image=NEW)
    result, _update = updated(engine)
    assert (engine.history, result["changed"], "msg" in result) == ([], False, False)


def test_rolling_back() -> None:
    engine = Manager(broken=NEW)
    result, _update = updated(engine)
    assert engine.history == ["b paused", "a rollback_completed"]
    assert result["msg"] == (
        "service core_web did not become healthy with web:1\n"
        "core_web: 1 of 1 running; the update stopped: core_web.1 failed on hydra: boom\n"
        "It was rolled back: web:1 (aaaaaaaaaaaa) serves again, 1 of 1."
    )


def test_a_rollback_by_swarm_itself_is_not_repeated() -> None:
    engine = Manager(broken=NEW, by_itself=True)
    result, _update = updated(engine)
    assert engine.history == ["a rollback_completed"]
    assert result["msg"] == (
        "service core_web did not become healthy with web:1\n"
        "core_web: 1 of 1 running; the update was rolled back by Swarm: core_web.1 failed on hydra: boom\n"
        "It was rolled back: web:1 (aaaaaaaaaaaa) serves again, 1 of 1."
    )


def test_not_rolling_back() -> None:
    engine = Manager(broken=NEW)
    result, _update = updated(engine, rollback=False)
    assert engine.history == ["b paused"]
    assert result["msg"].endswith("boom\nIt was left as it is (rollback: false).")


def test_an_update_that_stopped_is_made_anew_and_keeps_the_version_before() -> None:
    engine = Manager(image=NEW, state="paused")
    result, update = updated(engine)
    assert engine.history == ["a rollback_completed", "b completed"]
    assert update.change.after["last_update"] == "made anew"
    assert engine.previous and engine.previous["TaskTemplate"]["ContainerSpec"]["Image"] == OLD
    assert "msg" not in result


def test_an_image_of_a_registry() -> None:
    engine = Manager()
    engine.registry = "sha256:cd"
    result, _update = updated(engine, image_id=None)
    assert engine.history == ["web:1@sha256:cd completed"]
    assert (result["said"], result["services"][0]["image"]) == ([], "web:1")
    assert updated(engine, image_id=None)[0]["changed"] is False


def test_where_no_registry_answers_the_tasks_are_made_anew() -> None:
    engine = Manager(image="web:1")
    engine.spec["Labels"] = {}
    result, update = updated(engine, image_id=None)
    assert engine.history == ["web:1 completed"]
    assert engine.spec["TaskTemplate"]["ForceUpdate"] == 1
    assert update.change.after == {"service": "core_web", "image": "web:1", "tasks": "made anew"}
    assert result["said"] == [
        "no registry tells which image web:1 stands for (docker GET /distribution/web:1/json: no such host); every "
        "node takes what it has or can pull"
    ]


def test_a_registry_that_is_known_has_to_answer() -> None:
    engine, image = Manager(), "r.example.edu/web:1"
    engine.registry = EngineError(f"docker GET /distribution/{image}/json: unauthorized: authentication required")
    ours = {"host": "r.example.edu", "username": "hydra", "password": "s3cret"}
    with pytest.raises(Refusal) as caught:
        updated(engine, image=image, image_id=None, registries=[ours])
    assert str(caught.value) == (
        "nothing was touched: registry r.example.edu does not let user hydra in, or not to r.example.edu/web:1: check "
        "username and password of r.example.edu in swarm_registries, and that user's rights there"
    )
    assert engine.history == []


def test_a_service_is_given_the_login_for_its_registry() -> None:
    engine, seen = Manager(), []
    engine.registry = "sha256:cd"
    request = engine._request

    def remember(method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        seen.append((method, path.partition("?")[0], bool(engine._login)))
        return request(method, path, query, body)

    engine._request = remember  # type: ignore[method-assign]
    ours = {"host": "r.example.edu", "username": "hydra", "password": "s3cret"}
    updated(engine, image="r.example.edu/web:1", image_id=None, registries=[ours])
    assert [one[:2] for one in seen if one[2]] == [
        ("GET", "/distribution/r.example.edu/web:1/json"),
        ("POST", "/services/s1/update"),
    ]
