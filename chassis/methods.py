"""What every application answers whose routes name neither: HEAD as GET would, OPTIONS with the methods of the path."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi.routing import iter_route_contexts
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.telemetry import RequestContext

UNROUTED = frozenset({"HEAD", "OPTIONS"})


def methods_at(routes: Sequence[BaseRoute], path: str) -> str:
    """The methods of a path as the Allow header names them; empty where there is nothing."""
    matching = [context for context in iter_route_contexts(routes) if context.path_regex.match(path)]
    found = {method for context in matching for method in context.methods or ()}
    if "GET" in found:
        found.add("HEAD")
    return ", ".join(sorted(found | {"OPTIONS"})) if found else ""


def _answers_itself(routes: Sequence[BaseRoute], path: str) -> bool:
    """Whether a path has an answer of its own to OPTIONS: which pages of other sites may read it."""
    return any(
        "OPTIONS" in (context.methods or ()) and context.path_regex.match(path)
        for context in iter_route_contexts(routes)
    )


async def answer_unrouted(
    routes: Sequence[BaseRoute], app: ASGIApp, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer HEAD or OPTIONS; `app` answers GET, and OPTIONS of a path that does not exist."""
    if scope["method"] == "HEAD":
        await app({**scope, "method": "GET"}, receive, _without_body(send))
        return
    methods = methods_at(routes, scope["path"])
    if methods and not _answers_itself(routes, scope["path"]):
        app = RequestContext(Response(status_code=204, headers={"Allow": methods}))
    await app(scope, receive, send)


def _without_body(send: Send) -> Send:
    """Status and headers only, the length of the body that is not sent among them.

    The answer is over with its head: what never ends otherwise (a stream of events) is told that nobody listens.
    """
    begun = False

    async def send_head(message: Message) -> None:
        nonlocal begun
        if not begun:
            begun = True
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_head
