"""What a file holds, for whoever has a link to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from chassis.problems import NotFound
from contracts.territories import REGIONS

# Which region it is of no link says: the key begins with it, so that a file is looked up in each.
_FILE: Final = """
SELECT f.id, f.media_type, f.size, f.key_id FROM intake.attachment f
WHERE f.region = ANY(:regions::text[]) AND f.id = :id
"""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """How a blob is opened and what it is; `size` in bytes."""

    id: UUID
    media_type: str
    size: int
    key_id: int


async def find_file(session: AsyncSession, attachment_id: UUID) -> KeptFile:
    """404 where it is gone."""
    found = await row(session, KeptFile, _FILE, regions=sorted(REGIONS), id=attachment_id)
    if found is None:
        raise NotFound
    return found
