"""Masking follows the request: committed appeals get their masked text and are announced, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.db.driver import Row, fetch
from chassis.outbox import emit
from chassis.sealing import Keyring, SealBroken
from contracts.extents import judge_point
from contracts.intake import AppealImported, AppealRegistered, Location
from services.intake.actions.imports import KEY
from services.intake.actions.undoing import keep_imports
from services.intake.models.tables import appeal_change, appeal_history, appeal_text, masking_pending
from services.intake.rules.originals import OriginalData, open_original
from services.intake.rules.packed import pack_data
from services.intake.rules.searching import searched_text

log = structlog.get_logger()
TEXTS_AT_ONCE = 16

# What is to be done, or what was set aside before a retry began.
_WAITING = "problem IS NULL AND $2::bigint IS NULL"
_SET_ASIDE = "problem IS NOT NULL AND position <= $2"
_TAKE = """
WITH taken AS (
    DELETE FROM intake.masking_pending WHERE position IN (
        SELECT position FROM intake.masking_pending WHERE {which} ORDER BY position LIMIT $1
        FOR UPDATE SKIP LOCKED)
    RETURNING position, region, appeal_id, traceparent, past, attempts
)
SELECT t.position, t.traceparent, t.past::text AS past, t.attempts, a.region, a.id, a.number, a.regime, a.channel,
    a.client_id, a.municipality, a.lat, a.lon, a.topic_wish, a.complained_about, a.received_at, a.submitted_at,
    a.on_moderation, o.key_id, o.sealed
FROM taken t
JOIN intake.appeal a ON a.region = t.region AND a.id = t.appeal_id
LEFT JOIN intake.original o ON o.region = t.region AND o.appeal_id = t.appeal_id
ORDER BY t.position
"""

# What the operator's routes show of it, as dead letters.
COUNT_SET_ASIDE = "SELECT count(*) FROM intake.masking_pending WHERE problem IS NOT NULL"
NEWEST_SET_ASIDE = """
SELECT appeal_id AS event_id, 'masking' AS handler, 'original' AS subject, problem AS error, attempts,
    coalesce(set_aside_at, now()) AS created_at
FROM intake.masking_pending WHERE problem IS NOT NULL ORDER BY set_aside_at DESC NULLS LAST LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Masked:
    """How many rows were taken, and how many of them had to be set aside."""

    taken: int
    aside: int


async def mask_appeals(session: AsyncSession, keyring: Keyring, limit: int) -> int:
    """Mask and announce up to `limit` waiting appeals; returns how many. Several workers share the queue."""
    rows = await fetch(session, _TAKE.format(which=_WAITING), limit, None)
    return (await _work_off(session, keyring, rows)).taken


async def mask_set_aside(session: AsyncSession, keyring: Keyring, limit: int, until: int) -> Masked:
    """The same for up to `limit` that were set aside up to the position `until`; what fails again has a later one."""
    rows = await fetch(session, _TAKE.format(which=_SET_ASIDE), limit, until)
    return await _work_off(session, keyring, rows)


async def last_set_aside(session: AsyncSession) -> int:
    """The position up to which `mask_set_aside` has to go; 0 when nothing was set aside."""
    found = await session.scalar(
        text("SELECT max(position) FROM intake.masking_pending WHERE problem IS NOT NULL")
    )
    return int(found or 0)


async def take_back(session: AsyncSession) -> None:
    """Everything that was set aside is to be tried again: a process may start with the keys that were missing."""
    await session.execute(text("UPDATE intake.masking_pending SET problem = NULL WHERE problem IS NOT NULL"))


