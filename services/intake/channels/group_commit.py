"""Group commit of deliveries: a flood of comments shares transactions (see `chassis.grouping`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.causes import cause_of
from chassis.grouping import Grouping
from chassis.problems import Problem
from services.intake.channels.actions.arriving import Arrival, Arrived, Outcome, keep_unread
from services.intake.channels.actions.taking import take_arrivals
from services.intake.originals.rules import Secrets

log = structlog.get_logger()


class DeliveryGroups(Grouping[Arrived, Outcome]):
    """Collects deliveries that wait in this process. A second group at the same time would wait for the first one's pages
    as a rule, and be smaller."""

    groups_in_flight = 1

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        secrets: Secrets,
        patience: timedelta,
        committed: Callable[[], None],
    ) -> None:
        super().__init__()
        self.secrets = secrets
        self._sessions = sessions
        self._patience = patience
        self._committed = committed

    async def _in_one_transaction(self, items: Sequence[Arrived]) -> list[Outcome | Problem]:
        """A delivery with which something is wrong is kept unread, once it is alone: refused, it would come again for ever."""
        try:
            return await self._take(items)
        except Exception as error:
            if len(items) > 1 or cause_of(error) or not isinstance(items[0], Arrival):
                raise
            connection_id = str(items[0].connection.id)
            log.error("delivery not taken", connection_id=connection_id, error=type(error).__name__)
            return await self._take([keep_unread(items[0])])

    async def _take(self, items: Sequence[Arrived]) -> list[Outcome | Problem]:
        async with self._sessions.begin() as session:
            outcomes = await take_arrivals(session, self.secrets, items, self._patience)
        self._committed()
        return outcomes
