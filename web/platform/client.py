"""Asking the platform: connections of the process, one `Platform` for each request."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeVar

import httpx2
from pydantic import BaseModel

from web.platform.problems import PlatformProblem, SessionOver, Unreachable, problem_of
from web.settings import WebSettings
from web.timing import Timing

M = TypeVar("M", bound=BaseModel)
Query = Mapping[str, str | int | float | bool | None]
PREFIX: Final = "/api/v1"
CALLER: Final = "X-Otklik-Caller"
PAGES_KEY: Final = "X-Otklik-Pages-Key"
_LONGEST_HEADER: Final = 255
_KEPT_IDLE: Final = 20
# A stream says something every half minute; who finds no connection free comes again.
_LISTENING: Final = httpx2.Timeout(30.0, read=45.0, pool=1.0)


@dataclass(frozen=True, slots=True)
class Connections:
    """To the gateway. `listening`: of answers that never end, which leave the others theirs."""

    asking: httpx2.AsyncClient
    listening: httpx2.AsyncClient

    async def close(self) -> None:
        """Let them go."""
        await self.asking.aclose()
        await self.listening.aclose()


def open_connections(settings: WebSettings) -> Connections:
    """To the gateway of the settings."""
    return Connections(
        _pool(settings, settings.gateway_connections, httpx2.Timeout(settings.gateway_seconds)),
        _pool(settings, settings.listening_connections, _LISTENING),
    )


def _pool(settings: WebSettings, most: int, timeout: httpx2.Timeout) -> httpx2.AsyncClient:
    """With the key by which the gateway believes us. A transport of one's own has limits of its own."""
    address = settings.gateway_url
    socket = address.removeprefix("unix:")
    is_socket = socket != address
    base = "http://gateway" if is_socket else address if "://" in address else f"http://{address}"
    limits = httpx2.Limits(max_connections=most, max_keepalive_connections=_KEPT_IDLE)
    return httpx2.AsyncClient(
        base_url=base,
        transport=httpx2.AsyncHTTPTransport(uds=socket if is_socket else None, limits=limits),
        headers={PAGES_KEY: settings.require_key()},
        timeout=timeout,
        follow_redirects=False,
    )


@dataclass(frozen=True, slots=True)
class Platform:
    """The public interface, asked for one caller.

    `token`: of the person who is signed in; empty: nobody is. `caller`: the browser's address. `request_id` stands in the logs
    of all who work on the request, `timing` counts what was asked. Every call raises `PlatformProblem` for what the platform refuses, `SessionOver` for a token that is
    good no more, `Unreachable` when there is no answer.
    """

    connections: Connections
    token: str
    caller: str
    request_id: str
    timing: Timing

    async def read(self, kind: type[M], path: str, query: Query | None = None) -> M:
        """GET `/api/v1…` as the model `kind`; parameters that are None or empty are left out."""
        return kind.model_validate_json(await self.read_bytes(path, query))

    async def read_bytes(self, path: str, query: Query | None = None) -> bytes:
        """The same as it came."""
        answer = await self._ask("GET", path, params=_filled(query))
        return answer.content

    async def read_root(self, kind: type[M], path: str, accept: tuple[int, ...] = (200,)) -> M:
        """GET of what lies outside of `/api/v1`, such as how the parts are; `accept`: statuses that bring the answer."""
        began = time.perf_counter()
        try:
            answer = await self.connections.asking.get(path, headers=self._headers())
        except httpx2.TransportError as error:
            raise Unreachable from error
        finally:
            self.timing.add(time.perf_counter() - began)
        if answer.status_code not in accept:
            raise Unreachable
        return kind.model_validate_json(answer.content)

    async def send(
        self,
        kind: type[M],
        path: str,
        body: BaseModel | Mapping[str, Any] | None = None,
        *,
        method: str = "POST",
        version: int | None = None,
        key: str | None = None,
    ) -> M:
        """A change; `version` goes into If-Match, `key` into Idempotency-Key. The answer as `kind`."""
        answer = await self._send(method, path, body, version, key)
        return kind.model_validate_json(answer.content)

    async def do(
        self,
        path: str,
        body: BaseModel | Mapping[str, Any] | None = None,
        *,
        method: str = "POST",
        version: int | None = None,
        key: str | None = None,
    ) -> None:
        """A change whose answer nobody needs."""
        await self._send(method, path, body, version, key)

    async def upload(self, kind: type[M], path: str, file: tuple[str, bytes, str], fields: Query) -> M:
        """POST one file (name, content, media type) with fields, as a form does."""
        data = {name: str(value) for name, value in _filled(fields).items()}
        answer = await self._ask("POST", path, files={"file": file}, data=data)
        return kind.model_validate_json(answer.content)

    async def download(self, path: str, query: Query | None = None) -> httpx2.Response:
        """GET a file with its headers; a redirect is given back as it is."""
        return await self._ask("GET", path, params=_filled(query))

    @asynccontextmanager
    async def listen(
        self, path: str, query: Query | None = None, last: str = ""
    ) -> AsyncIterator[httpx2.Response]:
        """An endless answer, such as a stream of events; `last`: the id of the last event that was seen."""
        headers = self._headers() | ({"Last-Event-ID": last} if _fits_a_header(last) else {})
        try:
            async with self.connections.listening.stream(
                "GET", PREFIX + path, params=_filled(query), headers=headers
            ) as answer:
                if answer.status_code >= 400:
                    await answer.aread()
                    _require_success(answer)
                yield answer
        except httpx2.TransportError as error:
            raise Unreachable from error

    async def _send(
        self,
        method: str,
        path: str,
        body: BaseModel | Mapping[str, Any] | None,
        version: int | None,
        key: str | None,
    ) -> httpx2.Response:
        headers = {}
        if version is not None:
            headers["If-Match"] = str(version)
        if key:
            headers["Idempotency-Key"] = (
                key if _fits_a_header(key) else sha256(key.encode(errors="replace")).hexdigest()
            )
        sent = body.model_dump(mode="json", exclude_none=True) if isinstance(body, BaseModel) else body
        return await self._ask(method, path, json=sent, headers=headers)

    async def _ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = self._headers() | options.pop("headers", {})
        began = time.perf_counter()
        try:
            answer = await self.connections.asking.request(method, PREFIX + path, headers=headers, **options)
        except httpx2.InvalidURL:  # a name in the path that no path can hold
            raise PlatformProblem(404, "not-found", "", []) from None
        except httpx2.TransportError as error:
            raise Unreachable from error
        finally:
            self.timing.add(time.perf_counter() - began)
        _require_success(answer)
        return answer

    def _headers(self) -> dict[str, str]:
        """What the platform refuses it says in the language of the pages."""
        headers = {CALLER: self.caller, "X-Request-ID": self.request_id, "Accept-Language": "ru"}
        return headers | {"Authorization": f"Bearer {self.token}"} if self.token else headers


def _fits_a_header(text: str) -> bool:
    """Whether what a browser has sent may stand in a header."""
    return 0 < len(text) <= _LONGEST_HEADER and text.isascii() and text.isprintable()


def _filled(query: Query | None) -> dict[str, str | int | float | bool]:
    return {name: value for name, value in (query or {}).items() if value is not None and value != ""}


def _require_success(answer: httpx2.Response) -> None:
    if answer.status_code < 400:
        return
    problem: PlatformProblem = problem_of(
        answer.status_code, answer.content, answer.headers.get("Retry-After")
    )
    if problem.slug == "unauthorised":
        raise SessionOver
    raise problem
