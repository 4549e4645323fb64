"""The import of a story is known by its id: when it was written, how long a past it has, how much, from which seed.

So the system itself remembers that its demo data are there, and a run that was interrupted goes on with the same story.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from otklik.demo_data.past import Span

MOST_SEEDS: Final = 1 << 32
MOST_MONTHS: Final = 24  # fits into five bits
MOST_PER_DAY: Final = 127  # fits into seven bits
_MARK: Final = 0x0DE30DA7  # in the 30 bits of a UUIDv7 before the seed
_MILLISECONDS: Final = 1000


def new_span(now: datetime, months: int, per_day: int, seed: int) -> Span:
    """A story that ends at `now`, to the second."""
    now = now.astimezone(UTC).replace(microsecond=0)
    return Span(now, months, per_day, seed, f"demo-data-{now:%Y%m%d%H%M%S}")


def import_id_of(span: Span) -> UUID:
    """A UUIDv7 (RFC 9562): its time is the story's, its twelve bits the months and the volume, its last ones the mark and the seed."""
    milliseconds = int(span.now.timestamp() * _MILLISECONDS)
    low = _MARK << 32 | span.seed
    return UUID(int=milliseconds << 80 | 7 << 76 | span.months << 71 | span.per_day << 64 | 2 << 62 | low)


def find_span(import_ids: Iterable[UUID]) -> Span | None:
    """The first story among imports."""
    return next(filter(None, map(_span_of, import_ids)), None)


def _span_of(import_id: UUID) -> Span | None:
    value = import_id.int
    if value >> 32 & (1 << 30) - 1 != _MARK:
        return None
    now = datetime.fromtimestamp((value >> 80) / _MILLISECONDS, UTC)
    return new_span(now, value >> 71 & 0x1F, value >> 64 & MOST_PER_DAY, value & MOST_SEEDS - 1)
