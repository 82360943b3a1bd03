# Copyright (c) 2026, the hydra.swarm authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A node's membership, looked at and changed through its own engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..common import ports, world_wait
from ..common.errors import EngineError, Refusal, WaitError
from .cluster import settings
from .membership import Remains, View, host_of, unfitting, view_of
from .world import Swarm

PORT = int(ports.split(ports.MANAGER)[0])
SERVICE = "com.docker.swarm.service.name"
ANSWER_SECONDS = 2
SETTLE_SECONDS = 20


class Member:
    """This node; C(params) are those of swarm_join, or of swarm_unlock."""

    def __init__(self, swarm: Swarm, params: dict[str, Any]):
        self.swarm, self._params = swarm, params
        self._key = (params["unlock_key"] or "").strip()

    @property
    def has_key(self) -> bool:
        return bool(self._key)

    def view(self) -> View:
        return view_of(self.swarm.membership())

    def settled(self) -> View:
        """The view once the engine is not in between; an engine that has just started is pending for a moment.

        A worker whose managers are all gone stays pending for ever, so what is left after a while is the answer.
        """

        def look() -> tuple[View | None, str]:
            view = self.view()
            return (None if view.state == "pending" else view), view.error or view.state

        try:
            return world_wait.until("the engine to know its swarm", look, SETTLE_SECONDS)
        except WaitError:
            return self.view()

    def started(self) -> View:
        """The same, of an engine that may still be starting."""

        def look() -> tuple[bool | None, str]:
            try:
                self.view()
            except EngineError as error:
                return None, str(error)
            return True, ""

        world_wait.until("the engine to answer", look, self._params["timeout"])
        return self.settled()

    def answering(self, hosts: Iterable[str]) -> list[str]:
        """Those of the hosts on which something answers on the swarm's port."""
        return [host for host in hosts if self.swarm.engine.reaches(host, PORT, ANSWER_SECONDS)]

    def refuse_second_swarm(self) -> None:
        """Raise Refusal when another manager is at work: the node has to join it, not make a second swarm."""
        others = [host_of(a) if ":" in a else a for a in self._params["managers"]]
        living = self.answering(host for host in others if host != self._params["advertise_addr"])
        if living:
            raise Refusal(
                f"{', '.join(living)} answers on port {PORT}, so a manager there still has the swarm: this node must "
                "join it, not make a second one; bring that manager back into the run, or remove its swarm first"
            )

    def remains(self) -> Remains:
        """What is left of a swarm around this engine, which is in none."""
        engine = self.swarm.engine
        folder = f"{engine.get('/info')['DockerRootDir']}/swarm"
        containers = engine.get("/containers/json", all=True, filters={"label": [SERVICE]})
        services = {container["Labels"][SERVICE] for container in containers}
        return Remains(folder, engine.names(folder), services, self._params["in_swarm"])

    def act(self, needs: str) -> None:
        """Do it, and wait until the engine is an active member."""
        if needs == "unlock":
            self.unlock()
            return
        if needs == "rejoin":
            self.swarm.engine.post("/swarm/leave", force=True)
        try:
            self._init() if needs == "init" else self._join()
        except EngineError as error:
            # A run that was killed may have left a request at work, which is now done.
            if "already part of a swarm" not in str(error):
                raise EngineError(self._without_token(f"{needs} the swarm: {error}"), error.status) from None
        self._await_active(needs)

    def unlock(self) -> None:
        try:
            self.swarm.engine.post("/swarm/unlock", {"UnlockKey": self._key})
        except EngineError as error:
            # Managers that wait for each other answer late: the key fits if the engine becomes active all the same.
            # And 409 is that somebody else has unlocked it in between.
            if error.status not in (0, 409):
                raise Refusal(unfitting(str(error).replace(self._key, "(key)"))) from None
        self._await_active("unlock")

    def _init(self) -> None:
        self.swarm.engine.post(
            "/swarm/init",
            {
                **self._common(),
                "DefaultAddrPool": self._params["default_addr_pool"],
                "SubnetSize": self._params["subnet_size"],
                "Spec": settings.merged(self._params["settings"], {}),
            },
        )

    def _join(self) -> None:
        remotes = [a if ":" in a else f"{a}:{PORT}" for a in self._params["through"] or self._params["managers"]]
        body = {**self._common(), "RemoteAddrs": remotes, "JoinToken": self._params["join_token"]}
        self.swarm.engine.post("/swarm/join", body)

    def _common(self) -> dict[str, Any]:
        return {
            "ListenAddr": f"0.0.0.0:{PORT}",
            "AdvertiseAddr": self._params["advertise_addr"] or "",
            "DataPathAddr": self._params["data_path_addr"] or "",
            "Availability": self._params["availability"],
        }

    def _await_active(self, needs: str) -> None:
        def look() -> tuple[bool | None, str]:
            view = self.view()
            ready = view.state == "active" and view.node_id and (needs != "init" or view.manager)
            return (True if ready else None), f"{view.state} {view.error}".strip()

        world_wait.until("the engine to be an active member of the swarm", look, self._params["timeout"], interval=0.05)

    def _without_token(self, text: str) -> str:
        token = self._params["join_token"]
        return text.replace(token, "(token)") if token else text
