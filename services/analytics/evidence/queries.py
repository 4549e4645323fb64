"""Rows behind a figure, page by page, by the very condition that the figure counts by. They are always the facts' own: a copy
of the facts has no appeals to name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import PageRequest
from services.analytics.evidence.rules import AFTER, COLUMNS, LISTED
from services.analytics.evidence.schemas import EvidenceItem
from services.analytics.figures.queries.asking import ask_by, at_end
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.cells import MINIMUM_APPEALS, MapCell, appeals_in
from services.analytics.store.rules.filters import MUNICIPALITY_DIGITS, Filter, base_of
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import Base

_LIST: Final = "analytics-appeals"


@dataclass(frozen=True, slots=True)
class CountedRow:
    """What a figure counts: an appeal, or one of an organisation's assignments."""

    region: str
    appeal_id: UUID
    assignment_id: UUID | None
    received_local: datetime
    received_at: datetime
    topic: str | None
    organisation_id: UUID | None
    municipality: str | None
    status: str
    due_at: datetime | None
    first_reaction_at: datetime | None
    answered_at: datetime | None


async def read_evidence(
    session: AsyncSession,
    filters: Filter,
    measure: Measure,
    page: PageRequest,
    as_of: int,
    cell: MapCell | None = None,
) -> tuple[list[EvidenceItem], str | None]:
    """A page, and the next cursor if there is more. `cell`: only what lies in it; nothing of one that a map does not show."""
    store = FactStore(session)
    if cell is not None and not await _is_shown(store, filters, cell):
        return [], None
    measure, filters = at_end(measure, filters)
    asked = ask_by(measure, filters, None, {}, as_of)
    narrowed = [measure.members, asked.narrowed, cell.condition if cell else ""]
    parameters: dict[str, object] = {**asked.parameters, "most": page.limit + 1}
    position = page.position(_LIST)
    if position is not None:
        region, received, appeal, assignment = position
        parameters |= {"last_region": region, "last_received": datetime.fromisoformat(received)}
        parameters |= {"last_appeal": UUID(appeal), "last_assignment": UUID(assignment)}
        narrowed.append(AFTER)
    question = replace(
        asked,
        base=_on_map(asked.base) if cell else asked.base,
        columns={name: name for name in COLUMNS},
        groups=0,
        narrowed=" AND ".join(f"({each})" for each in narrowed if each),
        around=LISTED,
        parameters=parameters,
    )
    shown, following = page.cut(_LIST, await store.ask(CountedRow, question), _place)
    names = await _find_names(store, shown)
    return [_show(each, names) for each in shown], following


def _on_map(base: Base) -> Base:
    return "appeal" if base == "appeal" else "assignment_on_map"


@dataclass(frozen=True, slots=True)
class _Counted:
    received: int


async def _is_shown(store: FactStore, filters: Filter, cell: MapCell) -> bool:
    """Whether a map with these filters shows the cell."""
    base = _on_map(base_of(filters))
    question = Question(filters, base, {"received": appeals_in(base == "appeal")}, narrowed=cell.condition)
    return any(each.received >= MINIMUM_APPEALS for each in await store.ask(_Counted, question))


@dataclass(frozen=True, slots=True)
class _Names:
    """What a page's topics, organisations and municipalities are called, by their keys."""

    topics: Mapping[str, str]
    organisations: Mapping[str, str]
    municipalities: Mapping[str, str]


async def _find_names(store: FactStore, page: Sequence[CountedRow]) -> _Names:
    regions = sorted({each.region for each in page})

    async def named(kind: str, keys: Iterable[str | None]) -> Mapping[str, str]:
        return await store.find_names(kind, sorted({key for key in keys if key}), regions)

    return _Names(
        await named("topic", (each.topic for each in page)),
        await named("organisation", (_key(each.organisation_id) for each in page)),
        await named("municipality", (_own(each.municipality) for each in page)),
    )


def _key(organisation: UUID | None) -> str:
    return "" if organisation is None else str(organisation)


def _own(municipality: str | None) -> str:
    """The municipality that a settlement counts for."""
    return (municipality or "")[:MUNICIPALITY_DIGITS]


def _place(row: CountedRow) -> tuple[str, str, str, str]:
    return (
        row.region,
        row.received_local.isoformat(),
        str(row.appeal_id),
        str(row.assignment_id or row.appeal_id),
    )


def _show(row: CountedRow, names: _Names) -> EvidenceItem:
    return EvidenceItem(
        id=row.appeal_id,
        assignment_id=row.assignment_id,
        region=row.region,
        received_at=row.received_at,
        topic=row.topic,
        topic_name=names.topics.get(row.topic or ""),
        organisation=row.organisation_id,
        organisation_name=names.organisations.get(_key(row.organisation_id)),
        municipality=row.municipality,
        municipality_name=names.municipalities.get(_own(row.municipality)),
        status=row.status,
        due_at=row.due_at,
        first_reaction_at=row.first_reaction_at,
        answered_at=row.answered_at,
    )
