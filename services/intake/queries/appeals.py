"""Appeals as portals, bodies and coordinators see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.feeds import read_feed
from chassis.pages import merge_ranges
from chassis.partitions import lowest_uuid7
from chassis.problems import NotFound
from chassis.sealing import Keyring, SealBroken
from chassis.security import Principal
from services.intake.models import CLIENT_HASH, appeal_change, visible_to, within_regions
from services.intake.rules.history import ANSWERS, Entry, Status, sort_history
from services.intake.rules.numbers import parse_number, zone_of
from services.intake.rules.originals import open_original
from services.intake.rules.packed import read_data, read_reason
from services.intake.rules.wording import for_citizens, narrate
from services.intake.schemas.appeals import (
    Answer,
    AppealChange,
    AppealChanges,
    AppealLine,
    AppealPage,
    AppealView,
    History,
    HistoryLine,
)

DEFAULT_ZONE_REGION = "77"
SEALED = "[Текст обращения временно недоступен]"

# The sealed original is read only in the moment before the masking worker has come by.
_COLUMNS = """
SELECT a.id, a.number, a.status, a.received_at, a.region, a.municipality, a.channel, a.regime, a.external_id,
    a.topic_code, a.topic_name, a.due_on, a.due_packed, a.due_reason, a.organisation_id, a.organisation_name, a.promised_on,
    a.answers, a.version, t.text, t.address, o.key_id, o.sealed
"""
_JOINS = """
LEFT JOIN {texts} t ON t.region = a.region AND t.appeal_id = a.id
LEFT JOIN intake.original o ON t.appeal_id IS NULL AND o.region = a.region AND o.appeal_id = a.id
"""
_TEXTS = "intake.appeal_text"
_SELECT = f"{_COLUMNS} FROM intake.appeal a {_JOINS} WHERE {{within}} AND {{visible}} {{filters}}"
_PAGE = (
    f"{_COLUMNS} FROM ({{page}}) AS p JOIN intake.appeal a ON a.region = p.region AND a.id = p.id "
    f"{_JOINS.format(texts=_TEXTS)} ORDER BY a.id DESC"
)
_REGIONS = "unnest(CAST(:regions AS text[])) AS r(region)"
_STATUSES = " CROSS JOIN unnest(CAST(:statuses AS text[])) AS s(status)"
# Where a principal's appeals stand in the order of their ids; a portal's and a body's status by status.
_OF_REGION = "SELECT a.region, a.id FROM intake.appeal a WHERE a.region = r.region"
_OF_CLIENT = f"{_OF_REGION} AND a.client_id = :own_client AND a.status = s.status"
_OF_BODY = (
    "SELECT a.region, a.appeal_id AS id FROM intake.appeal_holder a WHERE a.region = r.region "
    "AND a.organisation_id = :own_organisation AND a.active AND a.status = s.status"
)


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; days are local days of the region, `until` exclusive."""

    region: str | None = None
    status: str | None = None
    since: date | None = None
    until: date | None = None
    words: str | None = None


async def list_appeals(
    session: AsyncSession,
    principal: Principal,
    keyring: Keyring,
    cursors: Cursors,
    filters: Filters,
    cursor: str,
    limit: int,
) -> AppealPage:
    """Newest first."""
    regions = principal.regions_within(filters.region)
    position = cursors.decode("appeals", cursor)
    before = UUID(position[0]) if position else None
    make = _search_statement if filters.words else _page_statement
    sql, parameters = make(principal, regions, filters, before)
    found = await session.execute(text(sql), {"limit": limit + 1, **parameters})
    rows = found.mappings().all()
    items = [AppealLine.model_validate(_line(row, keyring)) for row in rows[:limit]]
    more = len(rows) > limit
    return AppealPage(items=items, next_cursor=cursors.encode("appeals", str(items[-1].id)) if more else None)


def _page_statement(
    principal: Principal, regions: list[str], filters: Filters, before: UUID | None
) -> tuple[str, dict[str, Any]]:
    """A page by the index that holds the principal's appeals in their order."""
    ranges, rows, column = _REGIONS + _STATUSES, _OF_REGION, "a.id"
    statuses = [filters.status] if filters.status else list(get_args(Status))
    _, parameters = visible_to(principal)
    if principal.role == "portal":
        rows = _OF_CLIENT
    elif principal.role == "agency":
        rows, column = _OF_BODY, "a.appeal_id"
    elif filters.status:
        rows += " AND a.status = s.status"
    else:
        ranges = _REGIONS
    days, narrowing = _within_days(filters, regions, before, column)
    page = merge_ranges(ranges, rows + days, "id DESC")
    return _PAGE.format(page=page), {"regions": regions, "statuses": statuses, **parameters, **narrowing}


