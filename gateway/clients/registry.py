"""What the hot path must know of every client, kept in memory so that it needs no database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession


class ClientRegistry:
    """Client id → requests per minute. Other gateways' changes arrive with the next refresh."""

    def __init__(self, default: int) -> None:
        self._default = default
        self._rates: dict[str, int] = {}
        self.changes = 0

    def rate(self, client_id: str) -> int:
        """Requests per minute."""
        return self._rates.get(client_id, self._default)

    def replace(self, rates: dict[str, int], changes: int) -> None:
        """Take over a reading begun when `changes` stood there; one overtaken by a change is dropped."""
        if changes == self.changes:
            self._rates = rates

    def note(self, client_id: str, rate: int) -> None:
        """Take over one change."""
        self._rates[client_id] = rate
        self.changes += 1


def after_commit(session: AsyncSession, act: Callable[[], None]) -> None:
    """Run `act` when the transaction of this session has been committed, and not otherwise."""
    event.listen(session.sync_session, "after_commit", lambda _: act(), once=True)
