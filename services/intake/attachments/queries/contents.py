"""What a file holds, for whoever has a link to it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from chassis.problems import NotFound


@dataclass(frozen=True, slots=True)
class KeptFile:
    """How a blob is opened and what it is; `size` in bytes."""

    id: UUID
    media_type: str
    size: int
    key_id: int


async def find_file(session: AsyncSession, attachment_id: UUID) -> KeptFile:
    """404 where it is gone."""
    found = await row(
        session,
        KeptFile,
        "SELECT id, media_type, size, key_id FROM intake.attachment WHERE id = :id",
        id=attachment_id,
    )
    if found is None:
        raise NotFound
    return found
