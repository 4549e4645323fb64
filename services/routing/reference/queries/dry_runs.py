"""Trying competence rules on what was stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import rows
from chassis.partitions import lowest_uuid7
from services.routing.reference.queries.cache import read_reference
from services.routing.reference.rules.competence import CompetenceRule
from services.routing.reference.rules.dry_runs import Subject, with_rules, would_move
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.rules import DryRun, DryRunResult, Flow, RuleFields, WouldMove

EXAMPLES = 20
FLOWS = 100
# One row per combination that competence looks at: the cost does not grow with the number of appeals.
_HISTORY = """
SELECT topic, municipality, complained_about, count(*) AS assignments,
    (array_agg(id ORDER BY id DESC))[1:3] AS ids, (array_agg(number ORDER BY id DESC))[1:3] AS numbers
FROM routing.assignment
WHERE region = :region AND id >= :since AND role = 'lead' AND predecessor_id IS NULL
GROUP BY topic, municipality, complained_about
"""
Move = tuple[UUID | None, UUID | None]


@dataclass(frozen=True, slots=True)
class _Asked(Subject):
    """How many leads were asked the same, and the last of them."""

    assignments: int
    ids: list[UUID]
    numbers: list[str]


async def dry_run_rules(session: AsyncSession, body: DryRun, now: datetime) -> DryRunResult:
    """Where the last days' appeals would have gone; stores nothing. 422 for rules of what the region does not have."""
    reference = await read_reference(session, body.region)
    for number, rule in enumerate(body.add):
        rule.require_known(reference, f"/add/{number}")
    changed = with_rules(reference, [_as_rule(rule) for rule in body.add], frozenset(body.remove))
    since = lowest_uuid7(now - timedelta(days=body.days))
    asked = await rows(session, _Asked, _HISTORY, region=body.region, since=since)
    moved = [(each, move) for each in asked if (move := would_move(reference, changed, each)) is not None]
    flows: Counter[Move] = Counter()
    for each, move in moved:
        flows[move] += each.assignments
    return DryRunResult(
        region=body.region,
        days=body.days,
        examined=sum(each.assignments for each in asked),
        would_move=flows.total(),
        would_go_to_triage=sum(count for (_, then), count in flows.items() if then is None),
        flows=[_flow(reference, move, count) for move, count in flows.most_common(FLOWS)],
        examples=list(islice(_examples(reference, moved), EXAMPLES)),
    )


def _flow(reference: RegionReference, move: Move, count: int) -> Flow:
    now, then = (OrganisationRef.maybe(each, reference) for each in move)
    return Flow(now=now, then=then, assignments=count)


def _examples(reference: RegionReference, moved: Iterable[tuple[_Asked, Move]]) -> Iterable[WouldMove]:
    for each, (now, then) in moved:
        for assignment_id, number in zip(each.ids, each.numbers, strict=True):
            yield WouldMove(
                assignment_id=assignment_id,
                number=number,
                topic=each.topic,
                municipality=each.municipality,
                now=OrganisationRef.maybe(now, reference),
                then=OrganisationRef.maybe(then, reference),
            )


def _as_rule(fields: RuleFields) -> CompetenceRule:
    return CompetenceRule(
        id=uuid7(),
        organisation_id=fields.organisation,
        topic=fields.topic,
        group=fields.group,
        municipality=fields.municipality,
        role=fields.role,
        comment=fields.comment,
    )
