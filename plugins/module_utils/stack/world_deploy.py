# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One deploy of a stack from plan to report: the order of things, and what is said of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from ..common.errors import EngineError, Refusal
from ..common.text import unrevealing
from ..engine import world_swarm
from ..engine.world import Engine
from ..image import world_registries
from . import world
from .demand import service_of
from .plan import Plan, plan, unused
from .render import escaped, rendered
from .service import room
from .service.report import failure
from .service.world import Watch

REMEDY = "What is under way goes on without this run. Once the cause is mended, deploy again."


class Deploy:
    """The steps of state present; nothing is touched before C(apply)."""

    def __init__(self, engine: Engine, params: Mapping[str, Any]):
        self.engine, self.params, self.name = engine, params, str(params["name"])
        self.document, self.images = params["document"], params["images"]
        self.said: list[str] = []
        live = world.read(engine)
        self.before = live.stack(self.name)
        self.plan: Plan = plan(self.name, self.document, params, live)
        self.watch = Watch(engine, [entry["ID"] for entry in self.before.values()], params["stable"])
        self.fresh: set[str] = set()
        self.registries = world_registries.known(params["registries"], params["registry_auth"])

    def planned(self, rehearsal: bool) -> dict[str, Any]:
        """What will be done; the command line checks the whole document first, so that a mistake touches nothing."""
        if self.plan.change.changed:
            self._find_room()
            self._find_images()
            with self._unrevealing():
                self.said += world.validate(self.params["socket"], self._text(list(self.document["services"])))
            lacking = [one["name"] for one in self.plan.create if one["name"] not in self.params["files"]]
            if lacking and not rehearsal:
                raise Refusal(
                    f"stack {self.name}: no content came with {', '.join(lacking)}; give the option file, beside which "
                    "it is read"
                )
        return {"actions": self.plan.actions}

    def _find_room(self) -> None:
        """Refuse an update that would wait for what the service itself holds."""
        services = self.document["services"]
        updated = [key for key in self.plan.deploy if f"{self.name}_{key}" in self.before]
        updated = [key for key in updated if room.order(services[key]) == room.ORDER]
        if not updated:
            return
        swarm = world_swarm.read(self.engine)
        found = [room.problem(service_of(key, services[key]), room.ORDER, swarm) for key in updated]
        if any(found):
            raise Refusal("\n  ".join([f"stack {self.name} cannot be deployed:", *filter(None, found)]))

    def _find_images(self) -> None:
        """Refuse what a registry that is known does not hand out, before tasks find that out."""
        services = self.document["services"]
        named = [services[key]["image"] for key in self.plan.deploy if services[key]["image"] not in self.images]
        found = world_registries.problems(self.engine, named, self.registries)
        if found:
            raise Refusal("\n- ".join([f"Nothing was touched: stack {self.name} cannot be deployed.", *found]))

    def settled(self) -> dict[str, Any] | None:
        """The services, where nothing differs and each has converged; None where there is more to do than to look."""
        if self.plan.change.changed:
            return None
        self.watch.begin([entry["ID"] for entry in self.before.values()], self.fresh, forget=True)
        verdicts = self.watch.look()
        if any(verdict.state != "converged" for verdict in verdicts.values()):
            return None
        return {"services": self.watch.report(verdicts)}

    def apply(self) -> None:
        """Everything that was planned, in the order in which one thing needs the other."""
        self.watch.remember()
        for source in self.plan.create:
            world.create(self.engine, self.name, self.params["owner"], source, self.params["files"][source["name"]])
        for entry in self.plan.relabel:
            world.forget_image(self.engine, entry)
        if self.plan.deploy:
            options = ["--resolve-image", self._resolve(), *self._auth()]
            text = self._text(self.plan.deploy)
            with self._unrevealing(), world_registries.login_file(self.registries) as logins:
                lines = world.deploy(self.params["socket"], self.name, text, options, logins)
            self.said += [line for line in lines if line not in self.said]
        for entry in self.plan.remove:
            world.remove(self.engine, "services", entry)
        wanted = {f"{self.name}_{key}" for key in self.plan.deploy}
        self.fresh = {entry["ID"] for full, entry in self._now().items() if full in wanted}

    def finished(self, result: dict[str, Any], rehearsal: bool) -> dict[str, Any]:
        """The result, once the services have converged; C(msg) is in it when they did not."""
        removed = {entry["ID"] for entry in self.plan.remove}
        ids = [entry["ID"] for entry in self._now().values() if entry["ID"] not in removed]
        self.watch.begin(ids, self.fresh, removed, forget=not result["changed"])
        if self.params["wait"] and not rehearsal:
            verdicts = self.watch.settle(self.params["timeout"])
            if result["changed"]:
                self._tidy()
        else:
            verdicts = self.watch.look()
        result["services"] = self.watch.report(verdicts)
        result["said"] = self.said
        failed = [name for name, verdict in verdicts.items() if verdict.state == "failed"]
        if failed and self.params["wait"] and not rehearsal:
            words = [failure(self.name, verdicts), *self.watch.explained(verdicts), REMEDY]
            result["msg"] = "\n".join(words)
        return result

    @contextlib.contextmanager
    def _unrevealing(self) -> Iterator[None]:
        """Whoever quotes what it was given quotes its secrets, too."""
        try:
            yield
        except EngineError as error:
            raise EngineError(self._hidden(str(error)), error.status) from None
        except Refusal as error:
            raise Refusal(self._hidden(str(error))) from None

    def _hidden(self, text: str) -> str:
        services = self.document["services"].values()
        return unrevealing(text, [pair for one in services for pair in (one.get("environment") or {}).items()])

    def _now(self) -> Mapping[str, Any]:
        return world.read(self.engine).stack(self.name)

    def _text(self, only: list[str]) -> str:
        return escaped(rendered(self.document, self.images, self.params["owner"], only))

    def _resolve(self) -> str:
        pinned = all(service["image"] in self.images for service in self.document["services"].values())
        return self.params["resolve"] or ("never" if pinned else "changed")

    def _auth(self) -> list[str]:
        return ["--with-registry-auth"] if any(one.get("username") for one in self.registries) else []

    def _tidy(self) -> None:
        """Remove what the stack has left behind, as far as nothing uses it."""
        for kind, entries in unused(self.name, self.document, world.read(self.engine)).items():
            for entry in entries:
                world.remove(self.engine, kind, entry)
