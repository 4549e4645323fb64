"""Past cases of another system, as they are imported."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, StringConstraints

from chassis.faults import Wording
from chassis.times import Day, Instant
from contracts.routing import Outcome
from services.intake.field_types import AppealText, ExternalId
from services.intake.registration.schemas import AppealFields

FIRST_YEAR, LAST_YEAR = 1994, 2198


def _countable_instant(at: datetime) -> datetime:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise ValueError(Wording("the year must lie between {first} and {last}", years))
    return at


PastInstant = Annotated[Instant, AfterValidator(_countable_instant)]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")
]


class LegacyCase(AppealFields):
    """A case that another system kept, answered there (`closed_at`) or still open.

    `topic`, `group` and `organisation` are codes or names. `due_at` left out: the region's policies count from
    `received_at`; null: the other system had set no deadline. `promised_on`: until when a `postponed` answer put the
    solution off.
    """

    external_id: ExternalId
    received_at: PastInstant
    text: AppealText | None = None
    topic: Name | None = None
    group: Name | None = None
    organisation: Name | None = None
    due_at: PastInstant | None = None
    accepted_at: PastInstant | None = None
    closed_at: PastInstant | None = None
    outcome: Outcome = "solved"
    promised_on: Day | None = None
    answer: AppealText | None = None


ImportStatus = Literal["taken_over", "undoing", "undone", "refused"]


class ImportView(BaseModel):
    """What came together, as far as it lies within reach. `removed`: taken back; `kept`: worked on at that very moment.
    `refused`: it was to be taken back, and `worked_on` cases stood against it, of which some are named."""

    id: UUID
    regions: list[str]
    began_at: datetime
    status: ImportStatus
    cases: int
    removed: int
    kept: int
    worked_on: int
    worked_on_numbers: list[str]


class ImportPage(BaseModel):
    """Imports, the newest first."""

    items: list[ImportView]
    next_cursor: str | None
