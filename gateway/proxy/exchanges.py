"""One request on its way through the gateway, and what requests of its kind may use there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from contracts.parts import PAGES
from gateway.callers import PAGES_CALLER, PAGES_KEY
from gateway.proxy.bodies import BodyBudget
from gateway.proxy.headers import HOP_BY_HOP, named_by_connection, with_authorization
from gateway.proxy.requests import Outgoing, make_request, read_length
from gateway.proxy.upstreams import Upstream
from gateway.routes import Route

# Who a caller is, is the gateway's to say: what callers write there is dropped on every route.
CALLER: Final = b"x-otklik-caller"
# Beside the framing, and what the pages say to the gateway alone.
_REFRAMED: Final = HOP_BY_HOP | {b"expect", b"content-length", CALLER, PAGES_CALLER, PAGES_KEY}


@dataclass(frozen=True, slots=True)
class Bulkhead:
    """What the callers of one kind may use: those nobody knows leave the others theirs.

    `budget`: of what is held of their bodies. `streams`: large bodies are passed on as they come; where not, no
    connection to a service is taken before a body is whole, so that whoever sends slowly holds up nobody else.
    """

    upstreams: Mapping[str, Upstream]
    budget: BodyBudget
    streams: bool


class Bulkheads(NamedTuple):
    """Of those who have a token, of those who have none, of those who listen to streams of events, of browsers that
    ask for pages, and of screens that stay open."""

    known: Bulkhead
    anybody: Bulkhead
    listeners: Bulkhead
    pages: Bulkhead
    screens: Bulkhead

    def of(self, route: Route, *, is_known: bool) -> Bulkhead:
        """Whose a request is."""
        if route.service == PAGES:
            return self.screens if route.endless else self.pages
        if not is_known:
            return self.anybody
        return self.listeners if route.endless else self.known


@dataclass(slots=True)
class Exchange:
    """A request that has been let in.

    `headers`: by name, the first where one was sent twice. `authorization` replaces the header of that name, if anything.
    `caller`: whose address it counts for, where the route lets its service know.
    """

    route: Route
    scope: Scope
    headers: Mapping[bytes, bytes]
    receive: Receive
    send: Send
    authorization: bytes | None
    bulkhead: Bulkhead
    caller: str | None = None

    def body_length(self) -> int | None:
        """The bytes of the body that follows, None when it comes in chunks. BadLength when it is no number."""
        if b"transfer-encoding" in self.headers:
            return None
        return read_length(self.headers.get(b"content-length", b"0"))

    def outgoing(self, service: str, length: int | None) -> Outgoing:
        """The request as a service gets it; its body has `length` bytes, None: it is sent in chunks.

        Everything passes but what concerns the caller's connection only. `service` stands as host where an HTTP/1.0
        caller named none.
        """
        scope, sent = self.scope, self.scope["headers"]
        dropped = _REFRAMED
        if b"connection" in self.headers:
            dropped |= named_by_connection(sent)
        headers = [pair for pair in sent if pair[0] not in dropped]
        headers = with_authorization(headers, self.authorization)
        if self.caller is not None:
            headers.append((CALLER, self.caller.encode()))
        if b"host" not in self.headers:
            headers.append((b"host", service.encode()))
        query = scope["query_string"]
        target = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
        return make_request(scope["method"], target, headers, length)
