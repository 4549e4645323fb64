"""Group commit of registration: posts that wait at the same time share one transaction (see `chassis.grouping`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.grouping import Grouping
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.preparing import Accepted, Outcome, Submission
from services.intake.registration.actions.registering import WAIT_FOR_DUPLICATE_SECONDS, submit_appeals

# A group waits for a concurrent duplicate of one member (in another process) only shortly, then falls back.
GROUP_PATIENCE_SECONDS = 0.25


class GroupCommit(Grouping[Submission, Accepted]):
    """Collects waiting submissions of this process."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        autocommit: async_sessionmaker[AsyncSession],
        secrets: Secrets,
        committed: Callable[[], None],
    ) -> None:
        super().__init__()
        self.secrets = secrets
        self._sessions = sessions
        self._autocommit = autocommit
        self._committed = committed

    async def submit(self, item: Submission) -> Outcome:
        """Register one appeal together with whatever else is waiting now; one with files by itself: that they are gone must
        not take the others' transaction along."""
        return await (self.submit_alone(item) if item.attachments else super().submit(item))

    async def _in_one_transaction(self, items: Sequence[Submission]) -> list[Outcome]:
        patience = GROUP_PATIENCE_SECONDS if len(items) > 1 else WAIT_FOR_DUPLICATE_SECONDS
        # Registering is one statement, so it is a transaction by itself: one round trip instead of three. Only a
        # second key of a known appeal, or attachments, make a second statement that has to commit with the first.
        takes_one_statement = all(len(item.keys) < 2 and not item.attachments for item in items)
        async with self._autocommit() if takes_one_statement else self._sessions.begin() as session:
            outcomes = await submit_appeals(session, self.secrets, items, patience_seconds=patience)
        self._committed()
        return outcomes
