"""The clients: everything that the interface can do, over a line of its own."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Any, Self

from otklik_client.asynchronous import AsyncGroups
from otklik_client.calls import Call
from otklik_client.exchange import Credentials
from otklik_client.line import AsyncLine, Line, Way
from otklik_client.sync import Groups


class Client(Groups):
    """Otklik over HTTP. Threads may share one.

    What is safe to repeat is repeated on lost connections, 429 and 503 for up to `patience` seconds: reads, and whatever has an
    Idempotency-Key, which this client makes itself. Answers that are no success raise ProblemError, silence raises
    NotReachable. `timeout`: seconds for which the other side may be silent; `tls`: whom to trust.

    >>> with Client("http://127.0.0.1:8080", client_id, client_secret) as otklik:
    ...     receipt = otklik.appeals.submit_appeal(NewAppeal(text="Не горит фонарь", region="46"))
    ...     print(receipt.number, receipt.tracking_code)
    """

    def __init__(
        self,
        url: str,
        client_id: str = "",
        client_secret: str = "",
        *,
        token: str = "",
        patience: float = 60.0,
        timeout: float = 60.0,
        connections: int = 100,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        credentials = Credentials(client_id, client_secret, token)
        super().__init__(Line(Way(url, credentials, patience, timeout, connections, tls)))

    @classmethod
    def from_environment(cls) -> Self:
        """Of OTKLIK_URL, OTKLIK_CLIENT_ID and OTKLIK_CLIENT_SECRET; KeyError for one that is not set."""
        return cls(*(os.environ[f"OTKLIK_{name}"] for name in ("URL", "CLIENT_ID", "CLIENT_SECRET")))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give back the sockets."""
        self._line.close()

    @property
    def url(self) -> str:
        """Of the installation."""
        return self._line.exchange.url

    def authenticate(self) -> None:
        """Fetch the token now, if there is none yet. ProblemError when the credentials are refused."""
        self._line.run(self._line.exchange.authenticate())

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Any:
        """What this version has no method for; the JSON of the answer, None where there is none. With a `key`, its
        Idempotency-Key, it is repeated like every other."""
        return self._line.send(_any_call(method, path, query, body, headers, key))


class AsyncClient(AsyncGroups):
    """Otklik over HTTP, for asyncio.

    What is safe to repeat is repeated on lost connections, 429 and 503 for up to `patience` seconds: reads, and whatever has an
    Idempotency-Key, which this client makes itself. Answers that are no success raise ProblemError, silence raises
    NotReachable. `timeout`: seconds for which the other side may be silent; `tls`: whom to trust.

    >>> async with AsyncClient("http://127.0.0.1:8080", client_id, client_secret) as otklik:
    ...     receipt = await otklik.appeals.submit_appeal(NewAppeal(text="Не горит фонарь", region="46"))
    """

    def __init__(
        self,
        url: str,
        client_id: str = "",
        client_secret: str = "",
        *,
        token: str = "",
        patience: float = 60.0,
        timeout: float = 60.0,
        connections: int = 100,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        credentials = Credentials(client_id, client_secret, token)
        super().__init__(AsyncLine(Way(url, credentials, patience, timeout, connections, tls)))

    @classmethod
    def from_environment(cls) -> Self:
        """Of OTKLIK_URL, OTKLIK_CLIENT_ID and OTKLIK_CLIENT_SECRET; KeyError for one that is not set."""
        return cls(*(os.environ[f"OTKLIK_{name}"] for name in ("URL", "CLIENT_ID", "CLIENT_SECRET")))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give back the sockets."""
        await self._line.close()

    @property
    def url(self) -> str:
        """Of the installation."""
        return self._line.exchange.url

    async def authenticate(self) -> None:
        """Fetch the token now, if there is none yet. ProblemError when the credentials are refused."""
        await self._line.run(self._line.exchange.authenticate())

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> Any:
        """What this version has no method for; the JSON of the answer, None where there is none. With a `key`, its
        Idempotency-Key, it is repeated like every other."""
        return await self._line.send(_any_call(method, path, query, body, headers, key))


def _any_call(
    method: str,
    path: str,
    query: Mapping[str, object] | None,
    body: object,
    headers: Mapping[str, str] | None,
    key: str | None,
) -> Call[Any]:
    return Call(method, path, object, query=query or {}, body=body, headers=headers or {}, key=key)
