"""The asynchronous client: every call of the public contract that portals, agencies and dashboards need."""

from __future__ import annotations

from typing import Self

from otklik.client.calls.appeals import AppealCalls
from otklik.client.calls.assignments import AssignmentCalls
from otklik.client.calls.deadlines import DeadlineCalls
from otklik.client.calls.figures import FigureCalls
from otklik.client.connection import Connection


class AsyncClient(AppealCalls, AssignmentCalls, DeadlineCalls, FigureCalls):
    """Otklik over HTTP, for asyncio.

    Every call is safe to repeat, and is repeated on lost connections, 429 and 503 for up to `patience` seconds.
    Answers that are no success raise ProblemError, silence raises NotReachable.

    >>> async with AsyncClient("http://127.0.0.1:8080", client_id, client_secret) as otklik:
    ...     receipt = await otklik.submit({"text": "Не горит фонарь", "region": "46"})
    ...     print(receipt.number, receipt.tracking_code)
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        patience: float = 60.0,
        timeout: float = 60.0,
        connections: int = 100,
    ) -> None:
        self.connection = Connection(
            url, client_id, client_secret, patience=patience, timeout=timeout, connections=connections
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Give back the sockets."""
        await self.connection.close()
