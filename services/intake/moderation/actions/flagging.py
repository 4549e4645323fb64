"""Flags of appeals that are announced now; some of them wait for a moderator before others may read them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows, insert_rows, rows, run
from chassis.normal import fold
from chassis.partitions import lowest_uuid7, uuid7_time
from contracts.moderation import Flag
from services.intake.moderation.rules.flags import REPEATS_OF_FLOOD, FlaggedText, holds
from services.intake.tables import text_repeat
from services.intake.tables.moderation import TextRepeat

_WINDOW: Final = timedelta(days=1)
_SHORTEST = 20  # letters: a shorter text comes again by chance

_HOLDING = "SELECT region, holding_flags FROM intake.region_setting WHERE region = ANY(:regions)"
# As many as make a flood, and no more: thousands of the same text cost no more than three.
_REPEATS = f"""
SELECT g.id FROM json_to_recordset(:given::json) AS g(id uuid, region text, text_hash bytea, since uuid)
WHERE {REPEATS_OF_FLOOD} <= (SELECT count(*) FROM (SELECT FROM intake.text_repeat r
    WHERE r.region = g.region AND r.text_hash = g.text_hash AND r.appeal_id BETWEEN g.since AND g.id
    LIMIT {REPEATS_OF_FLOOD}) AS same)
"""
_MARK = """
UPDATE intake.appeal a SET flags = m.flags, held = m.held,
    status = CASE WHEN m.held AND a.status = 'registered' THEN 'on_moderation' ELSE a.status END
FROM json_to_recordset(:marks::json) AS m(region text, id uuid, flags text[], held boolean)
WHERE a.region = m.region AND a.id = m.id
"""


@dataclass(frozen=True, slots=True)
class FlaggedAppeal:
    """An appeal that has just been masked, with the flags of its text alone. `text_hash`: what a text that comes again is known
    by; None for one that is short enough to come again by chance."""

    region: str
    id: UUID
    flags: tuple[Flag, ...]
    text_hash: bytes | None


@dataclass(frozen=True, slots=True)
class _Holding:
    region: str
    holding_flags: list[str]


@dataclass
class _Given:
    id: UUID
    region: str
    text_hash: bytes
    since: UUID


@dataclass(frozen=True, slots=True)
class _Repeated:
    id: UUID


@dataclass
class _Mark:
    region: str
    id: UUID
    flags: list[Flag]
    held: bool


def judge_text(region: str, id: UUID, text: FlaggedText) -> FlaggedAppeal:
    """Pure; what fails here concerns this appeal alone."""
    text_hash = hash_text(text.masked) if len(text.masked) >= _SHORTEST else None
    return FlaggedAppeal(region, id, tuple(each.flag for each in text.flags()), text_hash)


async def flag_appeals(session: AsyncSession, judged: Sequence[FlaggedAppeal]) -> frozenset[UUID]:
    """Note the flags of appeals; returns those that wait for a moderator because of them.

    Four statements at most, whatever the size of the batch; none of them waits for another transaction but for a decision
    on the same appeal.
    """
    repeated = await _note_repeats(session, judged)
    flags = {each.id: _flags_of(each, repeated) for each in judged}
    holding = await _read_holding(session, judged) if any(flags.values()) else {}
    marks = [
        _Mark(
            each.region, each.id, flags[each.id], holds(flags[each.id], holding.get(each.region, frozenset()))
        )
        for each in sorted(judged, key=lambda each: (each.region, each.id.int))
        if flags[each.id]
    ]
    if marks:
        await run(session, _MARK, marks=encode_rows(marks))
    return frozenset(mark.id for mark in marks if mark.held)


def _flags_of(each: FlaggedAppeal, repeated: frozenset[UUID]) -> list[Flag]:
    is_flood = each.id in repeated and "flood" not in each.flags
    return [*each.flags, "flood"] if is_flood else [*each.flags]


async def _note_repeats(session: AsyncSession, judged: Sequence[FlaggedAppeal]) -> frozenset[UUID]:
    """Appeals whose text came often enough within a day, themselves counted."""
    given = [
        _Given(each.id, each.region, each.text_hash, lowest_uuid7(uuid7_time(each.id) - _WINDOW))
        for each in judged
        if each.text_hash is not None
    ]
    if not given:
        return frozenset()
    entries = [TextRepeat(each.region, each.text_hash, each.id) for each in given]
    await insert_rows(session, text_repeat, entries, on_conflict="DO NOTHING")
    return frozenset(each.id for each in await rows(session, _Repeated, _REPEATS, given=encode_rows(given)))


def hash_text(masked: str) -> bytes:
    """16 bytes, the same for texts that differ in capitals, spaces and other spellings of the same letters."""
    return hashlib.blake2b(fold(masked).strip().encode(), digest_size=16).digest()


async def _read_holding(
    session: AsyncSession, judged: Sequence[FlaggedAppeal]
) -> Mapping[str, frozenset[str]]:
    regions = sorted({each.region for each in judged})
    found = await rows(session, _Holding, _HOLDING, regions=regions)
    return {each.region: frozenset(each.holding_flags) for each in found}


async def purge_text_repeats(session: AsyncSession, now: datetime) -> None:
    """What is older than the window in which a text counts as the same again."""
    await run(
        session,
        "DELETE FROM intake.text_repeat WHERE appeal_id < :oldest",
        oldest=lowest_uuid7(now - 2 * _WINDOW),
    )