async def _work_off(session: AsyncSession, keyring: Keyring, rows: Sequence[Row]) -> Masked:
    texts, events, broken, keys = [], [], [], {}
    for place, row in enumerate(rows, 1):
        try:
            masked = _mask(row, _open(keyring, row))
            past = None if row["past"] is None else orjson.loads(row["past"])
            events.append(_announce(row, masked, past))
            texts.append(masked)
            keys[row["id"]] = (past or {}).get(KEY)
        except Exception as error:  # whatever is wrong with one appeal, its neighbours go on
            broken.append((row, _reason(error)))
        if place % TEXTS_AT_ONCE == 0:
            await asyncio.sleep(0)  # requests go first
    await insert_rows(session, appeal_text, texts)
    await insert_rows(session, appeal_change, [_first_change(event) for event in events])
    imported = [event for event in events if isinstance(event, AppealImported)]
    imports = [_first_entry(event) for event in imported]
    await insert_rows(session, appeal_history, imports)
    await keep_imports(session, imported, keys)
    await emit(session, *events)
    await _set_aside(session, broken)
    return Masked(len(rows), len(broken))


def _open(keyring: Keyring, row: Row) -> OriginalData:
    if row["sealed"] is None:
        raise SealBroken("the original is missing")
    return open_original(keyring, row["id"], row["key_id"], bytes(row["sealed"]))


def _reason(error: Exception) -> str:
    """Without what other errors quote: it may be the citizen's."""
    return str(error) if isinstance(error, SealBroken) else type(error).__name__


def _mask(row: Row, data: OriginalData) -> dict[str, Any]:
    text, address = data.masked()
    return {
        "region": row["region"],
        "appeal_id": row["id"],
        "text": text,
        "address": address or None,
        "normal": searched_text(text),
    }


def _announce(
    row: Row, masked: dict[str, Any], past: dict[str, Any] | None
) -> AppealRegistered | AppealImported:
    told: dict[str, Any] = {
        "traceparent": row["traceparent"],
        "sequence": 1,
        "region": row["region"],
        "appeal_id": row["id"],
        "number": row["number"],
        "regime": row["regime"],
        "channel": row["channel"],
        "client_id": row["client_id"],
        "text": masked["text"],
        "address": masked["address"],
        "municipality": row["municipality"],
        **_located(row),
        "received_at": row["received_at"],
    }
    if past is not None:
        return AppealImported(**told, **past)
    return AppealRegistered(
        **told,
        topic=row["topic_wish"],
        complained_about=row["complained_about"],
        submitted_at=row["submitted_at"],
        on_moderation=row["on_moderation"],
    )


def _located(row: Row) -> dict[str, Any]:
    region, lat, lon = row["region"], row["lat"], row["lon"]
    if lat is None:
        return {}
    return {"location": Location(lat=lat, lon=lon), "location_note": judge_point(region, lat, lon)}


def _first_entry(event: AppealImported) -> dict[str, Any]:
    """The history of a past case begins with its taking over."""
    return {
        "region": event.region,
        "appeal_id": event.appeal_id,
        "event_id": event.id,
        "kind": "imported",
        "at": event.taken_over.at,
        "sequence": 0,
        "assignment_id": None,
        "packed": pack_data({}),
    }


def _first_change(event: AppealRegistered | AppealImported) -> dict[str, Any]:
    waits = isinstance(event, AppealRegistered) and event.on_moderation
    return {
        "client_id": event.client_id,
        "region": event.region,
        "appeal_id": event.appeal_id,
        "change": "registered",
        "status": "on_moderation" if waits else "registered",
        "version": 1,
    }


async def _set_aside(session: AsyncSession, broken: Sequence[tuple[Row, str]]) -> None:
    """What can't be read with the keys we have waits apart for a person, and holds up nobody."""
    for row, problem in broken:
        log.error("original cannot be opened", appeal_id=str(row["id"]), problem=problem)
    aside = [
        {
            "region": row["region"],
            "appeal_id": row["id"],
            "traceparent": row["traceparent"],
            "past": row["past"] and orjson.Fragment(row["past"]),
            "problem": problem,
            "attempts": row["attempts"] + 1,
            "set_aside_at": datetime.now(UTC),
        }
        for row, problem in broken
    ]
    await insert_rows(session, masking_pending, aside)
