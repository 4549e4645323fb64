"""A region on a real database to which an invented world tells its appeals, and what is found of them there."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from typing import Any
from uuid import UUID

import asyncpg
from uuid_utils.compat import uuid7

from chassis.db import open_work
from contracts.intake import Location as Point
from meaning import read
from otklik.ranking import demo_reference
from services.routing.assignments.actions.creation import AppealSummary, insert_assignments, new_assignment
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.incidents.actions.matching import AT_ONCE, Matched, match_region
from services.routing.incidents.actions.reporting import NewReport, report
from services.routing.incidents.rules.closeness import Link, closeness_of
from services.routing.incidents.rules.reports import Report, Spot, is_report, make_report, read_signs
from services.routing.placement.rules.locations import explain_location, locate
from tests.routing.incidents.records import Told

HERE = "46"
_ENDED = "('answered', 'postponed', 'cancelled')"


@cache
def meaning_of(text: str) -> tuple[str, str]:
    """Kind and language."""
    meaning = read(text)
    return meaning.kind.value, meaning.language


def point_of(told: Told) -> Point | None:
    """Its point, if it has one."""
    return Point(lat=told.lat, lon=told.lon) if told.lat is not None and told.lon is not None else None


def placed(told: Told) -> NewReport:
    """What placing makes of an appeal, as far as incidents are concerned: the model's opinion says nothing to them."""
    kind, language = meaning_of(told.text)
    where = locate(demo_reference(), told.municipality, told.address, told.text, point_of(told))
    explanation: StoredExplanation = {"source": "none", **explain_location(where)}
    summary = AppealSummary(
        region=HERE,
        appeal_id=told.id,
        number=f"46-2026-{told.id.int % 10_000_000:07d}",
        topic=told.topic,
        regime="message",
        channel=told.channel,
        importance="normal",
        kind=kind,
        municipality=where.municipality,
        text=told.text,
        address=told.address,
        complained_about=None,
        received_at=told.received_at,
    )
    new = new_assignment(
        summary, organisation_id=None, role="lead", explanation=explanation, created_at=told.received_at
    )
    return NewReport(new, language, point_of(told))


def read_report(told: Told) -> Report | None:
    """The report that an appeal is, None where it reports nothing: the rules alone."""
    kind, _ = meaning_of(told.text)
    where = locate(demo_reference(), told.municipality, told.address, told.text, point_of(told))
    spot = Spot(where.municipality, where.settlement, told.lat, told.lon)
    signs = read_signs(demo_reference().directory, told.text, told.address, spot)
    return (
        make_report(HERE, told.id, told.received_at, signs)
        if is_report(kind, told.text, signs.events)
        else None
    )


def links_between(reports: Sequence[Report]) -> list[Link]:
    """Of every two that relate at all."""
    return [
        Link(one, other, score)
        for one, other in combinations(range(len(reports)), 2)
        if (score := closeness_of(reports[one], reports[other])) is not None
    ]


@dataclass
class Region:
    """The service's sessions with the demo region loaded; `matching_s`: how long matching took, of `matched` appeals."""

    sessions: Any
    look: asyncpg.Connection
    matching_s: float = 0.0
    matched: int = 0
    changed: list[Matched] = field(default_factory=list)

    def work(self) -> AbstractAsyncContextManager[Any]:
        """A transaction."""
        return self.sessions.begin()  # type: ignore[no-any-return]

    async def tell(self, told: Sequence[Told]) -> None:
        """Appeals come in and are placed."""
        reports = [placed(each) for each in told]
        for start in range(0, len(reports), AT_ONCE):
            async with self.work() as session:
                await open_work(session)
                some = reports[start : start + AT_ONCE]
                await insert_assignments(session, [each.assignment for each in some])
                await report(session, some)

    async def match(self, limit: int = AT_ONCE) -> None:
        """As the worker does it, until nothing is left."""
        while True:
            began = time.perf_counter()
            async with self.work() as session:
                await open_work(session)
                matched = await match_region(session, HERE, limit)
            if not matched.reports:
                return
            self.matching_s += time.perf_counter() - began
            self.matched += matched.reports
            self.changed.append(matched)

    async def found(self) -> dict[UUID, UUID | None]:
        """Of each appeal its incident."""
        rows = await self.look.fetch("SELECT appeal_id, incident_id FROM routing.incident_report")
        return {UUID(str(row["appeal_id"])): row["incident_id"] for row in rows}

    async def partition(self) -> set[frozenset[UUID]]:
        """Appeals that are together, whatever their incidents are called."""
        groups: dict[UUID, set[UUID]] = {}
        for appeal, incident in (await self.found()).items():
            if incident is not None:
                groups.setdefault(incident, set()).add(appeal)
        return {frozenset(group) for group in groups.values()}

    async def incidents(self, status: str = "proposed") -> list[asyncpg.Record]:
        """Those of a status, the largest first."""
        sql = "SELECT * FROM routing.incident WHERE status = $1 ORDER BY appeals DESC, id"
        return list(await self.look.fetch(sql, status))

    async def clear(self) -> None:
        """Forget all appeals."""
        for table in (
            "incident_key",
            "incident_sign",
            "incident_report",
            "incident",
            "assignment",
            "queue_change",
        ):
            await self.look.execute(f"DELETE FROM routing.{table}")


def new_id() -> UUID:
    """Of an appeal."""
    return UUID(str(uuid7()))
