"""What nobody needs any more of sessions, links and failures."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run
from gateway.people.actions.trials import BY_LOGIN, KNOWN_DAYS

# A session is kept for as long as its address is known by it; a failure for as long as it is remembered.
_PURGES: Final = (
    "DELETE FROM gateway.person_session WHERE started_at < now() - make_interval(days => :days)",
    "DELETE FROM gateway.person_link WHERE expires_at < now() - make_interval(days => :days)",
)
_FORGOTTEN: Final = """
DELETE FROM gateway.sign_in_attempts WHERE key IN
    (SELECT key FROM gateway.sign_in_attempts WHERE since < now() - :kept::interval FOR UPDATE SKIP LOCKED)
"""


async def purge_people(session: AsyncSession) -> None:
    """Housekeeping."""
    for statement in _PURGES:
        await run(session, statement, days=KNOWN_DAYS)
    await run(session, _FORGOTTEN, kept=BY_LOGIN)
