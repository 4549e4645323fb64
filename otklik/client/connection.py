"""One connection to one Otklik: tokens, patience, retries. Knows nothing about appeals."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping
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


class Effort:
    """How long one call keeps trying: pauses that grow, with jitter, until the patience is over."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self.renew()

    def renew(self) -> None:
        """Something was achieved: the patience counts anew."""
        self._deadline = time.monotonic() + self.patience
        self._pause = FIRST_PAUSE

    async def pause(self, retry_after: float | None = None) -> bool:
        """Wait before the next try; False (at once) when the patience would be over by then."""
        jittered = self._pause * random.uniform(0.5, 1.0)
        delay = jittered if retry_after is None else retry_after + random.uniform(0, 0.1)
        if time.monotonic() + delay > self._deadline:
            return False
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        await asyncio.sleep(delay)
        return True


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
        await self._valid_token(self.effort())

    def effort(self) -> Effort:
        """The patience of a new call."""
        return Effort(self.patience)

    async def send(self, call: Call, effort: Effort | None = None) -> httpx2.Response:
        """The successful answer, read to its end.

        Lost connections, 429 and 503 are tried again. Raises ProblemError for every other answer that is no
        success, NotReachable when nobody answered.
        """
        effort = effort or self.effort()
        while True:
            try:
                response = await self.open(call, effort)
                try:
                    await response.aread()
                finally:
                    await response.aclose()
                return response
            except LOST as error:
                if not await effort.pause():
                    raise self.not_reachable(error) from error
            except ProblemError as problem:
                if not problem.is_passing or not await effort.pause(problem.retry_after):
                    raise

    async def open(self, call: Call, effort: Effort) -> httpx2.Response:
        """One try. The answer's body is still to be read, and the answer to be closed, by the caller.

        Raises ProblemError, or one of `LOST`. A refused token is renewed once.
        """
        if not call.authorised:
            return await self._open(call, {})
        token = await self._valid_token(effort)
        try:
            return await self._open(call, {"Authorization": f"Bearer {token}"})
        except ProblemError as problem:
            if problem.status != 401:
                raise
        self._forget(token)
        token = await self._valid_token(effort)
        return await self._open(call, {"Authorization": f"Bearer {token}"})

    async def _open(self, call: Call, headers: dict[str, str]) -> httpx2.Response:
        if call.json is not None:
            headers = {"Content-Type": "application/json", **headers}
        request = self._http.build_request(
            call.method,
            call.path,
            params={name: value for name, value in call.params.items() if value is not None},
            headers={**call.headers, **headers},
            content=call.content if call.json is None else encode_json(call.json),
            data=call.form,
        )
        try:
            response = await self._http.send(request, stream=True)
        except LOST:
            raise
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise self.not_reachable(error) from error
        if response.is_success:
            return response
        try:
            await response.aread()
        finally:
            await response.aclose()
        raise ProblemError.of(response)

    async def _valid_token(self, effort: Effort) -> str:
        """The token; fetched by one of all those who need it at the same time, before it expires."""
        if time.monotonic() >= self._renew_at:
            async with self._renewing:
                if time.monotonic() >= self._renew_at:
                    await self._fetch_token(effort)
        return self._token

    async def _fetch_token(self, effort: Effort) -> None:
        asked_at = time.monotonic()
        call = Call("POST", "/oauth/token", form=self._credentials, authorised=False)
        answer = (await self.send(call, effort)).json()
        lifetime = float(answer["expires_in"])
        self._token = answer["access_token"]
        self._renew_at = asked_at + lifetime - min(RENEWAL_MARGIN, lifetime / 4)

    def _forget(self, token: str) -> None:
        if self._token == token:
            self._renew_at = float("-inf")

    def not_reachable(self, error: Exception) -> OtklikError:
        """What we raise when the last try failed with `error`."""
        return NotReachable(f"{self.url} does not answer ({type(error).__name__}: {error}).")


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


async def read_lines(response: httpx2.Response) -> AsyncIterator[dict[str, Any]]:
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
