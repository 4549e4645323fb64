"""One connection to one Otklik: tokens, patience, retries. Knows nothing about appeals."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx2

from otklik.client.errors import NotReachable, OtklikError, ProblemError

LOST = (httpx2.NetworkError, httpx2.TimeoutException, httpx2.RemoteProtocolError)
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
RENEWAL_MARGIN = 60.0


@dataclass(frozen=True)
class Call:
    """A request that may safely be sent more than once: a read, or a write that carries its own identity."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    content: bytes | None = None
    form: Mapping[str, str] | None = None
    authorised: bool = True


class Backoff:
    """How long one call keeps trying: pauses that grow, with jitter, until the patience is over."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.reset()

    def reset(self) -> None:
        """Something was achieved: the patience counts anew."""
        self._deadline = time.monotonic() + self.patience
        self._pause = FIRST_PAUSE

    async def wait(self, retry_after: float | None = None) -> bool:
        """Wait before the next try; False (at once) when the patience would be over by then."""
        jittered = self._pause * random.uniform(0.5, 1.0)
        delay = jittered if retry_after is None else retry_after + random.uniform(0, 0.1)
        if time.monotonic() + delay > self._deadline:
            return False
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        await asyncio.sleep(delay)
        return True

    async def wait_after(self, error: OtklikError) -> bool:
        """Wait before a failed call is tried again; False when that would be in vain."""
        return error.is_passing and await self.wait(error.retry_after)


class Connection:
    """Sends calls with a valid token until they are answered or the patience is over."""

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        patience: float,
        timeout: float,
        connections: int,
    ) -> None:
        self.url = url.rstrip("/")
        self.patience = patience
        self._credentials = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._http = httpx2.AsyncClient(
            base_url=self.url,
            timeout=httpx2.Timeout(timeout, connect=min(timeout, 5.0), pool=patience),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            headers={"User-Agent": "otklik-python"},
            # Without TLS there is nothing to verify, and reading all certificates takes 30 ms.
            verify=not self.url.startswith("http://"),
        )
        self._token = ""
        self._renew_at = float("-inf")
        self._renewing = asyncio.Lock()

    async def close(self) -> None:
        """Give back the sockets."""
        await self._http.aclose()

    async def authenticate(self) -> None:
        """Make sure that there is a token; ProblemError when the credentials are refused."""
        await self._valid_token(self.backoff())

    def backoff(self) -> Backoff:
        """The patience of a new call."""
        return Backoff(self.patience)

    async def send(self, call: Call, backoff: Backoff | None = None) -> httpx2.Response:
        """The successful answer, read to its end.

        Lost connections, 429 and 503 are tried again. Raises ProblemError for every other answer that is no
        success, NotReachable when nobody answered.
        """
        backoff = backoff or self.backoff()
        while True:
            try:
                async with self.opened(call, backoff) as response:
                    await response.aread()
                    return response
            except OtklikError as error:
                if not await backoff.wait_after(error):
                    raise

    @asynccontextmanager
    async def opened(self, call: Call, backoff: Backoff) -> AsyncIterator[httpx2.Response]:
        """One try: the successful answer, its body still to be read within the block.

        Raises ProblemError or NotReachable, also for what happens while it is read. A refused token is renewed once.
        """
        with self._reporting_loss():
            response = await (self._open_authorised(call, backoff) if call.authorised else self._open(call))
            try:
                yield response
            finally:
                await response.aclose()

    async def _open_authorised(self, call: Call, backoff: Backoff) -> httpx2.Response:
        token = await self._valid_token(backoff)
        try:
            return await self._open(call, token)
        except ProblemError as problem:
            if problem.status != 401:
                raise
        self._invalidate(token)
        return await self._open(call, await self._valid_token(backoff))

    async def _open(self, call: Call, token: str | None = None) -> httpx2.Response:
        response = await self._http.send(self._request_of(call, token), stream=True)
        if response.is_success:
            return response
        try:
            await response.aread()
        finally:
            await response.aclose()
        raise ProblemError.of(response)

    def _request_of(self, call: Call, token: str | None) -> httpx2.Request:
        headers = dict(call.headers)
        content = call.content
        if call.json is not None:
            headers["Content-Type"] = "application/json"
            content = encode_json(call.json)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        return self._http.build_request(
            call.method,
            call.path,
            params={name: value for name, value in call.params.items() if value is not None},
            headers=headers,
            content=content,
            data=call.form,
        )

    async def _valid_token(self, backoff: Backoff) -> str:
        """The token; fetched by one of all those who need it at the same time, before it expires."""
        if time.monotonic() >= self._renew_at:
            async with self._renewing:
                if time.monotonic() >= self._renew_at:
                    await self._fetch_token(backoff)
        return self._token

    async def _fetch_token(self, backoff: Backoff) -> None:
        asked_at = time.monotonic()
        call = Call("POST", "/oauth/token", form=self._credentials, authorised=False)
        answer = (await self.send(call, backoff)).json()
        lifetime = float(answer["expires_in"])
        self._token = answer["access_token"]
        self._renew_at = asked_at + lifetime - min(RENEWAL_MARGIN, lifetime / 4)

    def _invalidate(self, token: str) -> None:
        if self._token == token:
            self._renew_at = float("-inf")

    @contextmanager
    def _reporting_loss(self) -> Iterator[None]:
        """What httpx2 raises when there is no answer, as what we raise."""
        try:
            yield
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise self.not_reachable(error, is_passing=isinstance(error, LOST)) from error

    def not_reachable(self, error: Exception, *, is_passing: bool) -> NotReachable:
        """What we raise when a try failed with `error`."""
        message = f"{self.url} does not answer ({type(error).__name__}: {error})."
        return NotReachable(message, is_passing=is_passing)


def encode_json(body: Any) -> bytes:
    """JSON in UTF-8; dates and the like as their usual strings."""
    try:
        return json.dumps(body, ensure_ascii=False, default=_as_text).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair: escaped it can travel, and the server says what is wrong with it.
        return json.dumps(body, default=_as_text).encode()


def _as_text(value: object) -> str:
    """Of the types that have one usual string; anything else (bytes above all) would arrive as something nobody meant."""
    if isinstance(value, date):  # datetime is one
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent; give text, numbers, dates or UUIDs")


async def read_lines(response: httpx2.Response) -> AsyncIterator[Any]:
    """The objects of an NDJSON body, as they arrive.

    Cut at \\n only: httpx2's own line reader also cuts at U+2028 and the like, which may stand in a JSON string.
    """
    rest = b""
    async for piece in response.aiter_bytes():
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip():
                yield json.loads(line)
    if rest.strip():
        yield json.loads(rest)
