"""Appeals as portals, bodies and coordinators see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.feeds import end_of_feed, read_feed
from chassis.problems import NotFound
from chassis.sealing import Keyring, SealBroken
from chassis.security import Principal
from contracts.extents import LocationNote, judge_point
from services.intake.appeals.queries.reach import visible_to, within_regions
from services.intake.appeals.schemas import (
    AppealChange,
    AppealChanges,
    AppealView,
    History,
    HistoryLine,
)
from services.intake.history.rules.narrative import Registered, Sentence, narrate, narrate_to_citizens
from services.intake.history.rules.packed import read_data, read_words
from services.intake.history.rules.projection import ANSWERS, Entry, sort_history
from services.intake.history.schemas import Answer
from services.intake.originals.rules import open_original
from services.intake.tables import appeal_change

SEALED = "[Текст обращения временно недоступен]"

# The sealed original is read only in the moment before the masking worker has come by.
COLUMNS = """
SELECT a.id, a.number, a.status, a.received_at, a.region, a.municipality, a.channel, a.regime, a.external_id,
    a.topic_code, a.topic_name, a.due_on, a.due_reason, a.packed, a.organisation_id, a.organisation_name, a.promised_on,
    a.answers, a.version, a.lat, a.lon, t.text, t.address, o.key_id, o.sealed
"""
JOINS = """
LEFT JOIN {texts} t ON t.region = a.region AND t.appeal_id = a.id
LEFT JOIN intake.original o ON t.appeal_id IS NULL AND o.region = a.region AND o.appeal_id = a.id
"""
TEXTS = "intake.appeal_text"
SELECT = f"{COLUMNS} FROM intake.appeal a {JOINS} WHERE {{within}} AND {{visible}} {{filters}}"


async def read_appeal(
    session: AsyncSession, principal: Principal, keyring: Keyring, appeal_id: UUID
) -> AppealView:
    """One appeal with its answers; 404 when it is not within reach."""
    row = await _find(session, principal, appeal_id)
    history = await read_entries(session, row["region"], appeal_id) if row["answers"] else []
    return AppealView.model_validate(
        {**line_of(row, keyring), "external_id": row["external_id"], "answers": answers_of(history)}
    )


async def _find(session: AsyncSession, principal: Principal, appeal_id: UUID) -> RowMapping:
    visible, parameters = visible_to(principal)
    within, reach = within_regions(principal.regions_within())
    sql = SELECT.format(texts=TEXTS, within=within, visible=visible, filters=" AND a.id = :id")
    found = await session.execute(text(sql), {"id": appeal_id, **reach, **parameters})
    row = found.mappings().first()
    if row is None:
        raise NotFound
    return row


def line_of(row: RowMapping, keyring: Keyring) -> dict[str, Any]:
    """The fields of `AppealLine`."""
    words = read_words(dict(row))
    shown = row["text"], row["address"]
    if row["text"] is None:
        shown = _mask_now(row, keyring)
    return {
        **row,
        **words,
        "topic": row["topic_code"],
        "organisation": words["organisation_name"],
        "text": shown[0],
        "address": shown[1],
        "location_note": _note_of(row),
    }


def _note_of(row: RowMapping) -> LocationNote | None:
    return None if row["lat"] is None else judge_point(row["region"], row["lat"], row["lon"])


def _mask_now(row: RowMapping, keyring: Keyring) -> tuple[str, str | None]:
    """What the worker has not masked yet; one that can't be opened must not take the others' page along."""
    if row["sealed"] is None:
        return SEALED, None
    try:
        data = open_original(keyring, row["id"], row["key_id"], bytes(row["sealed"]))
    except SealBroken:
        return SEALED, None
    return data.masked()


async def read_entries(session: AsyncSession, region: str, appeal_id: UUID) -> list[Entry]:
    """The journal of one appeal, in the order in which things happened."""
    rows = await session.execute(
        text(
            "SELECT event_id, kind, at, sequence, assignment_id, packed, data::text AS data "
            "FROM intake.appeal_history "
            "WHERE region = :region AND appeal_id = :id"
        ),
        {"region": region, "id": appeal_id},
    )
    return sort_history(
        Entry(
            row.event_id, row.kind, row.at, row.sequence, row.assignment_id, read_data(row.packed, row.data)
        )
        for row in rows
    )


def answers_of(history: list[Entry]) -> list[Answer]:
    """Answers and interim answers, oldest first."""
    return [_answer(entry, entry.data) for entry in history if entry.kind in ANSWERS]


def _answer(entry: Entry, data: Mapping[str, Any]) -> Answer:
    return Answer(
        id=data["answer_id"],
        assignment_id=entry.assignment_id,
        text=data["text"],
        outcome=data.get("outcome"),
        interim=entry.kind == "interim_answered",
        organisation=(data.get("organisation") or {}).get("name"),
        answered_at=entry.at,
        promised_on=data.get("promised_on"),
    )


async def read_history(
    session: AsyncSession, principal: Principal, cursors: Cursors, appeal_id: UUID, cursor: str, limit: int
) -> History:
    """Everything that happened, as sentences."""
    row = await _find(session, principal, appeal_id)
    entries = await read_entries(session, row["region"], appeal_id)
    entries += await _read_accesses(session, row["region"], appeal_id)
    registered = Registered(row["number"], row["received_at"], _note_of(row))
    # What a portal reads it shows to the citizen.
    tell = narrate_to_citizens if principal.role == "portal" else narrate
    page, following = cursors.cut(
        f"history of {appeal_id}", tell(entries, registered), _name_of, cursor, limit
    )
    lines = [HistoryLine.model_validate(line, from_attributes=True) for line in page]
    return History(items=lines, next_cursor=following)


def _name_of(sentence: Sentence) -> str:
    return f"{sentence.at.isoformat()} {sentence.kind} {sentence.assignment_id}"


async def _read_accesses(session: AsyncSession, region: str, appeal_id: UUID) -> list[Entry]:
    """Who opened the original, and what for, as entries of the history."""
    rows = await session.execute(
        text(
            "SELECT id, at, role, purpose FROM intake.original_access WHERE region = :region AND appeal_id = :id"
        ),
        {"region": region, "id": appeal_id},
    )
    return [
        Entry(row.id, "original_opened", row.at, data={"role": row.role, "purpose": row.purpose})
        for row in rows
    ]


async def follow_from_now(session: AsyncSession, principal: Principal, cursors: Cursors) -> AppealChanges:
    """The end of that feed: what happens from now on follows."""
    owner = {"client_id": principal.client_id}
    return AppealChanges(items=[], next_cursor=await end_of_feed(session, appeal_change, cursors, owner))


async def follow_changes(
    session: AsyncSession, principal: Principal, cursors: Cursors, cursor: str, limit: int
) -> AppealChanges:
    """The delta feed of the client's own appeals."""
    rows, next_cursor = await read_feed(
        session,
        appeal_change,
        cursors,
        columns="appeal_id, change, status, version, at",
        owner={"client_id": principal.client_id},
        narrowed="client_hash = hashtext(:client_id)",
        cursor=cursor,
        limit=limit,
    )
    return AppealChanges(
        items=[AppealChange.model_validate(dict(row)) for row in rows], next_cursor=next_cursor
    )
