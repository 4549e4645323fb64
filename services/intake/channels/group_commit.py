"""Group commit of deliveries: a flood of comments shares transactions (see `chassis.grouping`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.grouping import Grouping
from chassis.problems import Problem
from services.intake.channels.actions.arriving import Arrived, Outcome
from services.intake.channels.actions.taking import take_arrivals
from services.intake.originals.rules import Secrets


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
        async with self._sessions.begin() as session:
            outcomes = await take_arrivals(session, self.secrets, items, self._patience)
        self._committed()
        return outcomes
