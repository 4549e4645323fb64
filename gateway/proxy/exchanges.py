"""One request on its way through the gateway, and what requests of its kind may use there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from gateway.proxy.bodies import BodyBudget
from gateway.proxy.requests import declared_length
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route


@dataclass(frozen=True, slots=True)
class Bulkhead:
    """What the callers of one kind may use: those nobody knows leave the others theirs.

    `budget`: of what is held of their bodies. `streams`: large bodies are passed on as they come; where not, no
    connection to a service is taken before a body is whole, so that whoever sends slowly holds up nobody else.
    """

    upstreams: Mapping[str, Upstream]
    budget: BodyBudget
    streams: bool


@dataclass(slots=True)
class Exchange:
    """A request that has been let in. `authorization` replaces the header of that name, if anything."""

    route: Route
    scope: Scope
    receive: Receive
    send: Send
    authorization: bytes | None
    bulkhead: Bulkhead

    def body_length(self) -> int | None:
        """The bytes of the body that follows, None when it comes in chunks. BadLength when it is no number."""
        return declared_length(dict(self.scope["headers"]))
