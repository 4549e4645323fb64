"""Lists whose every page costs the same, however much there is.

Such a list is cut into ranges that an index has in the list's own order (one for each region, status …). The first
rows of every range are read by that index and merged, so that nothing is ever sorted, or counted, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from chassis.cursors import Cursor, Cursors, Limit
from chassis.resources import resources_of

T = TypeVar("T")


def merge_ranges(ranges: str, rows: str, order: str) -> str:
    """SQL of the first `:limit` rows of a list. `rows` selects one range, correlated with a row of `ranges`; `order`:
    columns it selects."""
    return (
        f"SELECT f.* FROM {ranges} CROSS JOIN LATERAL ({rows} ORDER BY {order} LIMIT :limit) AS f "
        f"ORDER BY {order} LIMIT :limit"
    )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list is asked for."""

    cursors: Cursors
    cursor: str
    limit: int

    def position(self, kind: str) -> list[Any] | None:
        """The sort values of the last row before the page; None for the first page; 400 for a foreign cursor."""
        return self.cursors.decode(kind, self.cursor)

    def cut(
        self, kind: str, rows: Sequence[T], values: Callable[[T], Sequence[Any]]
    ) -> tuple[Sequence[T], str | None]:
        """The page out of rows that were read up to one more than its limit, and the next cursor if there is more.

        `values`: a row's sort values.
        """
        if len(rows) <= self.limit:
            return rows, None
        page = rows[: self.limit]
        return page, self.cursors.encode(kind, *values(page[-1]))


async def page_request(request: Request, limit: Limit = 100, cursor: Cursor = "") -> PageRequest:
    """Dependency: `limit` and `cursor` of a list."""
    return PageRequest(resources_of(request).cursors, cursor, limit)


Page = Annotated[PageRequest, Depends(page_request)]
