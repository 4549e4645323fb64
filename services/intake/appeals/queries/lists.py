"""Lists of appeals, newest first: a page costs the same, however many there are (see `chassis.pages`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final, NamedTuple, get_args
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.db import rows, scalar
from chassis.pages import merge_ranges
from chassis.partitions import lowest_uuid7
from chassis.principals import Principal
from chassis.sealing import Keyring
from services.intake.appeals.queries.found import COLUMNS, JOINS, SELECT, TEXTS, FoundAppeal
from services.intake.appeals.queries.reach import visible_to, within_regions
from services.intake.appeals.schemas import AppealLine, AppealPage
from services.intake.history.rules.statuses import AppealStatus
from services.intake.local_time import zone_of
from services.intake.registration.rules.numbers import parse_number
from services.intake.registration.rules.searching import read_search

DEFAULT_ZONE_REGION = "77"
_BEFORE_ALL: Final = UUID(int=0)
_BEHIND_ALL: Final = UUID(int=2**128 - 1)
_PAGE = (
    f"{COLUMNS} FROM ({{page}}) AS p JOIN intake.appeal a ON a.region = p.region AND a.id = p.id "
    f"{JOINS.format(texts=TEXTS)} ORDER BY a.id DESC"
)


class _Order(NamedTuple):
    """Where appeals stand in the order of their ids: the ranges of an index, and the rows of one range."""

    ranges: str
    rows: str
    column: str = "a.id"


_REGIONS = "unnest(:regions::text[]) AS r(region)"
_STATUSES = f"{_REGIONS} CROSS JOIN unnest(:statuses::text[]) AS s(status)"
_OF_REGION = "SELECT a.region, a.id FROM intake.appeal a WHERE a.region = r.region"
_OF_STATUS = f"{_OF_REGION} AND a.status = s.status"
_OF_CLIENT = f"{_OF_STATUS} AND a.client_hash = hashtext(:own_client) AND a.client_id = :own_client"
_HELD = (
    "SELECT a.region, a.appeal_id AS id FROM intake.appeal_holder a "
    "WHERE a.region = r.region AND a.organisation_id = :own_organisation"
)
_BY_REGION = _Order(_REGIONS, _OF_REGION)
_BY_STATUS = _Order(_STATUSES, _OF_STATUS)
_HELD_ONES = _Order(_REGIONS, _HELD, "a.appeal_id")
_TEXTS = _Order(
    _REGIONS,
    "SELECT a.region, a.appeal_id AS id FROM intake.appeal_text a WHERE a.region = r.region",
    "a.appeal_id",
)
# A portal's and an organisation's appeals are found status by status.
_ORDERS: Final[Mapping[str, _Order]] = {
    "portal": _Order(_STATUSES, _OF_CLIENT),
    "agency": _Order(_STATUSES, f"{_HELD} AND a.active AND a.status = s.status", "a.appeal_id"),
}
_BY_NUMBER = (
    "a.id = (SELECT appeal_id FROM intake.register "
    "WHERE region = :number_region AND year = :year AND sequence = :sequence)"
)
_BY_WORDS = "to_tsvector('russian'::regconfig, COALESCE(t.normal, t.text)) @@ websearch_to_tsquery('russian'::regconfig, :words::text)"
# So many of the newest appeals are looked through first, then so many times more before them, then all; by then the words are
# rare, and the index of words gives all that have them. What it gives is made first: a planner that hopes to find a page's worth
# soon would look through every text, a second for each twenty thousand, where there are none.
_SEARCHED_FIRST: Final = {"agency": 500}
_ELSE_FIRST: Final = 2000
_THEN_TIMES: Final = 16
_HAVING_WORDS: Final = (
    "WITH having_words AS MATERIALIZED (SELECT t.region, t.appeal_id FROM intake.searchable_text t "
    "WHERE t.region = ANY(:regions::text[]) {span} AND {words}) "
)
_AMONG_THEM: Final = "(a.region, a.id) IN (SELECT region, appeal_id FROM having_words)"


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
        """SQL condition on `:low` and `:high`."""
        return "".join(f" AND {column} >= :low AND {column} < :high" for column in columns)


@dataclass(frozen=True)
class Listing:
    """Whose appeals are listed, by which filters, and how many of which ids."""

    principal: Principal
    regions: Sequence[str]
    filters: Filters
    span: Span
    limit: int

    @property
    def parameters(self) -> Mapping[str, object]:
        """Of all statements of a list."""
        return {
            "regions": self.regions,
            "low": self.span.low,
            "high": self.span.high,
            "status": self.filters.status,
            "limit": self.limit,
            **visible_to(self.principal).parameters,
        }


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
    span = _span_of(filters, regions, UUID(position[0]) if position else _BEHIND_ALL)
    listing = Listing(principal, regions, filters, span, limit + 1)
    found = await (
        _search(session, listing, filters.words) if filters.words else _read_page(session, listing)
    )
    items = [appeal.show_as(AppealLine, keyring) for appeal in found[:limit]]
    more = len(found) > limit
    return AppealPage(items=items, next_cursor=cursors.encode("appeals", str(items[-1].id)) if more else None)


def _span_of(filters: Filters, regions: Sequence[str], before: UUID) -> Span:
    zone = zone_of(regions[0] if len(regions) == 1 else DEFAULT_ZONE_REGION)

    def first_of(day: date) -> UUID:
        return lowest_uuid7(datetime.combine(day, time(), zone))

    low = first_of(filters.since) if filters.since else _BEFORE_ALL
    return Span(low, min(before, first_of(filters.until)) if filters.until else before)


async def _read_page(session: AsyncSession, listing: Listing) -> list[FoundAppeal]:
    """By the index that holds the principal's appeals in their order."""
    filters = listing.filters
    order = _ORDERS.get(listing.principal.role) or (_BY_STATUS if filters.status else _BY_REGION)
    page = merge_ranges(order.ranges, order.rows + listing.span.over(order.column), "id DESC")
    statuses = [filters.status] if filters.status else list(get_args(AppealStatus))
    return await rows(session, FoundAppeal, _PAGE.format(page=page), statuses=statuses, **listing.parameters)


