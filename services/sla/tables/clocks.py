"""Facts (journal), what follows from them (clock), what is to be sent (timer) and was sent (firing).

Rows that are made for every event are not frozen: a frozen instance takes several times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from sqlalchemy import ARRAY, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB

from chassis.feeds import generation_table
from chassis.tables import BIG, FeedPosition, Key, Partition, Xid, default, define_table
from services.sla.tables.schema import TextId, metadata

_BY_MONTH: Final = Partition("month", "appeal_id")


@dataclass(frozen=True, slots=True)
class Appeal:
    """Its row is the lock under which an appeal's clocks change; `sequence` numbers those changes. `removed_at`:
    taken back; nothing is known of it any more, and whatever arrives later is dropped. `municipality`: where it lies,
    for municipal centres."""

    region: Key[str]
    appeal_id: Key[TextId]
    client_id: str | None
    received_at: datetime | None
    sequence: Annotated[int, BIG, default("1")]
    removed_at: datetime | None
    municipality: str | None


appeal = define_table(
    metadata,
    "appeal",
    Appeal,
    Index(None, "region", "received_at"),
    # Appeals of which one event is known only: routing has not published yet, and the clocks wait for it a little.
    Index("appeal_unrouted_ix", "region", "appeal_id", postgresql_where=sql("sequence = 1")),
    partition=_BY_MONTH,
)


@dataclass(slots=True)
class Journal:
    """One fact. `packed`: what it has beside these columns (see `packed`); `data`: all of it, in rows of older
    versions."""

    region: Key[str]
    appeal_id: Key[TextId]
    event_id: Key[TextId]
    kind: str
    at: datetime
    assignment_id: TextId | None
    packed: bytes | None
    data: dict[str, object] | None


journal = define_table(metadata, "journal", Journal, partition=_BY_MONTH)


@dataclass(slots=True)
class Clock:
    """`assignment_id`: `NIL` for the appeal's own. `sort_at`: `due_at`, or the end of time while the clock stands
    still: lists are ordered by it. `packed`: the explanation; `explanation`: the same in clear, in rows of older
    versions."""

    region: Key[str]
    appeal_id: Key[TextId]
    assignment_id: Key[TextId]
    clock: Key[str]
    cycle: Key[int]
    organisation_id: TextId | None
    lead: bool
    started_at: datetime
    due_at: datetime | None
    due_on: date | None
    sort_at: datetime
    state: str
    met_at: datetime | None
    ended_at: datetime | None
    policy_id: TextId | None
    policy_version: int | None
    calendar_version: int
    certain: bool
    version: int
    change: str | None
    packed: bytes | None
    explanation: Annotated[list[Any] | None, JSONB()]


clock = define_table(
    metadata,
    "clock",
    Clock,
    # With whose they are, so that row security is judged, and states are counted, from the index alone.
    Index(
        "clock_state_ix", "region", "state", "sort_at", "appeal_id", postgresql_include=["organisation_id"]
    ),
    Index(
        "clock_organisation_ix",
        "region",
        "organisation_id",
        "state",
        "sort_at",
        "appeal_id",
        postgresql_where=sql("organisation_id IS NOT NULL"),
    ),
    Index("clock_open_ix", "region", "appeal_id", postgresql_where=sql("ended_at IS NULL")),
    # What is overdue now, few beside what once was: counted by organisation from the index alone.
    Index(
        "clock_overdue_ix",
        "region",
        "organisation_id",
        "due_at",
        "appeal_id",
        postgresql_where=sql("state = 'breached' AND ended_at IS NULL"),
    ),
    partition=_BY_MONTH,
)


@dataclass(slots=True)
class Timer:
    """One row per clock of which something is to be sent or was: its next timer (`slot`), and what was sent (`fired`,
    `breached_version`: see `NotificationState`)."""

    region: Key[str]
    appeal_id: Key[TextId]
    assignment_id: Key[TextId]
    clock: Key[str]
    cycle: Key[int]
    version: int
    state: str
    fire_at: datetime
    slot: str | None
    started_at: datetime
    due_at: datetime | None
    organisation_id: TextId | None
    regime: str
    municipality: str | None
    fired: Annotated[list[str], ARRAY(Text)]
    breached_version: int | None


timer = define_table(
    metadata,
    "timer",
    Timer,
    Index("timer_fire_at_ix", "fire_at", postgresql_where=sql("state = 'armed'")),
)

feed_generation = generation_table(metadata)


@dataclass(slots=True)
class NewFiring:
    """A timer that has fired, as it is written."""

    region: Key[str]
    appeal_id: Key[TextId]
    assignment_id: Key[TextId]
    clock: Key[str]
    cycle: Key[int]
    version: Key[int]
    kind: Key[str]
    level: Key[int]
    repeat: Key[int]
    recipient: str
    organisation_id: TextId | None
    due_at: datetime
    due_for_firing_at: datetime
    fired_at: datetime


@dataclass(slots=True)
class Firing(NewFiring):
    """What was sent, once each: the key holds even if a timer were armed twice. Read as the escalations feed."""

    withdrawn_at: datetime | None
    xid: Xid
    position: FeedPosition


firing = define_table(
    metadata,
    "firing",
    Firing,
    Index("firing_region_ix", "region", "xid", "position", postgresql_where=sql("kind <> 'reminder'")),
    Index(
        "firing_organisation_ix",
        "organisation_id",
        "xid",
        "position",
        postgresql_where=sql("kind <> 'reminder'"),
    ),
    partition=_BY_MONTH,
)
