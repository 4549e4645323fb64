"""Masking follows the request: committed appeals get their masked text and are announced, in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.driver import Row, fetch
from chassis.outbox import emit
from contracts.intake import AppealImported, AppealRegistered, Location
from services.intake.models import appeal_change, appeal_history, appeal_text
from services.intake.rules.masking import mask_address, mask_text
from services.intake.rules.originals import OriginalData, open_original
from services.intake.rules.sealing import Keyring, SealBroken

log = structlog.get_logger()
TEXTS_AT_ONCE = 16

_TAKE = """
WITH taken AS (
    DELETE FROM intake.masking_pending WHERE position IN (
        SELECT position FROM intake.masking_pending WHERE problem IS NULL ORDER BY position LIMIT $1
        FOR UPDATE SKIP LOCKED)
    RETURNING position, region, appeal_id, traceparent, past
)
SELECT t.position, t.traceparent, t.past::text AS past, a.region, a.id, a.number, a.regime, a.channel, a.client_id,
    a.municipality, a.lat, a.lon, a.topic_wish, a.complained_about, a.received_at, a.submitted_at, a.on_moderation, o.key_id, o.sealed
FROM taken t
JOIN intake.appeal a ON a.region = t.region AND a.id = t.appeal_id
JOIN intake.original o ON o.region = t.region AND o.appeal_id = t.appeal_id
ORDER BY t.position
"""


async def mask_appeals(session: AsyncSession, keyring: Keyring, limit: int) -> int:
    """Mask and announce up to `limit` waiting appeals; returns how many. Several workers share the queue."""
    rows = await fetch(session, _TAKE, limit)
    texts, events, broken = [], [], []
    for place, row in enumerate(rows, 1):
        try:
            data = open_original(keyring, row["id"], row["key_id"], bytes(row["sealed"]))
        except SealBroken as error:
            broken.append((row, str(error)))
            continue
        masked = _mask(row, data)
        texts.append(masked)
        events.append(_announce(row, masked))
        if place % TEXTS_AT_ONCE == 0:
            await asyncio.sleep(0)  # requests go first
    await insert_rows(session, appeal_text, texts)
    await insert_rows(session, appeal_change, [_first_change(event) for event in events])
    imports = [_first_entry(event) for event in events if isinstance(event, AppealImported)]
    await insert_rows(session, appeal_history, imports)
    await emit(session, *events)
    await _set_aside(session, broken)
    return len(rows)


def _mask(row: Row, data: OriginalData) -> dict[str, Any]:
    address = mask_address(data.address, data.name) if data.address else None
    return {
        "region": row["region"],
        "appeal_id": row["id"],
        "text": mask_text(data.text, data.name),
        "address": address or None,
    }


def _announce(row: Row, masked: dict[str, Any]) -> AppealRegistered | AppealImported:
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
        "location": None if row["lat"] is None else Location(lat=row["lat"], lon=row["lon"]),
        "received_at": row["received_at"],
    }
    if row["past"] is not None:
        return AppealImported(**told, **orjson.loads(row["past"]))
    return AppealRegistered(
        **told,
        topic=row["topic_wish"],
        complained_about=row["complained_about"],
        submitted_at=row["submitted_at"],
        on_moderation=row["on_moderation"],
    )


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
        "data": {},
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
        await session.execute(
            text(
                "INSERT INTO intake.masking_pending (region, appeal_id, traceparent, problem, past) "
                "VALUES (:region, :id, :traceparent, :problem, CAST(CAST(:past AS text) AS jsonb))"
            ),
            {
                "region": row["region"],
                "id": row["id"],
                "traceparent": row["traceparent"],
                "problem": problem,
                "past": row["past"],
            },
        )
