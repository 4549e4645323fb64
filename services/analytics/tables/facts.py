"""Facts about appeals, their assignments, answers and breaches; names; how far we have read.

No personal data, no texts, no exact places. `fact_appeal` and `fact_assignment` hold what events said and, below, totals
of the rows beneath them; totals are always recomputed while the appeal's row is locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Index, Text, Uuid, text

from chassis.feeds import generation_table
from chassis.tables import (
    BIG,
    NOW,
    SMALL,
    FeedPosition,
    Key,
    Partition,
    Xid,
    default,
    define_table,
)
from services.analytics.tables.schema import metadata

_BY_MONTH = Partition("month", "appeal_id")
LocalTime = Annotated[datetime | None, DateTime()]  # the region's wall clock
Work = Annotated[int | None, BIG]  # the running count of working seconds (`facts.rules.working_time`)
Count = Annotated[int, default("0")]
Flag = Annotated[bool, default("false")]


@dataclass(frozen=True, slots=True)
class FactAppeal:
    """An appeal: what events said of it, and totals over its assignments."""

    region: Key[str]
    appeal_id: Key[UUID]
    received_at: datetime | None
    received_local: LocalTime
    received_work: Work
    channel: str | None
    regime: str | None
    municipality: str | None
    cell: Annotated[int | None, BIG]
    withdrawn_at: datetime | None
    moderated_at: datetime | None
    rejected: bool | None
    # Taken back: counted nowhere, and what is below it is gone.
    removed_at: datetime | None
    # True where the notice of a planned work answered it, else null.
    by_work: bool | None
    # Totals over its assignments.
    leads: Count
    open_leads: Count
    organisation_id: UUID | None
    topic: str | None
    topic_group: str | None
    routed_municipality: str | None
    first_reaction_at: datetime | None
    first_reaction_work: Work
    answered_at: datetime | None
    answered_work: Work
    # When the last of its leads was taken away, if all were.
    ended_at: datetime | None
    reopenings: Count
    score_sum: Count
    score_count: Count
    solved_count: Count
    satisfied_count: Count
    reached_count: Count
    reached_known: Count
    met: Flag
    breached: Flag
    # Of the first answer: the day and the last second in time of the lead with the longest term, and whether all kept theirs.
    due_on: date | None
    due_at: datetime | None
    due_kept: Flag
    # The appeal's number here, by which the copy of the facts knows it.
    row_id: Annotated[int, BIG, default("nextval('analytics.fact_appeal_row_id'::regclass)")]


@dataclass(frozen=True, slots=True)
class FactAssignment:
    """An assignment: what events said of it, and totals over its answers and breaches."""

    region: Key[str]
    appeal_id: Key[UUID]
    assignment_id: Key[UUID]
    created_at: datetime | None
    received_at: datetime | None
    received_local: LocalTime
    received_work: Work
    role: str | None
    channel: str | None
    regime: str | None
    municipality: str | None
    topic_sequence: int | None
    topic: str | None
    topic_group: str | None
    organisation_sequence: int | None
    organisation_id: UUID | None
    first_reaction_at: datetime | None
    first_reaction_work: Work
    redirected_at: datetime | None
    cancelled_at: datetime | None
    # True where it was passed on or taken over, so that somebody had decided whose it is; else null.
    by_hand: bool | None
    # True where the notice of a planned work answered it, else null.
    by_work: bool | None
    deadline_sequence: int | None
    due_at: datetime | None
    # Of its first answer; null where that is not awaited any more.
    first_due_at: datetime | None
    first_due_on: date | None
    clock_met: bool | None
    clock_breached: bool | None
    # Totals over its answers and breaches.
    answers: Count
    answered_at: datetime | None
    answered_work: Work
    reopenings: Count
    score_sum: Count
    score_count: Count
    solved_count: Count
    satisfied_count: Count
    reached_count: Count
    reached_known: Count
    breaches: Count
    # Whether the citizen did not accept what was answered last: a promise and what fulfils it are answers of one cycle.
    is_reopened: Flag
    # The day that the newest answer names, where that postpones and stands.
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class FactAnswer:
    """A final answer, whether it was reopened, and how it was rated. `promised_on`: the day that one which postpones names."""

    region: Key[str]
    appeal_id: Key[UUID]
    answer_id: Key[UUID]
    assignment_id: UUID | None
    answered_at: datetime | None
    answered_work: Work
    outcome: str | None
    promised_on: date | None
    cycle: int | None
    reopened_at: datetime | None
    rated_at: datetime | None
    score: Annotated[int | None, SMALL]
    solved: bool | None
    reached: bool | None
    satisfied: bool | None


@dataclass(frozen=True, slots=True)
class FactBreach:
    """A deadline that passed without the act, and whether a late event disproved it."""

    region: Key[str]
    appeal_id: Key[UUID]
    deadline_id: Key[UUID]
    clock: Key[str]
    cycle: Key[int]
    version: Key[int]
    due_at: datetime | None
    fired_at: datetime | None
    corrected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reference:
    """The newest name of a topic, a group of topics, an organisation or a municipality; `version` -1 is provisional.
    `population`: residents of a municipality, where known."""

    region: Key[str]
    kind: Key[str]
    key: Key[str]
    version: Annotated[int, BIG]
    name: str
    population: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """The newest event of a stream that has been counted."""

    stream: Key[str]
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class FigureChange:
    """Which appeals a batch of events changed: what copies of the facts follow. Place by place, the region and the id."""

    xid: Xid
    position: Key[FeedPosition]
    regions: Annotated[list[str], ARRAY(Text())]
    appeals: Annotated[list[UUID], ARRAY(Uuid())]
    noted_at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class FigurePurge:
    """Changes up to this one are gone (`id` is 1): a copy that has not read them is made anew."""

    id: Key[int]
    xid: Annotated[int, BIG]


fact_appeal = define_table(
    metadata,
    "fact_appeal",
    FactAppeal,
    Index(None, "region", "received_local"),
    Index(None, "region", "due_on"),
    partition=_BY_MONTH,
)
fact_assignment = define_table(
    metadata,
    "fact_assignment",
    FactAssignment,
    Index(None, "region", "organisation_id", "received_local"),
    Index(
        "fact_assignment_promised_ix",
        "region",
        "promised_on",
        postgresql_where=text("promised_on IS NOT NULL"),
    ),
    partition=_BY_MONTH,
)
fact_answer = define_table(metadata, "fact_answer", FactAnswer, partition=_BY_MONTH)
fact_breach = define_table(metadata, "fact_breach", FactBreach, partition=_BY_MONTH)
reference = define_table(metadata, "reference", Reference)
progress = define_table(metadata, "progress", Progress)
figure_change = define_table(metadata, "figure_change", FigureChange, Index(None, "xid", "position"))
figure_purge = define_table(metadata, "figure_purge", FigurePurge)
feed_generation = generation_table(metadata)
