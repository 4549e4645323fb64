"""Which tokens were taken back, read from what clients, people and their sessions are now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.revocations import KEEP_SECONDS, Revocations, session_name
from gateway.tokens.issuing import PERSON_PREFIX

FIRST_GOOD_OF_ENDED: Final = 1  # tokens of a session have generation 0, so none is good any more

_GENERATIONS = """
SELECT id, token_generation AS generation FROM gateway.client
WHERE tokens_void_at > now() - make_interval(secs => :seconds)
UNION ALL SELECT :person::text || id, token_generation FROM gateway.person
WHERE tokens_void_at > now() - make_interval(secs => :seconds)
UNION ALL SELECT :session::text || id, :ended FROM gateway.person_session
WHERE ended_at > now() - make_interval(secs => :seconds)
"""


@dataclass(frozen=True, slots=True)
class FirstGood:
    """The first good generation of a name."""

    id: str
    generation: int


async def read_revocations(session: AsyncSession) -> dict[str, int]:
    """Client id, person's client id or session's name → first good generation, of those some of whose tokens are void
    and could else be valid."""
    found = await rows(
        session,
        FirstGood,
        _GENERATIONS,
        seconds=KEEP_SECONDS,
        person=PERSON_PREFIX,
        session=session_name(""),
        ended=FIRST_GOOD_OF_ENDED,
    )
    return {each.id: each.generation for each in found}


def note_ended(revocations: Revocations, sessions: Iterable[UUID], now: float) -> None:
    """This gateway need not read what it has ended itself. `now`: a monotonic clock, s."""
    revocations.learn({session_name(each): FIRST_GOOD_OF_ENDED for each in sessions}, now)
