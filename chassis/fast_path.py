"""Fast paths: the few routes that everything passes are answered past the framework's layers, with the same manners.

The layers between a server and an endpoint cost more than the hottest endpoint itself (ADR 10). A route with a fast path is declared
and documented like any other; only its calls take the short way: request id, trace and duration, the body's limit and
problems as documents are the same, and `tests/chassis/test_fast_paths.py` holds both ways side by side.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from chassis.keys import KeyProof
from chassis.methods import UNROUTED, answer_unrouted
from chassis.problems import Problem, TooLarge, answering
from chassis.telemetry import RequestContext
from chassis.unpacking import unmarked, unpacked

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]
# (method, path) → endpoint; a path may have parameters after its first segment: `/channels/{network}/{id}`
FastPaths = Mapping[tuple[str, str], Callable[[Request], Awaitable[Response]]]


@dataclass(frozen=True, slots=True)
class _Route:
    """What the duration metric calls the route."""

    path: str


class App(FastAPI):
    """An application some of whose routes take a fast path, and which serves nothing before its keys are proven."""

    def __init__(
        self, *, fast_paths: FastPaths, most_bytes: int, proof: KeyProof | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.proof = proof or KeyProof("", tuple, is_open=True)
        self._fast_paths = {
            key: RequestContext(_FastPath(self, key[1], end, most_bytes)) for key, end in fast_paths.items()
        }
        self._templates = {
            (method, path.split("/", 2)[1]): path for method, path in fast_paths if "{" in path
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
        elif not self.proof.is_open and self.proof.refuses(scope):
            await self.proof.refuse(scope, receive, send)
        elif scope["method"] in UNROUTED:
            await answer_unrouted(self.routes, super().__call__, scope, receive, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            scope, receive = unpacked(scope, receive)
        except Problem as problem:
            await RequestContext(answering(problem))(scope, receive, send)
            return
        receive = unmarked(scope, receive)
        endpoint = self._fast_paths.get((scope["method"], scope["path"])) or self._find_template(scope)
        if endpoint is not None:
            await endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def _find_template(self, scope: Scope) -> RequestContext | None:
        """The fast path with parameters that a request takes, which it is given."""
        segments = scope["path"].split("/")
        path = self._templates.get((scope["method"], segments[1])) if len(segments) > 1 else None
        if path is None:
            return None
        names = path.split("/")
        if len(names) != len(segments) or not all(segments[1:]):
            return None
        scope["path_params"] = {
            name[1:-1]: segment for name, segment in zip(names, segments, strict=True) if name[:1] == "{"
        }
        return self._fast_paths[scope["method"], path]


class _FastPath:
    def __init__(
        self,
        app: FastAPI,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response]],
        most_bytes: int,
    ) -> None:
        self.app = app
        self.route = _Route(path)
        self.endpoint = endpoint
        self.most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"], scope["route"] = self.app, self.route
        request = Request(scope, _limited(receive, self.most_bytes))
        try:
            response = await self.endpoint(request)
        except ClientDisconnect:
            return
        except Exception as error:
            response = await self._explain(request, error)
        await response(scope, receive, send)

    async def _explain(self, request: Request, error: Exception) -> Response:
        handlers = cast(Mapping[type, ErrorHandler], self.app.exception_handlers)
        handler = next((handlers[kind] for kind in type(error).__mro__ if kind in handlers), None)
        if handler is None:
            raise error
        return await handler(request, error)


def _limited(receive: Receive, most_bytes: int) -> Receive:
    size = 0

    async def receive_within() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most_bytes:
            raise TooLarge("At most {most} bytes.", values={"most": most_bytes})
        return message

    return receive_within
