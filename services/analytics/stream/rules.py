"""The ids of events, by which a listener goes on where it was."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.periods import today_in

NO_FIGURES: Final = ""  # the digest of a listener that has got none


@dataclass(frozen=True, slots=True)
class Position:
    """How far a listener has come: after which entry, of which history of the database, and with which figures."""

    xid: int
    position: int
    history: str
    figures: str


class TodaysFigures(BaseModel):
    """What came today: the measures of the summary of these names, for this day. Null: not narrowed so."""

    region: str | None
    municipality: str | None
    organisation: UUID | None
    day: date
    received: int
    answered: int
    breached: int
    backlog: int
    as_of: datetime | None


def digest_of(figures: TodaysFigures) -> str:
    """Equal for equal figures of a day, whenever they were counted."""
    counted = figures.model_dump_json(exclude={"as_of"})
    return hashlib.blake2b(counted.encode(), digest_size=6).hexdigest()


def kind_of(audience: Filter) -> str:
    """By what ids are known as those of an audience: with another scope, or other filters, one does not go on."""
    return f"stream:{audience!r}"


def region_of(audience: Filter) -> str | None:
    """The one region that figures are of; None for several."""
    regions = audience.regions
    return regions[0] if regions is not None and len(regions) == 1 else None


def today_of(audience: Filter, now: datetime) -> date:
    """The local day: of the region, of Moscow for several."""
    return today_in(region_of(audience), now)


def is_touched(audience: Filter, changed: set[str]) -> bool:
    """Whether changes in some regions may change its figures."""
    regions = audience.regions
    return bool(changed) and (regions is None or not changed.isdisjoint(regions))