async def _search(session: AsyncSession, listing: Listing, typed: str) -> list[FoundAppeal]:
    """An index of words knows no order: so what is newest is searched, and what is before it if that was not enough."""
    words = read_search(typed)
    if number := parse_number(words):
        region, year, sequence = number
        return await _find(session, listing, _BY_NUMBER, number_region=region, year=year, sequence=sequence)
    found: list[FoundAppeal] = []
    span = listing.span
    first = _SEARCHED_FIRST.get(listing.principal.role, _ELSE_FIRST)
    for size in (first, first * _THEN_TIMES, None):
        if len(found) == listing.limit or span.low >= span.high:
            break
        newest = await _low_of_newest(session, replace(listing, span=span), size) if size else span.low
        part = replace(listing, span=Span(max(span.low, newest), span.high), limit=listing.limit - len(found))
        if size == first:
            found += await _find(session, part, _BY_WORDS, words=words)
        else:
            found += await _find(session, part, _AMONG_THEM, _having_words(part.span), words=words)
        span = Span(span.low, part.span.low)
    return found


def _having_words(span: Span) -> str:
    return _HAVING_WORDS.format(span=span.over("t.appeal_id"), words=_BY_WORDS)


async def _find(
    session: AsyncSession, listing: Listing, condition: str, made_first: str = "", **parameters: object
) -> list[FoundAppeal]:
    within = within_regions(listing.regions)
    narrowed = f"{listing.span.over('a.id', 't.appeal_id')} AND {condition}"
    if listing.filters.status:
        narrowed += " AND a.status = :status"
    sql = SELECT.format(
        texts="intake.searchable_text",
        within=within.sql,
        visible=visible_to(listing.principal).sql,
        filters=narrowed,
    )
    named = {**listing.parameters, **within.parameters, **parameters}
    return await rows(session, FoundAppeal, f"{made_first}{sql} ORDER BY a.id DESC LIMIT :limit", **named)


async def _low_of_newest(session: AsyncSession, listing: Listing, size: int) -> UUID:
    """The lowest id of a span's newest `size` appeals, of an organisation's own where one asks; the nil id when it has
    no more."""
    of_whom = _ids_of(listing.principal)
    sql = (
        f"SELECT max(f.id::text) FROM {_REGIONS} CROSS JOIN LATERAL ({of_whom.rows}{listing.span.over(of_whom.column)} "
        f"ORDER BY {of_whom.column} DESC OFFSET :size LIMIT 1) AS f"
    )
    share = max(1, size // len(listing.regions))
    found = await scalar(session, str, sql, size=share, **listing.parameters)
    return UUID(found) if found else _BEFORE_ALL


def _ids_of(principal: Principal) -> _Order:
    """Where ids stand that cost little to walk through: whether a text may be seen is known by its id alone, so that its
    row is not read; whether it lies in some municipalities, by the row of its appeal."""
    if principal.role == "agency":
        return _HELD_ONES
    return _BY_REGION if principal.municipalities else _TEXTS
