"""The end of sessions and links."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, run

Reason = Literal["signed_out", "signed_out_everywhere", "reused", "deactivated", "password_set"]

_END = """
UPDATE gateway.person_session SET ended_at = clock_timestamp(), ended_by = :reason
WHERE person_id = :person AND ended_at IS NULL AND (:only::uuid IS NULL OR id = :only)
    AND (:but::uuid IS NULL OR id <> :but) RETURNING id
"""
_VOID_LINKS = "UPDATE gateway.person_link SET used_at = now() WHERE person_id = :person AND used_at IS NULL"


async def end_sessions(
    session: AsyncSession,
    person_id: UUID,
    reason: Reason,
    *,
    only: UUID | None = None,
    but: UUID | None = None,
) -> list[UUID]:
    """End a person's sessions: all, one, or all but one. Returns those that went on until now; their tokens are void."""
    return await column(session, UUID, _END, person=person_id, reason=reason, only=only, but=but)


async def void_links(session: AsyncSession, person_id: UUID) -> None:
    """A person's invitations and resets are not good any more."""
    await run(session, _VOID_LINKS, person=person_id)
