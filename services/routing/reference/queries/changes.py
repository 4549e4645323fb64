"""The history of a region's reference data."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import PageRequest
from services.routing.reference.schemas.changes import ReferenceChangePage, ReferenceChangeView
from services.routing.tables.reference import Changed, ReferenceChange

_CURSOR: Final = "reference-changes"
_NEWEST: Final = 2**63 - 1
_OF_ALL = """
SELECT * FROM routing.reference_change WHERE region = :region AND number < :before AND {filter}
ORDER BY number DESC LIMIT :limit
"""
_FILTERS: Final = {
    (False, False): "true",
    (True, False): "what = :what",
    (False, True): "key = :key",
    (True, True): "what = :what AND key = :key",
}


async def list_changes(
    session: AsyncSession, region: str, page: PageRequest, what: Changed | None, key: str | None
) -> ReferenceChangePage:
    """Changes of a region, newest first; `key`: of the one thing with this code or id."""
    (before,) = page.position(_CURSOR) or [_NEWEST]
    sql = _OF_ALL.format(filter=_FILTERS[what is not None, key is not None])
    found = await rows(
        session, ReferenceChange, sql, region=region, before=before, what=what, key=key, limit=page.limit + 1
    )
    changes, following = page.cut(_CURSOR, found, lambda change: [change.number])
    return ReferenceChangePage(items=[_view(each) for each in changes], next_cursor=following)


def _view(change: ReferenceChange) -> ReferenceChangeView:
    return ReferenceChangeView(
        what=change.what,
        id=change.key,
        at=change.at,
        client_id=change.client_id,
        person=change.person,
        before=change.before,
        after=change.after,
    )
