"""Incidents are as their appeals say."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_returning, update_returning
from services.routing.incidents.queries.summaries import Summary, summarise
from services.routing.incidents.rules.events import EVENTS
from services.routing.incidents.rules.reports import main_town_of
from services.routing.incidents.rules.titles import place_of, title_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.incidents import Incident, IncidentStatus, incident

# Which share of the appeals has to name a street, or a house, that the title names.
_STREET_SHARE: Final = 0.5
_HOUSE_SHARE: Final = 0.6
# What a person has touched keeps its name and place.
_OF_RULES: Final = ("topic", "title", "municipality", "settlement", "street", "lat", "lon", "radius_m")
_ALWAYS: Final = ("started_at", "last_at", "appeals")


@dataclass(frozen=True, slots=True)
class _Known:
    """What rules know of an incident."""

    region: str
    id: UUID
    topic: str | None
    title: str
    started_at: datetime
    last_at: datetime
    municipality: str | None
    settlement: str | None
    street: str | None
    lat: float | None
    lon: float | None
    radius_m: int | None
    appeals: int


@dataclass(frozen=True, slots=True)
class _Proposed(_Known):
    status: IncidentStatus = "proposed"


async def refresh_incidents(
    session: AsyncSession, reference: RegionReference, begun: Collection[UUID], changed: Collection[UUID]
) -> list[Incident]:
    """Write incidents that have begun and that have changed; how all of them are now, in the order of their keys."""
    summaries = await summarise(session, reference.region, {*begun, *changed})
    known = {each.id: _known(reference, each) for each in summaries}
    proposed = [_proposed(known[id]) for id in sorted(known.keys() & set(begun))]
    born = await insert_returning(session, Incident, incident, proposed)
    assign = {name: f"CASE WHEN t.touched THEN t.{name} ELSE r.{name} END" for name in _OF_RULES}
    assign |= {name: f"r.{name}" for name in _ALWAYS}
    grown = await update_returning(
        session,
        Incident,
        incident,
        [known[id] for id in sorted(known.keys() - set(begun))],
        keys=("region", "id"),
        assign={**assign, "version": "t.version + 1"},
    )
    return sorted([*born, *grown], key=lambda each: each.id)


def _proposed(known: _Known) -> _Proposed:
    return _Proposed(*(getattr(known, name) for name in known.__dataclass_fields__))


def _known(reference: RegionReference, summary: Summary) -> _Known:
    settlement = reference.directory.by_code.get(summary.place or "")
    street = summary.street if summary.street_named >= _STREET_SHARE * summary.appeals else None
    event = EVENTS.get(summary.event or "")
    of_a_house = event is not None and event.extent == "house"
    same_house = summary.house_named >= _HOUSE_SHARE * summary.appeals
    where = place_of(
        settlement,
        main_town_of(reference.directory),
        street,
        summary.house if of_a_house and same_house else None,
    )
    return _Known(
        reference.region,
        summary.id,
        summary.topic,
        title_of(reference, summary.event, summary.topic, where),
        summary.started_at,
        summary.last_at,
        summary.municipality,
        settlement.code if settlement else None,
        street,
        summary.lat,
        summary.lon,
        summary.radius_m,
        summary.appeals,
    )
