# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One service brought to another image, and back when that does not become healthy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...common import world_wait
from ...common.change import Change
from ...common.errors import EngineError, HydraError, Refusal
from ...engine import world_swarm
from ...engine.world import Engine
from ...image import registries, world_registries
from . import image as service_image
from . import room
from .health import Verdict
from .world import Watch

UPDATE = 20  # seconds in which an update is tried anew because somebody else changed the service in between
Entry = Mapping[str, Any]


class Update:
    """The steps of one update; nothing is touched before C(apply)."""

    def __init__(self, engine: Engine, params: Mapping[str, Any]):
        self.engine, self.params = engine, params
        known = world_registries.known(params["registries"], params["registry_auth"])
        self.registry = registries.of_image(params["image"], known)
        service_image.check(params["image"], params["image_id"] or "")
        self.entry = service_image.find(engine.get("/services"), params["service"])
        self.name, self.id = str(self.entry["Spec"]["Name"]), str(self.entry["ID"])
        self.said: list[str] = []
        self.force = False
        self.reference = params["image_id"] or self._resolved()
        self.watch = Watch(engine, [self.id], params["stable"])
        self.watch.remember()
        self.state: str = (self.entry.get("UpdateStatus") or {}).get("State") or ""
        self.change = self._planned()
        if self.change.changed and (self.entry["Spec"].get("UpdateConfig") or {}).get("Order") == room.ORDER:
            self._find_room()

    def _find_room(self) -> None:
        """Refuse an update that would wait for what the service itself holds."""
        swarm = world_swarm.read(self.engine)
        seen = next(service for service in swarm["services"] if service["id"] == self.id)
        if found := room.problem(room.service_of_view(seen), room.ORDER, swarm):
            raise Refusal(f"nothing was touched: {found}")

    def _resolved(self) -> str:
        """What a registry says the name stands for; without an answer the tasks are made anew, whatever they find.

        One that the inventory lists has to answer.
        """
        image: str = self.params["image"]
        try:
            answer = world_registries.describe(self.engine, image, self.registry)
        except EngineError as error:
            if self.registry:
                raise Refusal(f"nothing was touched: {registries.refusal(image, self.registry, str(error))}") from error
            self.said.append(
                f"no registry tells which image {image} stands for ({error}); every node takes what it has or can pull"
            )
            self.force = True
            return image
        return service_image.resolved(image, answer["Descriptor"]["digest"])

    def _planned(self) -> Change:
        before = service_image.title(self.entry["Spec"])
        after = service_image.title(service_image.respec(self.entry["Spec"], self.params["image"], self.reference))
        if before == after and self.force:
            after["tasks"] = "made anew"
        if before == after and self.state in service_image.STOPPED:
            before["last_update"], after["last_update"] = self.state, "made anew"
        return Change({"service": self.name, **before}, {"service": self.name, **after})

    def apply(self) -> dict[str, Any] | None:
        if self.state in service_image.STOPPED and service_image.image_of(self.entry["Spec"]) == self.reference:
            # What this image replaced is what the service is to return to, so it has to be the spec before once more.
            self._roll_back()
            self._settle(fresh=False)

        def respec(spec: Entry) -> dict[str, Any]:
            return service_image.respec(spec, self.params["image"], self.reference, self.force)

        self._post(respec)
        return None

    def finished(self, result: dict[str, Any], rehearsal: bool) -> dict[str, Any]:
        """The result, once every task runs the image; C(msg) is in it when they do not."""
        if rehearsal:
            verdict = self.watch.look()[self.name]
        else:
            verdict = self._settle(fresh=result["changed"])
            if verdict.state == "failed":
                result["msg"] = self._undone(verdict)
                verdict = self.watch.look()[self.name]
        result["services"] = self.watch.report({self.name: verdict})
        result["said"] = self.said
        return result

    def _undone(self, verdict: Verdict) -> str:
        """Roll back, and say what went wrong, with what the new tasks wrote before they went."""
        lines = [f"service {self.name} did not become healthy with {self.params['image']}"]
        lines += self.watch.explained({self.name: verdict})
        if not self.params["rollback"]:
            return "\n".join([*lines, "It was left as it is (rollback: false)."])
        entry = self._read()
        status = (entry.get("UpdateStatus") or {}).get("State") or ""
        # Swarm forgets the version before when it rolls back by itself.
        by_itself = status in ("rollback_started", "rollback_completed")
        before, now = entry.get("PreviousSpec"), service_image.image_of(entry["Spec"])
        same = not self.change.changed and before and service_image.image_of(before) == now
        if not by_itself and (not before or same):
            return "\n".join([*lines, "There is no version before to return to."])
        try:
            if not by_itself:
                self._roll_back()
            back = self._settle(fresh=False)
        except HydraError as error:
            return "\n".join([*lines, f"Rolling back failed: {error}"])
        old = service_image.title(self._read()["Spec"])
        was = f"{old['image']} ({old['image_id'][7:19]})" if "image_id" in old else old["image"]
        if back.state == "converged":
            return "\n".join([*lines, f"It was rolled back: {was} serves again, {back.running} of {back.desired}."])
        return "\n".join([*lines, f"It was rolled back to {was}, which does not converge either: {back.words}"])

    def _settle(self, fresh: bool) -> Verdict:
        self.watch.begin([self.id], {self.id} if fresh else ())
        return self.watch.settle(self.params["timeout"])[self.name]

    def _roll_back(self) -> None:
        # What has failed until now says nothing of the version before.
        self.watch.remember()
        self._post(dict, rollback="previous")

    def _read(self) -> Entry:
        return self.engine.get(f"/services/{self.id}")

    def _post(self, respec: Any, **query: str) -> None:
        def attempt() -> tuple[bool | None, str]:
            entry = self._read()
            try:
                # Without a login the service keeps the one it has.
                with self.engine.logged_in(registries.login(self.registry)):
                    self.engine.post(
                        f"/services/{self.id}/update", respec(entry["Spec"]), version=entry["Version"]["Index"], **query
                    )
            except EngineError as error:
                if "update out of sequence" not in str(error):
                    raise EngineError(f"service {self.name}: {error}", error.status) from error
                return None, str(error)
            return True, ""

        world_wait.until(f"the update of service {self.name}, which others keep changing", attempt, UPDATE)
