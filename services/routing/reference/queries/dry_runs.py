"""Trying competence rules on what was stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import rows
from chassis.partitions import lowest_uuid7
from chassis.problems import Unprocessable
from contracts.territories import find_zone
from services.routing.reference.queries.cache import read_reference
from services.routing.reference.queries.rule_reports import report_on
from services.routing.reference.rules.competence import CompetenceRule
from services.routing.reference.rules.dry_runs import Subject, count_use, with_rules, would_move
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.rule_checks import Period
from services.routing.reference.schemas.dry_runs import DryRun, DryRunResult, Flow, WouldMove
from services.routing.reference.schemas.organisations import OrganisationRef

EXAMPLES: Final = 20
FLOWS: Final = 100
# One row per combination that competence looks at: the cost does not grow with the number of appeals.
_HISTORY = """
SELECT topic, municipality, complained_about, {day} AS day, count(*) AS assignments,
    (array_agg(id ORDER BY id DESC))[1:3] AS ids, (array_agg(number ORDER BY id DESC))[1:3] AS numbers
FROM routing.assignment
WHERE region = :region AND id >= :since AND role = 'lead' AND predecessor_id IS NULL
GROUP BY topic, municipality, complained_about{and_day}
"""
_WHATEVER_DAY = _HISTORY.format(day="NULL::date", and_day="")
_BY_DAY = _HISTORY.format(day="(received_at AT TIME ZONE :zone::text)::date", and_day=", 4")
Move = tuple[UUID | None, UUID | None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """How many leads were asked the same, and the last of them."""

    topic: str | None
    municipality: str | None
    complained_about: UUID | None
    day: date | None
    assignments: int
    ids: list[UUID]
    numbers: list[str]

    @property
    def subject(self) -> Subject:
        """What competence looks at."""
        return Subject(self.topic, self.municipality, self.complained_about, self.day)


async def dry_run_rules(session: AsyncSession, body: DryRun, now: datetime) -> DryRunResult:
    """Where the last days' appeals would have gone; stores nothing. 422 for rules of what the region does not have."""
    reference = await read_reference(session, body.region)
    tried = _tried(reference, body)
    asked = await _read_history(session, body, now, by_day=_ask_for_days(reference, tried))
    moved = [(each, move) for each in asked if (move := would_move(reference, tried, each.subject))]
    flows: Counter[Move] = Counter()
    for each, move in moved:
        flows[move] += each.assignments
    use = count_use(tried, ((each.subject, each.assignments) for each in asked))
    report = report_on(tried, use, _period(body, now), added=len(body.add))
    return DryRunResult(
        region=body.region,
        days=body.days,
        examined=sum(each.assignments for each in asked),
        would_move=flows.total(),
        would_go_to_triage=sum(count for (_, then), count in flows.items() if then is None),
        flows=[_flow(reference, move, count) for move, count in flows.most_common(FLOWS)],
        examples=list(islice(_examples(reference, moved), EXAMPLES)),
        **report.as_fields(),
    )


def _tried(reference: RegionReference, body: DryRun) -> RegionReference:
    """The reference data with the rules of the body."""
    stored = {rule.id for rule in reference.rules.all()}
    for number, rule in enumerate(body.add):
        rule.require_known(reference, f"/add/{number}")
    for number, change in enumerate(body.change):
        if change.id not in stored:
            message = "the region has no such rule in force"
            raise Unprocessable(
                "See errors.", errors=[{"pointer": f"/change/{number}/id", "message": message}]
            )
        change.require_known(reference, f"/change/{number}")
    added: list[CompetenceRule] = [rule.as_rule(uuid7()) for rule in body.add]
    changed = {change.id: change.as_rule(change.id) for change in body.change}
    return with_rules(reference, added, frozenset(body.remove), list(changed.values()))


def _ask_for_days(*references: RegionReference) -> bool:
    return any(reference.rules.dated for reference in references)


async def _read_history(
    session: AsyncSession, body: DryRun, now: datetime, *, by_day: bool
) -> Sequence[_Asked]:
    since = lowest_uuid7(now - timedelta(days=body.days))
    sql = _BY_DAY if by_day else _WHATEVER_DAY
    return await rows(session, _Asked, sql, region=body.region, since=since, zone=find_zone(body.region))


def _period(body: DryRun, now: datetime) -> Period:
    last = now.astimezone(ZoneInfo(find_zone(body.region))).date()
    return Period(last - timedelta(days=body.days), last)


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
