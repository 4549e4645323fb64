"""One appeal as portals, organisations and coordinators see it, its history, and the feed of changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.db import row, rows
from chassis.feeds import FeedEntry, end_of_feed, follow_feed
from chassis.principals import Principal
from chassis.problems import NotFound
from chassis.sealing import Keyring
from services.intake.appeals.queries.found import SELECT, TEXTS, FoundAppeal
from services.intake.appeals.queries.reach import visible_to, within_regions
from services.intake.appeals.schemas import (
    AppealChange,
    AppealChanges,
    AppealOutline,
    AppealView,
    History,
    HistoryLine,
    OutlineStep,
)
from services.intake.channels.queries.directory import read_source
from services.intake.channels.rules.reading import NETWORKS
from services.intake.history.queries import read_answers, read_history
from services.intake.history.rules.entries import HistoryEntry
from services.intake.history.rules.narrative import (
    Registered,
    Sentence,
    narrate,
    narrate_in_outline,
    narrate_to_citizens,
)
from services.intake.history.rules.packed import read_words
from services.intake.history.rules.statuses import AppealStatus
from services.intake.registration.rules.notices import notice_while_open
from services.intake.tables import appeal_change

_ACCESSES = (
    "SELECT id, at, role, purpose FROM intake.original_access WHERE region = :region AND appeal_id = :id"
)


async def read_appeal(
    session: AsyncSession, principal: Principal, keyring: Keyring, appeal_id: UUID
) -> AppealView:
    """One appeal with its answers; 404 when it is not within reach."""
    found = await _find(session, principal, appeal_id)
    history = await read_history(session, found.region, appeal_id) if found.answers else []
    answers = await read_answers(session, found.region, appeal_id, history)
    source = await read_source(session, found.region, appeal_id) if found.channel in NETWORKS else None
    view = found.show_as(AppealView, keyring, answers=answers, notice=None, source=source)
    notice = notice_while_open(found.status, found.answers, found.danger, view.text)
    return view.model_copy(update={"notice": notice})


async def _find(session: AsyncSession, principal: Principal, appeal_id: UUID) -> FoundAppeal:
    visible, within = visible_to(principal), within_regions(principal.regions_within())
    sql = SELECT.format(texts=TEXTS, within=within.sql, visible=visible.sql, filters=" AND a.id = :id")
    found = await row(session, FoundAppeal, sql, id=appeal_id, **within.parameters, **visible.parameters)
    if found is None:
        raise NotFound
    return found


async def outline_appeal(session: AsyncSession, principal: Principal, appeal_id: UUID) -> AppealOutline:
    """The course of one appeal, without texts; 404 when it is not within reach."""
    found = await _find(session, principal, appeal_id)
    registered = Registered(found.number, found.received_at, found.location_note)
    words = read_words(found)
    steps = narrate_in_outline(await read_history(session, found.region, appeal_id), registered)
    return AppealOutline(
        id=found.id,
        number=found.number,
        status=found.status,
        received_at=found.received_at,
        region=found.region,
        municipality=found.municipality,
        channel=found.channel,
        regime=found.regime,
        topic=found.topic_code,
        topic_name=words.topic_name,
        organisation=words.organisation_name,
        organisation_id=found.organisation_id,
        due_on=found.due_on,
        promised_on=found.promised_on,
        steps=[OutlineStep.model_validate(step, from_attributes=True) for step in steps],
    )


async def narrate_history(
    session: AsyncSession, principal: Principal, cursors: Cursors, appeal_id: UUID, cursor: str, limit: int
) -> History:
    """Everything that happened, as sentences."""
    found = await _find(session, principal, appeal_id)
    entries = await read_history(session, found.region, appeal_id)
    entries += await _read_accesses(session, found.region, appeal_id)
    registered = Registered(found.number, found.received_at, found.location_note)
    # What a portal reads it shows to the citizen.
    narrative = narrate_to_citizens if principal.role == "portal" else narrate
    page, following = cursors.cut(
        f"history of {appeal_id}", narrative(entries, registered), _name_of, cursor, limit
    )
    lines = [HistoryLine.model_validate(line, from_attributes=True) for line in page]
    return History(items=lines, next_cursor=following)


def _name_of(sentence: Sentence) -> str:
    return f"{sentence.at.isoformat()} {sentence.kind} {sentence.assignment_id}"


@dataclass(frozen=True, slots=True)
class _Access:
    id: UUID
    at: datetime
    role: str
    purpose: str


async def _read_accesses(session: AsyncSession, region: str, appeal_id: UUID) -> list[HistoryEntry]:
    """Who opened the original, and what for, as entries of the history."""
    return [
        HistoryEntry(
            access.id, "original_opened", access.at, data={"role": access.role, "purpose": access.purpose}
        )
        for access in await rows(session, _Access, _ACCESSES, region=region, id=appeal_id)
    ]


@dataclass(frozen=True, slots=True)
class _Change(FeedEntry):
    appeal_id: UUID
    change: str
    status: AppealStatus
    version: int
    at: datetime


async def follow_from_now(session: AsyncSession, principal: Principal, cursors: Cursors) -> AppealChanges:
    """The end of that feed: what happens from now on follows."""
    owner = {"client_id": principal.client_id}
    return AppealChanges(items=[], next_cursor=await end_of_feed(session, appeal_change, cursors, owner))


async def follow_changes(
    session: AsyncSession, principal: Principal, cursors: Cursors, cursor: str, limit: int
) -> AppealChanges:
    """The delta feed of the client's own appeals."""
    changes, next_cursor = await follow_feed(
        session,
        _Change,
        appeal_change,
        cursors,
        owner={"client_id": principal.client_id},
        narrowed="client_hash = hashtext(:client_id)",
        cursor=cursor,
        limit=limit,
    )
    items = [
        AppealChange(
            appeal_id=each.appeal_id,
            change=each.change,
            status=each.status,
            version=each.version,
            at=each.at,
        )
        for each in changes
    ]
    return AppealChanges(items=items, next_cursor=next_cursor)