def _search_statement(
    principal: Principal, regions: list[str], filters: Filters, before: UUID | None
) -> tuple[str, dict[str, Any]]:
    assert filters.words
    visible, parameters = visible_to(principal)
    within, reach = within_regions(regions)
    conditions, narrowing = _within_days(filters, regions, before, "a.id")
    if filters.status:
        conditions += " AND a.status = :status"
        narrowing["status"] = filters.status
    number = parse_number(filters.words)
    conditions += f" AND {_BY_NUMBER if number else _BY_WORDS}"
    narrowing |= (
        dict(zip(("number_region", "year", "sequence"), number, strict=True))
        if number
        else {"words": filters.words}
    )
    sql = _SELECT.format(texts="intake.searchable_text", within=within, visible=visible, filters=conditions)
    return f"{sql} ORDER BY a.id DESC LIMIT :limit", {**reach, **parameters, **narrowing}


def _within_days(
    filters: Filters, regions: list[str], before: UUID | None, column: str
) -> tuple[str, dict[str, Any]]:
    """SQL conditions of days and of the page's place, as ranges of ids, and their parameters."""
    zone_region = regions[0] if len(regions) == 1 else DEFAULT_ZONE_REGION
    conditions, parameters = "", dict[str, Any]()
    if before is not None:
        conditions += f" AND {column} < :before"
        parameters["before"] = before
    for name, day, operator in (("since", filters.since, ">="), ("until", filters.until, "<")):
        if day is not None:
            # received_at is the moment inside the id, so that a range of days is a range of ids.
            midnight = datetime.combine(day, time(), zone_of(zone_region))
            conditions += f" AND {column} {operator} :{name}"
            parameters[name] = lowest_uuid7(max(midnight, _EPOCH))
    return conditions, parameters


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_BY_NUMBER = (
    "a.id = (SELECT appeal_id FROM intake.register "
    "WHERE region = :number_region AND year = :year AND sequence = :sequence)"
)
_BY_WORDS = "to_tsvector('russian'::regconfig, t.text) @@ websearch_to_tsquery('russian'::regconfig, CAST(:words AS text))"


async def read_appeal(
    session: AsyncSession, principal: Principal, keyring: Keyring, appeal_id: UUID
) -> AppealView:
    """One appeal with its answers; 404 when it is not within reach."""
    row = await _find(session, principal, appeal_id)
    history = await read_entries(session, row["region"], appeal_id) if row["answers"] else []
    return AppealView.model_validate(
        {**_line(row, keyring), "external_id": row["external_id"], "answers": answers_of(history)}
    )


async def _find(session: AsyncSession, principal: Principal, appeal_id: UUID) -> RowMapping:
    visible, parameters = visible_to(principal)
    within, reach = within_regions(principal.regions_within())
    sql = _SELECT.format(texts=_TEXTS, within=within, visible=visible, filters=" AND a.id = :id")
    found = await session.execute(text(sql), {"id": appeal_id, **reach, **parameters})
    row = found.mappings().first()
    if row is None:
        raise NotFound
    return row


def _line(row: RowMapping, keyring: Keyring) -> dict[str, Any]:
    shown = row["text"], row["address"]
    if row["text"] is None:
        shown = _mask_now(row, keyring)
    return {
        **row,
        "topic": row["topic_code"],
        "due_reason": read_reason(row["due_packed"], row["due_reason"]),
        "organisation": row["organisation_name"],
        "text": shown[0],
        "address": shown[1],
    }


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


async def read_history(session: AsyncSession, principal: Principal, appeal_id: UUID) -> History:
    """Everything that happened, as sentences."""
    row = await _find(session, principal, appeal_id)
    entries = await read_entries(session, row["region"], appeal_id)
    entries += await _read_accesses(session, row["region"], appeal_id)
    sentences = narrate(entries, received_at=row["received_at"], number=row["number"])
    if principal.role == "portal":
        sentences = for_citizens(sentences)  # whose page it shows
    return History(items=[HistoryLine.model_validate(line, from_attributes=True) for line in sentences])


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
        narrowed=f"{CLIENT_HASH} = hashtext(:client_id)",
        cursor=cursor,
        limit=limit,
    )
    return AppealChanges(
        items=[AppealChange.model_validate(dict(row)) for row in rows], next_cursor=next_cursor
    )
