"""Reports come into incidents, and incidents become one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import rows, run, update_rows
from services.routing.incidents.actions.refreshing import refresh_incidents
from services.routing.incidents.rules.closeness import CLOSE, Link, similarity
from services.routing.incidents.rules.grouping import Following, Group, Regrouped, Standing
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.incidents import Incident, JoinedBy, incident_report

_COMPONENTS = """
UPDATE routing.incident_sign s SET component = k.target
FROM unnest(:sources::uuid[], :targets::uuid[]) AS k(source, target)
WHERE s.region = :region AND s.component = k.source AND NOT s.close
"""
# What is written of reports that come into an incident by a close one. Who had followed another one leaves it.
_JOIN = """
WITH joined AS (
    UPDATE routing.incident_sign s SET close = true, to_move = i.status IS NOT DISTINCT FROM 'confirmed'
    FROM unnest(:sources::uuid[], :targets::uuid[]) AS k(source, target)
    LEFT JOIN routing.incident i ON i.region = :region AND i.id = k.target
    WHERE s.region = :region AND s.component = k.source AND NOT s.close
        AND NOT EXISTS (SELECT FROM routing.incident_report o WHERE o.region = s.region AND o.assignment_id = s.assignment_id
            AND (o.kept_out OR o.joined_by = 'person'))
    RETURNING s.assignment_id, k.target
)
UPDATE routing.incident_report r SET incident_id = j.target, joined_by = 'rule', similarity = coalesce(r.similarity, 1)
FROM joined j WHERE r.region = :region AND r.assignment_id = j.assignment_id
"""
_MERGE = """
WITH merged AS (
    UPDATE routing.incident i SET status = 'undone', merged_into = k.target, appeals = 0, version = i.version + 1
    FROM unnest(:sources::uuid[], :targets::uuid[]) AS k(source, target)
    WHERE i.region = :region AND i.id = k.source RETURNING i.id, k.target
), joined AS (
    UPDATE routing.incident_report r SET incident_id = m.target FROM merged m
    WHERE r.region = :region AND r.incident_id = m.id RETURNING r.assignment_id, m.target
)
UPDATE routing.incident_sign s SET to_move = true FROM joined j, routing.incident i
WHERE s.region = :region AND s.assignment_id = j.assignment_id AND i.region = :region AND i.id = j.target
    AND i.status = 'confirmed'
"""
_UNDONE = """
SELECT * FROM routing.incident WHERE region = :region AND id = ANY(:ids::uuid[]) AND merged_into IS NOT NULL ORDER BY id
"""
_MOVE_LATER = """
UPDATE routing.incident_sign s SET to_move = true
FROM routing.incident_report r JOIN routing.incident i ON i.region = r.region AND i.id = r.incident_id
WHERE s.region = :region AND s.assignment_id = ANY(:ids::uuid[]) AND r.region = s.region AND r.assignment_id = s.assignment_id
    AND i.status = 'confirmed'
"""
_BY_RULE: Final[JoinedBy] = "rule"


@dataclass(frozen=True, slots=True)
class Joined:
    """What matching has found out."""

    groups: Mapping[UUID, Group]
    regrouped: Regrouped
    following: Sequence[Following]
    standings: Sequence[Standing]
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class _Similar:
    region: str
    assignment_id: UUID
    similarity: float


@dataclass(frozen=True, slots=True)
class _Follower:
    region: str
    assignment_id: UUID
    incident_id: UUID
    joined_by: JoinedBy
    similarity: float


async def write_groups(session: AsyncSession, reference: RegionReference, joined: Joined) -> list[Incident]:
    """Write what has changed; the incidents that have, as they are now."""
    region, regrouped = reference.region, joined.regrouped
    named = {id: uuid7() for id in sorted(regrouped.begun)}
    targets = {id: _named(named, regrouped.now(id)) for id in joined.groups}
    changed = _changed(joined, targets)
    await _move(session, region, joined, targets)
    followers = [
        _Follower(region, each.id, _named(named, each.incident), _BY_RULE, each.similarity)
        for each in joined.following
    ]
    await update_rows(session, incident_report, followers, keys=("region", "assignment_id"))
    await update_rows(
        session, incident_report, list(_similar(region, joined)), keys=("region", "assignment_id")
    )
    await run(session, _MOVE_LATER, region=region, ids=[each.id for each in joined.following])
    changed |= {each.incident_id for each in followers}
    begun = set(named.values())
    if not changed:
        return []
    undone = await rows(session, Incident, _UNDONE, region=region, ids=sorted(regrouped.moved))
    return [*await refresh_incidents(session, reference, begun, changed - begun), *undone]


def _named(named: Mapping[UUID, UUID], group: UUID) -> UUID:
    return named.get(group, group)


def _changed(joined: Joined, targets: Mapping[UUID, UUID]) -> set[UUID]:
    """Incidents that are not as they were: those that others come into, and those that followers leave."""
    regrouped, groups = joined.regrouped, joined.groups
    grown = {targets[id] for id in {*regrouped.moved, *regrouped.begun} if regrouped.is_incident(groups, id)}
    moving = {each.id for each in joined.following}
    left = {
        each.followed
        for each in joined.standings
        if each.followed is not None
        and not each.is_kept
        and (each.id in moving or regrouped.has_become_an_incident(groups, each.group))
    }
    return grown | {_named(regrouped.moved, id) for id in left}


async def _move(session: AsyncSession, region: str, joined: Joined, targets: Mapping[UUID, UUID]) -> None:
    """Groups become part of others, each kind of them in one statement."""
    moves: dict[str, list[tuple[UUID, UUID]]] = defaultdict(list)
    for id in sorted({*joined.regrouped.moved, *joined.regrouped.begun}):
        if joined.groups[id].is_incident:
            moves[_MERGE].append((id, targets[id]))
        elif joined.regrouped.is_incident(joined.groups, id):
            moves[_JOIN].append((id, targets[id]))
        else:
            moves[_COMPONENTS].append((id, targets[id]))
    for statement in (_MERGE, _JOIN, _COMPONENTS):
        pairs = moves[statement]
        if pairs:
            sources, into = zip(*pairs, strict=True)
            await run(session, statement, region=region, sources=list(sources), targets=list(into))


def _similar(region: str, joined: Joined) -> Iterator[_Similar]:
    """How surely those that have come into an incident belong to the closest of it."""
    best: dict[int, float] = {}
    for link in joined.links:
        if link.score >= CLOSE:
            for place in (link.one, link.other):
                best[place] = max(best.get(place, CLOSE), link.score)
    for place, score in sorted(best.items()):
        standing = joined.standings[place]
        if joined.regrouped.has_become_an_incident(joined.groups, standing.group) and not standing.is_kept:
            yield _Similar(region, standing.id, similarity(score))
