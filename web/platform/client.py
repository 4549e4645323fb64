"""Asking the platform: one connection pool for the process, one `Platform` for each request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx2
from pydantic import BaseModel

from web.platform.problems import PlatformProblem, SessionOver, Unreachable, problem_of
from web.settings import WebSettings

M = TypeVar("M", bound=BaseModel)
Query = Mapping[str, str | int | float | bool | None]
PREFIX: Final = "/api/v1"
CALLER: Final = "X-Otklik-Caller"
PAGES_KEY: Final = "X-Otklik-Pages-Key"


def open_connections(settings: WebSettings) -> httpx2.AsyncClient:
    """To the gateway of the settings, with the key by which it believes us."""
    address = settings.gateway_url
    socket = address.removeprefix("unix:")
    is_socket = socket != address
    base = "http://gateway" if is_socket else address if "://" in address else f"http://{address}"
    return httpx2.AsyncClient(
        base_url=base,
        transport=httpx2.AsyncHTTPTransport(uds=socket) if is_socket else None,
        headers={PAGES_KEY: settings.require_key()},
        timeout=settings.gateway_seconds,
        follow_redirects=False,
    )


@dataclass(frozen=True, slots=True)
class Platform:
    """The public interface, asked for one caller.

    `token`: of the person who is signed in; empty: nobody is. `caller`: the browser's address. `request_id` stands in the logs
    of all who work on the request. Every call raises `PlatformProblem` for what the platform refuses, `SessionOver` for a token that is
    good no more, `Unreachable` when there is no answer.
    """

    connections: httpx2.AsyncClient
    token: str
    caller: str
    request_id: str

    async def read(self, kind: type[M], path: str, query: Query | None = None) -> M:
        """GET `/api/v1…` as the model `kind`; parameters that are None or empty are left out."""
        return kind.model_validate_json(await self.read_bytes(path, query))

    async def read_bytes(self, path: str, query: Query | None = None) -> bytes:
        """The same as it came."""
        answer = await self._ask("GET", path, params=_filled(query))
        return answer.content

    async def read_root(self, kind: type[M], path: str, accept: tuple[int, ...] = (200,)) -> M:
        """GET of what lies outside of `/api/v1`, such as how the parts are; `accept`: statuses that bring the answer."""
        try:
            answer = await self.connections.get(path, headers=self._headers())
        except httpx2.TransportError as error:
            raise Unreachable from error
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
        headers = self._headers() | ({"Last-Event-ID": last} if last else {})
        timeout = httpx2.Timeout(30.0, read=45.0)
        try:
            async with self.connections.stream(
                "GET", PREFIX + path, params=_filled(query), headers=headers, timeout=timeout
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
            headers["Idempotency-Key"] = key
        sent = body.model_dump(mode="json", exclude_none=True) if isinstance(body, BaseModel) else body
        return await self._ask(method, path, json=sent, headers=headers)

    async def _ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = self._headers() | options.pop("headers", {})
        try:
            answer = await self.connections.request(method, PREFIX + path, headers=headers, **options)
        except httpx2.TransportError as error:
            raise Unreachable from error
        _require_success(answer)
        return answer

    def _headers(self) -> dict[str, str]:
        headers = {CALLER: self.caller, "X-Request-ID": self.request_id}
        return headers | {"Authorization": f"Bearer {self.token}"} if self.token else headers


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
