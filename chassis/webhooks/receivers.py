"""Calling an address that somebody else chose: it is looked at where the connection really goes, and nowhere else.

A name is resolved here, every address it has is judged, and the connection is made to one of these, whatever the name means a
moment later (DNS rebinding). Redirects are not followed, and of an answer only its status is read.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import httpx2

from chassis.webhooks.rules.addresses import Network, reach_of
from chassis.webhooks.rules.retrying import CallProblem, CallResult, judge_status

TIMEOUT_SECONDS: Final = 10.0
RESOLVE_SECONDS: Final = 5.0
_RESOLVERS: Final = 4  # threads of their own: a name server that does not answer holds up nothing else
_MOST_ADDRESSES: Final = 3
_PORTS: Final = {"https": 443, "http": 80}
AGENT: Final = "Otklik-Webhooks/1"
Resolve = Callable[[str, int], Sequence[str]]


class CannotBeCalled(Exception):
    """An address that is not called. `problem` says why."""

    def __init__(self, problem: CallProblem) -> None:
        super().__init__(problem)
        self.problem: CallProblem = problem


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect: `urls` name addresses that were judged, `host` is whose certificate is expected there."""

    urls: tuple[httpx2.URL, ...]
    host: str
    authority: str


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, in the order in which the system would try them. OSError where there are none."""
    with suppress(ValueError):  # an address is its own
        return [str(ip_address(host))]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Receivers:
    """Calls receivers of one process. `networks`: addresses in them may be called though they are not public, and without TLS."""

    def __init__(self, networks: Sequence[Network], resolver: Resolve = resolve) -> None:
        self._networks = networks
        self._resolve = resolver
        self._threads = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolving")
        self._client: httpx2.AsyncClient | None = None

    async def find(self, url: str) -> Target:
        """Resolve an address and judge all that it resolves to; CannotBeCalled where one of them may not be called."""
        parsed = httpx2.URL(url)
        host = parsed.raw_host.decode().strip("[]")
        port = parsed.port or _PORTS[parsed.scheme]
        addresses = await self._addresses(host, port)
        reaches = {reach_of(each, self._networks) for each in addresses}
        if "refused" in reaches or (parsed.scheme != "https" and reaches != {"listed"}):
            raise CannotBeCalled("address_refused")
        return Target(
            tuple(parsed.copy_with(host=each, port=port) for each in addresses[:_MOST_ADDRESSES]),
            host,
            parsed.netloc.decode(),
        )

    async def call(self, url: str, headers: Mapping[str, str], body: bytes) -> CallResult:
        """POST a JSON body; what came of it, within ten seconds. Raises nothing for whatever the receiver does."""
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._call(await self.find(url), headers, body)
        except CannotBeCalled as error:
            return CallResult(problem=error.problem)
        except (TimeoutError, httpx2.TimeoutException):
            return CallResult(problem="timeout")
        except (httpx2.HTTPError, OSError) as error:
            return CallResult(problem="tls" if _is_about_tls(error) else "no_connection")

    async def close(self) -> None:
        """Give back connections and threads; a name that is still being resolved is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            await self._client.aclose()

    async def _addresses(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await loop.run_in_executor(self._threads, self._resolve, host, port)
        except (OSError, UnicodeError):  # TimeoutError is an OSError; a label of 64 letters is no name
            raise CannotBeCalled("no_address") from None
        if not found:
            raise CannotBeCalled("no_address")
        return found

    async def _call(self, target: Target, headers: Mapping[str, str], body: bytes) -> CallResult:
        *others, last = target.urls
        for url in others:
            try:
                return await self._post(url, target, headers, body)
            except httpx2.ConnectError:
                continue  # the next of its addresses
        return await self._post(last, target, headers, body)

    async def _post(
        self, url: httpx2.URL, target: Target, headers: Mapping[str, str], body: bytes
    ) -> CallResult:
        client = self._open_client()
        named = {"Host": target.authority, "Content-Type": "application/json", "User-Agent": AGENT, **headers}
        extensions = {"sni_hostname": target.host}
        request = client.build_request("POST", url, headers=named, content=body, extensions=extensions)
        answer = await client.send(request, stream=True)
        await answer.aclose()  # what a receiver says besides is not read
        return judge_status(answer.status_code)

    def _open_client(self) -> httpx2.AsyncClient:
        """Made when the first call is. No connection is kept: one that was made for a name is not used for another one that
        lies at the same address."""
        if self._client is None:
            limits = httpx2.Limits(max_keepalive_connections=0)
            self._client = httpx2.AsyncClient(
                verify=ssl.create_default_context(), limits=limits, trust_env=False, timeout=TIMEOUT_SECONDS
            )
        return self._client


def _is_about_tls(error: BaseException | None) -> bool:
    """Whether a handshake failed, whatever it was wrapped in on its way."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
