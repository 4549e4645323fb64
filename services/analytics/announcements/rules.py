"""What listeners are told of, and whom it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol
from uuid import UUID

from pydantic import BaseModel

from services.analytics.store.rules.filters import Filter

KEPT: Final = timedelta(hours=48)
# What is older than this is not announced any more. It is less than what is announced is kept: so whatever comes again finds
# that it has been announced, or is too old to be.
ANNOUNCED_WITHIN: Final = timedelta(hours=47)


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something to be told. `key` names what happened: nothing is told twice. `data`: no texts, no persons."""

    event: Literal["breach", "problem"]
    key: str
    region: str
    municipality: str | None
    organisation_id: UUID | None
    data: BaseModel


class Breach(BaseModel):
    """A deadline that passed without the act. `organisation`: its id."""

    region: str
    appeal_id: UUID
    assignment_id: UUID | None
    organisation: UUID | None
    municipality: str | None
    clock: str
    cycle: int
    due_at: datetime
    fired_at: datetime


class Located(Protocol):
    """Where something lies, and whose it is."""

    @property
    def region(self) -> str: ...
    @property
    def municipality(self) -> str | None: ...
    @property
    def organisation_id(self) -> UUID | None: ...


def is_news(happened_at: datetime, now: datetime) -> bool:
    """Whether something is still to be announced."""
    return happened_at > now - ANNOUNCED_WITHIN


def concerns(filters: Filter, entry: Located) -> bool:
    """Whether an entry lies within a listener's scope and what it asked for: the same conditions as of figures
    (`store.rules.filters.conditions_of`). What lies nowhere known is nobody's who is bound to a place."""
    scope, regions = filters.scope, filters.regions
    return (
        (regions is None or entry.region in regions)
        and _lies_in(entry.municipality, scope.municipalities)
        and _lies_in(entry.municipality, None if filters.municipality is None else (filters.municipality,))
        and all(
            organisation is None or organisation == entry.organisation_id
            for organisation in (scope.organisation, filters.organisation)
        )
    )


def _lies_in(municipality: str | None, beginnings: tuple[str, ...] | None) -> bool:
    return beginnings is None or (municipality is not None and municipality.startswith(beginnings))
