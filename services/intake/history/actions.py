"""Writing down what happened to appeals: an append-only history, and the state that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_returning, insert_rows, rows, run, update_rows
from chassis.outbox import emit
from chassis.spans import continue_trace
from contracts.intake import AnswerMasked, ExtensionReasonMasked
from contracts.routing import AssignmentAnswered, ExtensionRequested
from services.intake.history.queries import read_histories
from services.intake.history.rules.kinds import entry_of
from services.intake.history.rules.packed import StateWords, pack_data, pack_words, read_words
from services.intake.history.rules.projection import AppealProjection, AppealState, fold_appeal
from services.intake.history.rules.public import PUBLIC_CHANNEL, PUBLIC_KINDS
from services.intake.history.rules.statuses import AppealStatus, ChangeKind
from services.intake.keys import AppealEvent, AppealKey, columns_of, key_of, order_of
from services.intake.originals.actions.official_words import mask_official_words, read_removed
from services.intake.tables import appeal, appeal_change, appeal_history, appeal_holder, public_update
from services.intake.tables.histories import AppealHistory, AppealHolder, NewAppealChange
from services.intake.tables.topics import PublicUpdate

_LOCK = """
SELECT region, id, client_id, channel, (on_moderation OR coalesce(held, false)) AS on_moderation, status, topic_code, organisation_id, routed_municipality, due_on, packed,
    topic_name, organisation_name, due_reason, promised_on, answers, version
FROM intake.appeal WHERE region = ANY(:regions) AND id = ANY(:ids) ORDER BY region, id FOR NO KEY UPDATE
"""
_STATE = tuple(each.name for each in fields(AppealState))
_values_of = attrgetter(*_STATE)


@dataclass(frozen=True, slots=True)
class ProjectedAppeal:
    """The columns of an appeal's row that follow from its history. The words are packed, and no longer in clear."""

    region: str
    id: UUID
    status: AppealStatus
    topic_code: str | None
    organisation_id: UUID | None
    routed_municipality: str | None
    due_on: date | None
    packed: bytes | None
    topic_name: str | None
    organisation_name: str | None
    due_reason: str | None
    promised_on: date | None
    answers: int
    version: int


@dataclass(frozen=True, slots=True)
class LockedAppeal(ProjectedAppeal):
    """An appeal's row as it stands, locked until the transaction ends."""

    client_id: str
    channel: str
    on_moderation: bool

    @property
    def key(self) -> AppealKey:
        """Which appeal it is."""
        return AppealKey(self.region, self.id)

    @property
    def state(self) -> AppealState:
        """The state it shows."""
        words = read_words(self)
        return AppealState(
            status=self.status,
            topic_code=self.topic_code,
            topic_name=words.topic_name,
            organisation_id=self.organisation_id,
            organisation_name=words.organisation_name,
            routed_municipality=self.routed_municipality,
            due_on=self.due_on,
            due_reason=words.due_reason,
            promised_on=self.promised_on,
            answers=self.answers,
            version=self.version,
        )


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of it: the appeals as they stand now, and the events that histories had not known."""

    projections: Mapping[AppealKey, AppealProjection]
    fresh: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class _EventId:
    event_id: UUID


async def record_published(session: AsyncSession, events: Sequence[AppealEvent]) -> None:
    """What routing and sla published about appeals, of whatever kinds, officials' words masked.

    Why somebody asks for more days goes on to the coordinator who decides, and an answer to those who learn from it: once,
    however often the event is sent again.
    """
    masked = await mask_official_words(session, events)
    recorded = await record_events(session, masked)
    await emit(
        session,
        *(
            ExtensionReasonMasked(
                region=event.region,
                appeal_id=event.appeal_id,
                extension_id=event.extension_id,
                reason=event.reason,
                traceparent=continue_trace(event.traceparent),
            )
            for event in masked
            if isinstance(event, ExtensionRequested) and event.id in recorded.fresh
        ),
        *(
            AnswerMasked(
                region=event.region,
                answer_id=event.answer_id,
                assignment_id=event.assignment_id,
                appeal_id=event.appeal_id,
                outcome=event.outcome,
                text=event.text,
                traceparent=continue_trace(event.traceparent),
            )
            for event in masked
            if isinstance(event, AssignmentAnswered) and event.id in recorded.fresh
        ),
    )


async def record_events(session: AsyncSession, events: Sequence[AppealEvent]) -> Recorded:
    """Append events to the histories of their appeals and recompute these; returns what came of it.

    Takes the appeals first and in one order, whatever the events. Eight statements at most, whatever the size of the
    batch. Entries of appeals that are not here yet are kept all the same; of those that were taken back nothing is.
    """
    if not events:
        return Recorded({}, frozenset())
    keys = {key_of(event) for event in events}
    locked = await _lock_appeals(session, keys)
    removed = await read_removed(session, keys - locked.keys())
    entries = sorted(
        (row_of(event) for event in events if key_of(event) not in removed),
        key=lambda row: (row.region, row.appeal_id.int, row.event_id.int),
    )
    fresh = await insert_returning(session, _EventId, appeal_history, entries, on_conflict="DO NOTHING")
    histories = await read_histories(session, locked)
    projections = {
        key: fold_appeal(histories[key], on_moderation=appeal.on_moderation) for key, appeal in locked.items()
    }
    await _write_states(session, locked, projections)
    await _write_holders(session, projections)
    known = frozenset(each.event_id for each in fresh)
    public = {key for key, appeal in locked.items() if appeal.channel == PUBLIC_CHANNEL}
    await _write_public_updates(session, [entry for entry in entries if entry.event_id in known], public)
    return Recorded(projections, known)


async def _write_public_updates(
    session: AsyncSession, fresh: Sequence[AppealHistory], public: Collection[AppealKey]
) -> None:
    """What everybody may read of; no statement where nothing is."""
    updates = [
        PublicUpdate(entry.region, entry.appeal_id, entry.event_id, entry.at)
        for entry in fresh
        if entry.kind in PUBLIC_KINDS and AppealKey(entry.region, entry.appeal_id) in public
    ]
    await insert_rows(session, public_update, updates)


def row_of(event: AppealEvent) -> AppealHistory:
    """An event as its appeal's history keeps it."""
    entry = entry_of(event)
    return AppealHistory(
        event.region,
        event.appeal_id,
        entry.event_id,
        entry.kind,
        entry.at,
        entry.sequence,
        entry.assignment_id,
        pack_data(entry.data),
    )


