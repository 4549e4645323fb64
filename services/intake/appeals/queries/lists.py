"""Lists of appeals, newest first: a page costs the same, however many there are (see `chassis.pages`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final, get_args
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.pages import merge_ranges
from chassis.partitions import lowest_uuid7
from chassis.sealing import Keyring
from chassis.security import Principal
from services.intake.appeals.queries.reach import visible_to, within_regions
from services.intake.appeals.queries.reading import COLUMNS, JOINS, SELECT, TEXTS, line_of
from services.intake.appeals.schemas import AppealLine, AppealPage
from services.intake.history.rules.projection import Status
from services.intake.registration.rules.numbers import parse_number, zone_of
from services.intake.registration.rules.searching import read_search

DEFAULT_ZONE_REGION = "77"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_PAGE = (
    f"{COLUMNS} FROM ({{page}}) AS p JOIN intake.appeal a ON a.region = p.region AND a.id = p.id "
    f"{JOINS.format(texts=TEXTS)} ORDER BY a.id DESC"
)
_REGIONS = "unnest(CAST(:regions AS text[])) AS r(region)"
_STATUSES = " CROSS JOIN unnest(CAST(:statuses AS text[])) AS s(status)"
# Where a principal's appeals stand in the order of their ids; a portal's and a body's status by status.
_OF_REGION = "SELECT a.region, a.id FROM intake.appeal a WHERE a.region = r.region"
_OF_CLIENT = f"{_OF_REGION} AND a.client_hash = hashtext(:own_client) AND a.client_id = :own_client AND a.status = s.status"
_HELD_BY_BODY = (
    "SELECT a.region, a.appeal_id AS id FROM intake.appeal_holder a "
    "WHERE a.region = r.region AND a.organisation_id = :own_organisation"
)
_OF_BODY = f"{_HELD_BY_BODY} AND a.active AND a.status = s.status"
_BY_NUMBER = (
    "a.id = (SELECT appeal_id FROM intake.register "
    "WHERE region = :number_region AND year = :year AND sequence = :sequence)"
)
_BY_WORDS = "to_tsvector('russian'::regconfig, COALESCE(t.normal, t.text)) @@ websearch_to_tsquery('russian'::regconfig, CAST(:words AS text))"
# So many of the newest appeals are searched first, then so many times more before them, then all: by then few are left.
_SEARCHED_FIRST: Final = {"agency": 500}
_ELSE_FIRST: Final = 2000
_THEN_TIMES: Final = 16


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; days are local days of the region, `until` exclusive."""

    region: str | None = None
    status: str | None = None
    since: date | None = None
    until: date | None = None
    words: str | None = None


@dataclass(frozen=True)
class Span:
    """Ids from `low` on and before `high`: `received_at` is the moment inside an id, so that days are such a range."""

    low: UUID
    high: UUID

    def over(self, *columns: str) -> str:
        """SQL condition."""
        return "".join(f" AND {column} >= :low AND {column} < :high" for column in columns)

    @property
    def parameters(self) -> dict[str, UUID]:
        """Of that condition."""
        return {"low": self.low, "high": self.high}


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
    span = _span_of(filters, regions, UUID(position[0]) if position else None)
    read = _search if filters.words else _read_page
    rows = await read(session, principal, regions, filters, span, limit + 1)
    items = [AppealLine.model_validate(line_of(row, keyring)) for row in rows[:limit]]
    more = len(rows) > limit
    return AppealPage(items=items, next_cursor=cursors.encode("appeals", str(items[-1].id)) if more else None)


def _span_of(filters: Filters, regions: Sequence[str], before: UUID | None) -> Span:
    zone = zone_of(regions[0] if len(regions) == 1 else DEFAULT_ZONE_REGION)

    def first_of(day: date) -> UUID:
        return lowest_uuid7(max(datetime.combine(day, time(), zone), _EPOCH))

    low = first_of(filters.since) if filters.since else UUID(int=0)
    ends = [before, first_of(filters.until) if filters.until else None]
    return Span(low, min((end for end in ends if end is not None), default=UUID(int=2**128 - 1)))


