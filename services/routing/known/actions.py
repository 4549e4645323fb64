"""Citizens who saw that something is known, and do not write."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_all_rows, scalar
from chassis.problems import NotFound
from services.routing.known.queries import region_of_known
from services.routing.known.schemas import EnoughCounted

MOST: Final = 1_000_000
_COUNT = f"""
INSERT INTO routing.known_enough (region, id, enough) VALUES (:region, :id, 1)
ON CONFLICT (region, id) DO UPDATE SET enough = least(known_enough.enough + 1, {MOST}) RETURNING enough
"""


async def count_enough(session: AsyncSession, id: UUID) -> EnoughCounted:
    """One more; 404 for what citizens are not told of. Nothing of who it was is kept."""
    # The id alone says what is meant; whoever asks has no region, and is answered nothing but a number.
    await open_all_rows(session)
    region = await region_of_known(session, id)
    if region is None:
        raise NotFound
    counted = await scalar(session, int, _COUNT, region=region, id=id)
    return EnoughCounted(id=id, enough=counted or 0)
