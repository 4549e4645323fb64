"""One appeal as portals, organisations and coordinators see it, its history, and the feed of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
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
from services.intake.history.rules.statuses import AppealStatus, ChangeKind
from services.intake.registration.rules.notices import notice_while_open
from services.intake.tables import appeal_change

MOST_LINES: Final = 1000  # of a history beside its appeal: the history by itself has pages
_ACCESSES = (
    "SELECT id, at, role, purpose FROM intake.original_access WHERE region = :region AND appeal_id = :id"
)


async def read_appeal(
    session: AsyncSession, principal: Principal, keyring: Keyring, appeal_id: UUID, *, with_history: bool
) -> AppealView:
    """One appeal with its answers, and with its history if that is wanted; 404 when it is not within reach."""
    found = await _find(session, principal, appeal_id)
    entries: list[HistoryEntry] = []
    if found.answers or with_history:
        entries = await read_history(session, found.region, appeal_id)
    lines = await _narrate(session, principal, found, entries) if with_history else None
    view = found.show_as(
        AppealView,
        keyring,
        answers=await read_answers(session, found.region, appeal_id, entries),
        notice=None,
        source=await read_source(session, found.region, appeal_id) if found.channel in NETWORKS else None,
        history=None if lines is None else [_show(line) for line in lines[:MOST_LINES]],
    )
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
    lines = await _narrate(session, principal, found, entries)
    page, following = cursors.cut(f"history of {appeal_id}", lines, _name_of, cursor, limit)
    return History(items=[_show(line) for line in page], next_cursor=following)


async def _narrate(
    session: AsyncSession, principal: Principal, found: FoundAppeal, entries: Sequence[HistoryEntry]
) -> list[Sentence]:
    """What happened to an appeal, who opened its original included, as this principal may read it."""
    accesses = await _read_accesses(session, found.region, found.id)
    registered = Registered(found.number, found.received_at, found.location_note)
    # What a portal reads it shows to the citizen.
    narrative = narrate_to_citizens if principal.role == "portal" else narrate
    return narrative([*entries, *accesses], registered)


def _show(line: Sentence) -> HistoryLine:
    return HistoryLine.model_validate(line, from_attributes=True)


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
    region: str
    appeal_id: UUID
    change: ChangeKind
    status: AppealStatus
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _OwnName:
    id: UUID
    external_id: str


_OWN_NAMES = """
SELECT id, external_id FROM intake.appeal
WHERE region = ANY(:regions) AND id = ANY(:ids) AND external_id IS NOT NULL
"""


async def _external_ids(session: AsyncSession, changes: Sequence[_Change]) -> dict[UUID, str]:
    """What the client itself calls the appeals."""
    if not changes:
        return {}
    regions, ids = {each.region for each in changes}, {each.appeal_id for each in changes}
    found = await rows(session, _OwnName, _OWN_NAMES, regions=sorted(regions), ids=sorted(ids))
    return {each.id: each.external_id for each in found}


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
    own = await _external_ids(session, changes)
    items = [
        AppealChange(
            appeal_id=each.appeal_id,
            external_id=own.get(each.appeal_id),
            change=each.change,
            status=each.status,
            version=each.version,
            at=each.at,
        )
        for each in changes
    ]
    return AppealChanges(items=items, next_cursor=next_cursor)
