"""What reports tell is kept, so that later ones can be compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run
from services.routing.incidents.queries.reports import NewRow
from services.routing.incidents.rules.events import sure_events
from services.routing.incidents.rules.keys import keys_of
from services.routing.incidents.rules.reports import Report
from services.routing.tables.incident_signs import IncidentKey, IncidentSign, incident_key, incident_sign

_SEEN = """
UPDATE routing.incident_report SET matched = true WHERE region = :region AND assignment_id = ANY(:ids::uuid[])
"""
_FIELDS = [
    name
    for name in IncidentSign.__dataclass_fields__
    if name not in ("region", "assignment_id", "received_at")
]
_RENEW = f"(region, assignment_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _FIELDS)}"


@dataclass(frozen=True, slots=True)
class Looked:
    """A report that was looked at; `report`: None where it tells of nothing that can be found."""

    row: NewRow
    report: Report | None


async def keep_signs(session: AsyncSession, region: str, looked: Sequence[Looked]) -> None:
    """Each stands alone at first; what reports nothing is not looked at again."""
    reports = [(each.row, each.report) for each in looked if each.report is not None]
    signs = [_sign(region, row, report) for row, report in reports]
    await insert_rows(session, incident_sign, signs, on_conflict=_RENEW)
    kept = sorted(
        (key, report.id, report.received_at) for _, report in reports for key in keys_of(report.signs)
    )
    keys = [IncidentKey(region, key, received_at, id) for key, id, received_at in kept]
    await insert_rows(session, incident_key, keys, on_conflict="DO NOTHING")
    await run(session, _SEEN, region=region, ids=sorted(each.row.assignment_id for each in looked))


def _sign(region: str, row: NewRow, report: Report) -> IncidentSign:
    signs = report.signs
    events = sorted(signs.events.items())
    return IncidentSign(
        region,
        report.id,
        report.received_at,
        signs.lat,
        signs.lon,
        component=report.id,
        close=False,
        to_move=False,
        topic=row.topic,
        municipality=row.municipality,
        place=signs.place,
        is_small=signs.is_small,
        street=signs.street,
        event=next(iter(sure_events(signs.events)), None),
        streets=sorted(signs.streets),
        maybe=sorted(signs.maybe),
        houses=sorted(signs.houses),
        events=[code for code, _ in events],
        weights=[weight for _, weight in events],
    )