async def _read_page(
    session: AsyncSession,
    principal: Principal,
    regions: Sequence[str],
    filters: Filters,
    span: Span,
    limit: int,
) -> Sequence[RowMapping]:
    """By the index that holds the principal's appeals in their order."""
    ranges, rows, column = _REGIONS + _STATUSES, _OF_REGION, "a.id"
    statuses = [filters.status] if filters.status else list(get_args(Status))
    _, own = visible_to(principal)
    if principal.role == "portal":
        rows = _OF_CLIENT
    elif principal.role == "agency":
        rows, column = _OF_BODY, "a.appeal_id"
    elif filters.status:
        rows += " AND a.status = s.status"
    else:
        ranges = _REGIONS
    page = merge_ranges(ranges, rows + span.over(column), "id DESC")
    parameters = {"regions": regions, "statuses": statuses, "limit": limit, **own, **span.parameters}
    return (await session.execute(text(_PAGE.format(page=page)), parameters)).mappings().all()


async def _search(
    session: AsyncSession,
    principal: Principal,
    regions: Sequence[str],
    filters: Filters,
    span: Span,
    limit: int,
) -> Sequence[RowMapping]:
    """An index of words knows no order: so what is newest is searched, and what is before it if that was not enough."""
    assert filters.words
    words = read_search(filters.words)
    number = parse_number(words)
    if number:
        keys: dict[str, Any] = dict(zip(("number_region", "year", "sequence"), number, strict=True))
        return await _find(session, principal, regions, filters, span, limit, _BY_NUMBER, keys)
    rows: list[RowMapping] = []
    first = _SEARCHED_FIRST.get(principal.role, _ELSE_FIRST)
    for size in (first, first * _THEN_TIMES, None):
        if len(rows) == limit or span.low >= span.high:
            break
        newest = await _low_of_newest(session, principal, regions, span, size) if size else span.low
        low = max(span.low, newest)
        part, wanted = replace(span, low=low), limit - len(rows)
        rows += await _find(session, principal, regions, filters, part, wanted, _BY_WORDS, {"words": words})
        span = replace(span, high=low)
    return rows


async def _find(
    session: AsyncSession,
    principal: Principal,
    regions: Sequence[str],
    filters: Filters,
    span: Span,
    limit: int,
    condition: str,
    parameters: dict[str, Any],
) -> Sequence[RowMapping]:
    visible, own = visible_to(principal)
    within, reach = within_regions(regions)
    narrowed = f"{span.over('a.id', 't.appeal_id')} AND {condition}"
    if filters.status:
        narrowed += " AND a.status = :status"
        parameters = {**parameters, "status": filters.status}
    sql = SELECT.format(texts="intake.searchable_text", within=within, visible=visible, filters=narrowed)
    found = await session.execute(
        text(f"{sql} ORDER BY a.id DESC LIMIT :limit"),
        {**parameters, **reach, **own, **span.parameters, "limit": limit},
    )
    return found.mappings().all()


async def _low_of_newest(
    session: AsyncSession, principal: Principal, regions: Sequence[str], span: Span, size: int
) -> UUID:
    """The lowest id of a span's newest `size` appeals, of a body's own where one asks; the nil id when it has no more."""
    rows, column, own = _OF_REGION, "a.id", dict[str, Any]()
    if principal.role == "agency":
        rows, column, own = _HELD_BY_BODY, "a.appeal_id", {"own_organisation": principal.organisation}
    found = await session.scalar(
        text(
            f"SELECT max(f.id::text) FROM {_REGIONS} CROSS JOIN LATERAL ({rows}{span.over(column)} "
            f"ORDER BY {column} DESC OFFSET :size LIMIT 1) AS f"
        ),
        {"regions": regions, "size": max(1, size // len(regions)), **own, **span.parameters},
    )
    return UUID(found) if found else UUID(int=0)