async def lock_appeals(session: AsyncSession, keys: Iterable[AppealKey]) -> None:
    """Lock the appeals that several handlers work on, in key order, before each takes its own."""
    regions, ids = columns_of(keys)
    await run(session, _LOCK, regions=regions, ids=ids)


async def _lock_appeals(session: AsyncSession, keys: Iterable[AppealKey]) -> dict[AppealKey, LockedAppeal]:
    regions, ids = columns_of(keys)
    return {found.key: found for found in await rows(session, LockedAppeal, _LOCK, regions=regions, ids=ids)}


async def _write_states(
    session: AsyncSession,
    locked: Mapping[AppealKey, LockedAppeal],
    projections: Mapping[AppealKey, AppealProjection],
) -> None:
    """What differs now from what the rows show; a new version alone is no change for anybody."""
    changes = {
        key: _differences(locked[key].state, projections[key].state) for key in sorted(locked, key=order_of)
    }
    await update_rows(
        session,
        appeal,
        [_projected(key, projections[key].state) for key, names in changes.items() if names],
        keys=("region", "id"),
    )
    await insert_rows(
        session,
        appeal_change,
        [
            _change(locked[key], projections[key].state, names)
            for key, names in changes.items()
            if names - {"version"}
        ],
    )


def _differences(before: AppealState, after: AppealState) -> set[str]:
    pairs = zip(_STATE, _values_of(before), _values_of(after), strict=True)
    return {name for name, old, new in pairs if old != new}


def _projected(key: AppealKey, state: AppealState) -> ProjectedAppeal:
    words = StateWords(state.topic_name, state.organisation_name, state.due_reason)
    return ProjectedAppeal(
        region=key.region,
        id=key.id,
        status=state.status,
        topic_code=state.topic_code,
        organisation_id=state.organisation_id,
        routed_municipality=state.routed_municipality,
        due_on=state.due_on,
        packed=pack_words(words),
        topic_name=None,
        organisation_name=None,
        due_reason=None,
        promised_on=state.promised_on,
        answers=state.answers,
        version=state.version,
    )


# What a portal's feed calls a change: by the first of these that changed.
_CHANGES: Mapping[str, ChangeKind] = {
    "status": "status",
    "answers": "answer",
    "organisation_id": "organisation",
    "topic_code": "topic",
    "due_on": "deadline",
    "promised_on": "promise",
}


def _change(appeal: LockedAppeal, state: AppealState, names: set[str]) -> NewAppealChange:
    change: ChangeKind = next((change for name, change in _CHANGES.items() if name in names), "changed")
    return NewAppealChange(appeal.client_id, appeal.region, appeal.id, change, state.status, state.version)


async def _write_holders(session: AsyncSession, projections: Mapping[AppealKey, AppealProjection]) -> None:
    holders = [
        AppealHolder(key.region, organisation, key.id, active, projection.state.status)
        for key, projection in projections.items()
        for organisation, active in projection.holders.items()
    ]
    holders.sort(key=lambda holder: (holder.region, holder.organisation_id.int, holder.appeal_id.int))
    await insert_rows(
        session,
        appeal_holder,
        holders,
        on_conflict="(region, organisation_id, appeal_id) DO UPDATE SET active = excluded.active, "
        "status = excluded.status WHERE (appeal_holder.active, appeal_holder.status) "
        "IS DISTINCT FROM (excluded.active, excluded.status)",
    )
