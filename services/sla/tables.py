"""Facts (journal), what follows from them (clock), what is to be sent (timer) and was sent (firing); what regions have
decided (policy, calendar, office_hours, escalation_level, setting).

Ids of appeals and assignments are text in the rows of journals, clocks and timers, as facts and clocks know them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from sqlalchemy import ARRAY, Index, Text, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB

from chassis.feeds import generation_table
from chassis.sealed_columns import SealedColumns
from chassis.tables import (
    BIG,
    IDENTITY,
    NOW,
    SMALL,
    XID_DEFAULT,
    Key,
    Partition,
    chassis_tables,
    create_metadata,
    default,
    define_table,
)
from contracts.sla import ClockKind

metadata = create_metadata("sla")
tables = chassis_tables(metadata)

Decision = Literal["approve", "refuse"]
TextId = Annotated[str, Uuid()]
_BY_MONTH: Final = Partition("month", "appeal_id")


@dataclass(frozen=True, slots=True)
class Appeal:
    """Its row is the lock under which an appeal's clocks change; `sequence` numbers those changes. `removed_at`: taken back;
    nothing is known of it any more, and whatever arrives later is dropped."""

    region: Key[str]
    appeal_id: Key[TextId]
    client_id: str | None
    received_at: datetime | None
    sequence: Annotated[int, BIG, default("1")]
    removed_at: datetime | None


appeal = define_table(
    metadata,
    "appeal",
    Appeal,
    Index(None, "region", "received_at"),
    # Appeals of which one event is known only: routing has not published yet, and the clocks wait for it a little.
    Index("appeal_unrouted_ix", "region", "appeal_id", postgresql_where=sql("sequence = 1")),
    partition=_BY_MONTH,
)


@dataclass(frozen=True, slots=True)
class Journal:
    """One fact. `packed`: what it has beside these columns (see `packed`); `data`: all of it, in rows of older versions."""

    region: Key[str]
    appeal_id: Key[TextId]
    event_id: Key[TextId]
    kind: str
    at: datetime
    assignment_id: TextId | None
    packed: bytes | None
    data: dict[str, Any] | None


journal = define_table(metadata, "journal", Journal, partition=_BY_MONTH)


@dataclass(frozen=True, slots=True)
class Clock:
    """`assignment_id`: `NIL` for the appeal's own. `sort_at`: `due_at`, or the end of time while the clock stands still: lists are
    ordered by it. `packed`: the explanation; `explanation`: the same in clear, in rows of older versions."""

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
    Index("clock_state_ix", "region", "state", "sort_at", "appeal_id"),
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
    partition=_BY_MONTH,
)


@dataclass(frozen=True, slots=True)
class Timer:
    """One row per clock of which something is to be sent or was: its next timer (`slot`), and what was sent (`fired`, `breached_version`:
    see `NotificationState`)."""

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


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Firing(NewFiring):
    """What was sent, once each: the key holds even if a timer were armed twice. Read as the escalations feed."""

    withdrawn_at: datetime | None
    xid: Annotated[int, BIG, default(XID_DEFAULT.text)]
    position: Annotated[int, BIG, IDENTITY]


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


@dataclass(frozen=True, slots=True)
class NewExtension:
    """A request for more days, as it is written."""

    region: Key[str]
    extension_id: Key[UUID]
    appeal_id: UUID
    assignment_id: UUID
    organisation_id: UUID
    days: int
    reason: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Extension(NewExtension):
    """The request and its decision. What the coordinator wrote is sealed (`EXTENSION_WORDS`)."""

    decision: Decision | None
    decided_days: int | None
    decision_reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    notified_at: datetime | None
    notice: str | None
    key_id: Annotated[int | None, SMALL]
    sealed: bytes | None


_EXTENSIONS_IN_ORDER: Final = ("region", "requested_at", "extension_id")
extension = define_table(
    metadata,
    "extension",
    Extension,
    Index("extension_pending_ix", *_EXTENSIONS_IN_ORDER, postgresql_where=sql("decision IS NULL")),
    Index("extension_decided_ix", *_EXTENSIONS_IN_ORDER, postgresql_where=sql("decision IS NOT NULL")),
    Index("extension_clear_ix", "region", "extension_id", postgresql_where=sql("sealed IS NULL")),
)
# What the coordinator wrote. `reason`: the organisation's, in rows that are older than `extension_reason`.
EXTENSION_WORDS: Final = SealedColumns(extension, "extension_id", ("reason", "decision_reason", "notice"))


@dataclass(frozen=True, slots=True)
class ExtensionReason:
    """Why an organisation asks for more days, as intake has masked it; comes before or after the request itself."""

    region: Key[str]
    extension_id: Key[UUID]
    reason: str


extension_reason = define_table(metadata, "extension_reason", ExtensionReason)


@dataclass(frozen=True, slots=True)
class Policy:
    region: Key[str]
    policy_id: Key[UUID]
    version: Key[int]
    data: dict[str, Any]
    created_by: str
    created_at: Annotated[datetime, NOW]


policy = define_table(metadata, "policy", Policy, Index(None, "policy_id"))


@dataclass(frozen=True, slots=True)
class Calendar:
    region: Key[str]
    version: Key[int]
    data: dict[str, Any]
    reason: str
    created_by: str
    created_at: Annotated[datetime, NOW]


calendar = define_table(metadata, "calendar", Calendar)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    region: Key[str]
    organisation_id: Key[UUID]
    calendar_version: Key[int]
    hours: dict[str, Any] | None


office_hours = define_table(metadata, "office_hours", OfficeHours)


@dataclass(frozen=True, slots=True)
class EscalationLevel:
    """`data`: the level as `rules` reads it."""

    region: Key[str]
    regime: Key[str]
    level: Key[int]
    data: dict[str, Any]


escalation_level = define_table(metadata, "escalation_level", EscalationLevel)


@dataclass(frozen=True, slots=True)
class Setting:
    region: Key[str]
    version: int
    minimum_sample: int
    due_soon_hours: int
    changed_by: str
    changed_at: Annotated[datetime, NOW]


setting = define_table(metadata, "setting", Setting)


@dataclass(frozen=True, slots=True)
class RegionVersion:
    """Grows with every decision of a region, so that a cached configuration is checked by one small read."""

    region: Key[str]
    version: Annotated[int, BIG]


region_version = define_table(metadata, "region_version", RegionVersion)


@dataclass(frozen=True, slots=True)
class Recalculation:
    """A decision that running clocks have to follow, or a rebuild (`everything`): appeals of the region after `appeal_id` are left.
    `policy_id` and `clock`: a policy is re-applied."""

    recalculation_id: Key[UUID]
    region: str
    cause: str
    everything: bool
    policy_id: UUID | None
    clock: ClockKind | None
    appeal_id: UUID
    attempts: Annotated[int, SMALL, default("0")]
    created_at: Annotated[datetime, NOW]


recalculation = define_table(metadata, "recalculation", Recalculation)
