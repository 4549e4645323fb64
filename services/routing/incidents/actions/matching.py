"""Reports are matched: what is close becomes an incident, what comes near follows one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.incidents.actions.announcing import announce
from services.routing.incidents.actions.joining import Joined, write_groups
from services.routing.incidents.actions.locking import lock_incidents
from services.routing.incidents.actions.signing import Looked, keep_signs
from services.routing.incidents.queries.reports import (
    NewRow,
    read_groups,
    read_members,
    read_near,
    read_new,
)
from services.routing.incidents.rules.comparing import Scene
from services.routing.incidents.rules.grouping import Standing, follow, regroup
from services.routing.incidents.rules.keys import keys_around
from services.routing.incidents.rules.reports import Report, Spot, is_report, make_report, read_signs
from services.routing.reference.queries.cache import references_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.incidents import Incident

AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Matched:
    """How many reports were looked at, and the incidents that have begun or changed, as they are now."""

    reports: int
    changed: list[Incident] = field(default_factory=list)


async def match_region(session: AsyncSession, region: str, limit: int = AT_ONCE) -> Matched:
    """Look at the next reports of a region, alone: another process waits for the end of the transaction."""
    await lock_incidents(session, region)
    new = await read_new(session, region, limit)
    if not new:
        return Matched(0)
    reference = (await references_of(session).read(session, [region]))[region]
    looked = await asyncio.to_thread(_look_at, reference, new)
    reports = [each.report for each in looked if each.report is not None]
    scene = Scene()
    for each in reports:
        scene.add(each, Standing(each.id, each.id))
    await _add_near(session, region, scene, reports)
    await keep_signs(session, region, looked)
    joined = await _group(session, region, scene, [each.id for each in reports])
    changed = await write_groups(session, reference, joined)
    await announce(session, changed)
    return Matched(len(new), changed)


def _look_at(reference: RegionReference, new: Sequence[NewRow]) -> list[Looked]:
    return [_look(reference, each) for each in new]


def _look(reference: RegionReference, row: NewRow) -> Looked:
    words = row.words()
    spot = Spot(row.municipality, words.explanation.get("settlement"), row.lat, row.lon)
    signs = read_signs(reference.directory, words.text, words.address, spot)
    if row.status == "cancelled" or not is_report(row.kind, words.text, signs.events):
        return Looked(row, None)
    return Looked(row, make_report(reference.region, row.assignment_id, row.received_at, signs))


async def _add_near(session: AsyncSession, region: str, scene: Scene, reports: Sequence[Report]) -> None:
    asked = [(each.received_at, keys_around(each.signs)) for each in reports]
    for near in await read_near(session, region, asked):
        scene.add(near.report(region), near.standing())


async def _group(session: AsyncSession, region: str, scene: Scene, new: Sequence[UUID]) -> Joined:
    """What is close makes or widens incidents; what stands alone near to a report that has come into one follows it."""
    links = await asyncio.to_thread(scene.links, new)
    groups = await read_groups(session, region, {each.group for each in scene.standings})
    regrouped = regroup(groups, scene.standings, links)
    grown = [id for id in groups if regrouped.has_become_an_incident(groups, id)]
    members = await read_members(session, region, grown)
    for each in members:
        scene.add(each.report(region), each.standing())
    await _add_near(session, region, scene, [each.report(region) for each in members])
    links += await asyncio.to_thread(scene.links, [each.assignment_id for each in members])
    groups |= await read_groups(session, region, {each.group for each in scene.standings} - groups.keys())
    following = follow(groups, regrouped, scene.standings, links)
    return Joined(groups, regrouped, following, scene.standings, links)
