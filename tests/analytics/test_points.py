"""Only points that can be where an appeal happened make cells: newly said, said before points were marked, read anew."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from chassis.migrations import upgrade
from contracts.event import Event
from contracts.intake import AppealImported, AppealRegistered, Location, TakenOver
from harness.databases import Database
from harness.migrating import downgrade
from services.analytics.facts.rules.projections import cell_of
from tests.analytics.conftest import Ask, Project, clear, dump
from tests.analytics.histories import START

KURSK, MOSCOW = Location(lat=51.73, lon=36.19), Location(lat=55.75, lon=37.62)
POINTS = [
    (KURSK, None, True),
    (KURSK, "a reason of a later version", False),
    (Location(lat=36.19, lon=51.73), "swapped", False),
    (Location(lat=36.19, lon=51.73), None, False),
    (Location(lat=0, lon=0), None, False),
    (MOSCOW, None, False),
    (MOSCOW, "outside", False),
]


def registered(point: Location, note: str | None) -> AppealRegistered:
    return AppealRegistered(
        region="46", appeal_id=uuid7(), number="n", regime="message", channel="portal", client_id="portal-1",
        text="Яма", location=point, location_note=note, received_at=START,
    )  # fmt: skip


def imported(point: Location, note: str | None) -> AppealImported:
    return AppealImported(
        region="46", appeal_id=uuid7(), number="n", regime="message", channel="portal", client_id="portal-1",
        text="Яма", location=point, location_note=note, received_at=START, taken_over=TakenOver(at=START),
    )  # fmt: skip


@pytest.mark.parametrize("event_of", [registered, imported])
async def test_a_point_elsewhere_is_on_no_map_however_often_it_is_read(
    projected: Project, ask: Ask, look: asyncpg.Connection, event_of: Callable[[Location, str | None], Event]
) -> None:
    events = [event_of(point, note) for point, note, _ in POINTS for _ in range(5)]
    await projected(events)
    before = await dump(look)
    [feature] = (await ask("heatmap", resolution=7))["features"]
    assert feature["properties"]["received"] == 5 * sum(shown for _, _, shown in POINTS)
    assert (await ask("summary"))["received"] == len(events), "they count all the same"
    await clear(look)
    await projected(list(reversed(events)))
    assert await dump(look) == before


async def test_cells_of_before_points_were_judged_go(database: Database, look: asyncpg.Connection) -> None:
    await downgrade("analytics", database.url("analytics_owner"), "0004")
    for point in (KURSK, MOSCOW, Location(lat=36.19, lon=51.73)):
        statement = "INSERT INTO analytics.fact_appeal (region, appeal_id, cell) VALUES ('46', $1, $2)"
        await look.execute(statement, uuid7(), cell_of(point.lat, point.lon))
    await upgrade("analytics", database.url("analytics_owner"))
    cells = [
        row["cell"] for row in await look.fetch("SELECT cell FROM analytics.fact_appeal ORDER BY appeal_id")
    ]
    assert cells == [cell_of(KURSK.lat, KURSK.lon), None, None]
