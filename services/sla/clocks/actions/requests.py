"""Requests for more days end with the clocks that they are of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run

_END: Final = """
UPDATE sla.extension e SET ended_at = CASE WHEN NOT k.waiting THEN CAST(:now AS timestamptz) END
FROM unnest(:regions::text[], :ids::uuid[], :waiting::boolean[]) AS k(region, extension_id, waiting)
WHERE e.region = k.region AND e.extension_id = k.extension_id AND e.decision IS NULL
    AND (e.ended_at IS NULL) <> k.waiting
"""


async def end_requests(
    session: AsyncSession, requests: Mapping[tuple[str, str], bool], now: datetime
) -> None:
    """`requests`: by region and id whether a request still waits. What was learnt later may let one wait again."""
    if requests:
        regions, ids = [region for region, _ in requests], [id for _, id in requests]
        await run(session, _END, regions=regions, ids=ids, waiting=list(requests.values()), now=now)
