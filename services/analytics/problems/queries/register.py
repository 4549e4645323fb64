"""The register as it is listed, and one problem of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.analytics.problems.schemas import (
    ProblemItem,
    ProblemOrganisation,
    ProblemPage,
    ProblemPlace,
)
from services.analytics.tables.problems import ProblemKind, ProblemRow, ProblemState

_KIND: Final = "problems"
_REGIONS: Final = "unnest(:regions::text[]) AS r(region)"
_ROWS: Final = "SELECT p.* FROM analytics.problem AS p WHERE p.region = r.region"
_NEWEST: Final = "detected_on DESC, id DESC"
_STRONGEST: Final = "strength DESC, id DESC"
_AFTER: Final = " AND (p.detected_on, p.id) < (CAST(:last_on AS date), CAST(:last_id AS uuid))"
_WITHIN: Final = " AND p.municipality ^@ ANY(:within::text[])"
_ONE: Final = "SELECT p.* FROM analytics.problem AS p WHERE p.region = ANY(:regions::text[]) AND p.id = :id"
_CONDITIONS: Final = {
    "state": " AND p.state = :state",
    "kind": " AND p.kind = :kind",
    "topic": " AND p.topic = :topic",
    "municipality": " AND p.municipality ^@ :municipality",
    "start": " AND p.detected_on >= CAST(:start AS date)",
    "end": " AND p.detected_on < CAST(:end AS date)",
    "quiet": " AND p.is_quiet = :quiet",
}
_NAMES: Final = """
SELECT region, kind, key, name FROM analytics.reference
WHERE region = ANY(:regions::text[]) AND kind IN ('topic', 'municipality', 'organisation') AND key = ANY(:keys::text[])
"""


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """Which problems are asked for; None: any. `start`, `end`: found from that day on, and before that one;
    `quiet`: whether they have not gone on for two weeks."""

    region: str | None = None
    state: ProblemState | None = None
    kind: ProblemKind | None = None
    topic: str | None = None
    municipality: str | None = None
    start: date | None = None
    end: date | None = None
    quiet: bool | None = None


@dataclass(frozen=True, slots=True)
class _Name:
    region: str
    kind: str
    key: str
    name: str


async def list_problems(
    session: AsyncSession, principal: Principal, asked: ProblemFilter, page: PageRequest
) -> ProblemPage:
    """Within reach, what was found last first."""
    last_on, last_id = page.position(_KIND) or (None, None)
    narrowed, values = _narrowed(principal, asked)
    found = await rows(
        session,
        ProblemRow,
        merge_ranges(_REGIONS, _ROWS + narrowed + (_AFTER if last_id else ""), _NEWEST),
        **values,
        last_on=last_on and date.fromisoformat(last_on),
        last_id=last_id and UUID(last_id),
        limit=page.limit + 1,
    )
    shown, following = page.cut(_KIND, found, lambda last: (last.detected_on.isoformat(), str(last.id)))
    return ProblemPage(items=await show(session, shown), next_cursor=following)


async def list_strongest(
    session: AsyncSession, principal: Principal, asked: ProblemFilter, limit: int
) -> list[ProblemItem]:
    """The first few within reach, the strongest first."""
    narrowed, values = _narrowed(principal, asked)
    statement = merge_ranges(_REGIONS, _ROWS + narrowed, _STRONGEST)
    return await show(session, await rows(session, ProblemRow, statement, **values, limit=limit))


def _narrowed(principal: Principal, asked: ProblemFilter) -> tuple[str, dict[str, object]]:
    """Conditions of SQL, and the values they compare with."""
    values = {name: getattr(asked, name) for name in _CONDITIONS if getattr(asked, name) is not None}
    conditions = "".join(_CONDITIONS[name] for name in values) + _within(principal)
    regions, within = principal.regions_within(asked.region), principal.municipality_prefixes
    return conditions, {**values, "regions": regions, "within": within}


async def find_problem(
    session: AsyncSession, principal: Principal, problem_id: UUID, *, locked: bool = False
) -> ProblemRow:
    """One of them, locked until the transaction ends if so wanted; 404 when it is not within reach."""
    found = await row(
        session,
        ProblemRow,
        _ONE + _within(principal) + (" FOR UPDATE" if locked else ""),
        regions=principal.regions_within(),
        within=principal.municipality_prefixes,
        id=problem_id,
    )
    if found is None:
        raise NotFound
    return found


def _within(principal: Principal) -> str:
    return "" if principal.municipalities is None else _WITHIN


async def show(session: AsyncSession, problems: Sequence[ProblemRow]) -> list[ProblemItem]:
    """As officials see them, with names."""
    regions = sorted({each.region for each in problems})
    keys = sorted({key for each in problems for key in _keys_of(each)})
    found = await rows(session, _Name, _NAMES, regions=regions, keys=keys)
    names = {(each.region, each.kind, each.key): each.name for each in found}
    return [_item(each, names) for each in problems]


def _keys_of(problem: ProblemRow) -> Iterable[str]:
    organisation = None if problem.organisation_id is None else str(problem.organisation_id)
    return filter(None, (problem.topic, problem.municipality, organisation))


def _item(problem: ProblemRow, names: dict[tuple[str, str, str], str]) -> ProblemItem:
    organisation = None
    if problem.organisation_id is not None:
        key = str(problem.organisation_id)
        name = names.get((problem.region, "organisation", key), key)
        organisation = ProblemOrganisation(id=problem.organisation_id, name=name)
    own = {
        name: getattr(problem, name)
        for name in ProblemItem.model_fields
        if name not in ("topic_name", "place", "organisation")
    }
    return ProblemItem(
        **own,
        topic_name=names.get((problem.region, "topic", problem.topic or "")),
        place=_place(problem, names),
        organisation=organisation,
    )


def _place(problem: ProblemRow, names: dict[tuple[str, str, str], str]) -> ProblemPlace | None:
    if problem.municipality is None and problem.lat is None:
        return None
    return ProblemPlace(
        municipality=problem.municipality,
        municipality_name=names.get((problem.region, "municipality", problem.municipality or "")),
        lat=problem.lat,
        lon=problem.lon,
        radius_m=problem.radius_m,
    )
