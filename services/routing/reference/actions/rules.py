"""Creating and changing one competence rule, and trying rules on what was stored."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.partitions import lowest_uuid7
from chassis.problems import NotFound, Problem, Unprocessable
from chassis.replacing import changed_fields, refuse_changes
from chassis.security import Principal
from chassis.versions import require_version
from services.routing.reference.actions.loading import bump_reference, lock_reference
from services.routing.reference.queries.cache import load_book
from services.routing.reference.queries.cache import read_book
from services.routing.reference.rules.region_reference import RegionBook
from services.routing.reference.rules.competence import Rule
from services.routing.reference.rules.dry_runs import Asked, with_rules, would_move
from services.routing.assignments.schemas.assignments import name_organisation
from services.routing.reference.schemas.rules import (
    ChangedRule,
    DryRun,
    DryRunResult,
    Flow,
    NewRule,
    RuleFields,
    RuleView,
    WouldMove,
)

EXAMPLES = 20
_COLUMNS = (
    'id, region, topic, group_code AS "group", municipality, organisation_id, role, comment, active, version'
)
_TWIN = """
SELECT 1 FROM routing.rule WHERE region = :region AND topic IS NOT DISTINCT FROM :topic
AND group_code IS NOT DISTINCT FROM :group AND municipality IS NOT DISTINCT FROM :municipality
AND organisation_id = :organisation AND role = :role AND id <> :id
"""
# One row per combination that competence looks at: the cost does not grow with the number of appeals.
_HISTORY = """
SELECT topic, municipality, complained_about, count(*) AS assignments,
    (array_agg(id ORDER BY id DESC))[1:3] AS ids, (array_agg(number ORDER BY id DESC))[1:3] AS numbers
FROM routing.assignment
WHERE region = :region AND id >= :since AND role = 'lead' AND predecessor_id IS NULL
GROUP BY topic, municipality, complained_about
"""


class RuleExists(Problem):
    status, slug, title = 409, "rule-exists", "The region has this rule already"


async def create_rule(session: AsyncSession, body: NewRule) -> RuleView:
    """A new rule."""
    await lock_reference(session, body.region)
    book = await load_book(session, body.region, 0)
    _require_known(book, body, "")
    rule_id = uuid7()
    await _require_single(session, body.region, rule_id, body)
    found = await session.execute(
        text(
            "INSERT INTO routing.rule (region, id, topic, group_code, municipality, organisation_id, role, comment) "
            "VALUES (:region, :id, :topic, :group, :municipality, :organisation, :role, :comment) "
            f"RETURNING {_COLUMNS}"
        ),
        {"id": rule_id, **body.model_dump()},
    )
    await bump_reference(session, body.region)
    return _show(found.mappings().one(), book)


async def change_rule(
    session: AsyncSession, principal: Principal, rule_id: UUID, seen: int, body: ChangedRule
) -> RuleView:
    """Replace a rule; `active: false` switches it off."""
    region = await session.scalar(
        text("SELECT region FROM routing.rule WHERE region = ANY(:regions) AND id = :id"),
        {"regions": principal.regions_within(), "id": rule_id},
    )
    if region is None:
        raise NotFound
    await lock_reference(session, region)
    book = await load_book(session, region, 0)
    current = await _read_rule(session, region, rule_id, book)
    require_version(current.version, seen)
    fields = body.fields()
    _require_known(book, fields, "")
    _require_unchanged(book, body, current)
    await _require_single(session, region, rule_id, fields)
    found = await session.execute(
        text(
            "UPDATE routing.rule SET topic = :topic, group_code = :group, municipality = :municipality, "
            "organisation_id = :organisation, role = :role, comment = :comment, active = :active, "
            f"version = version + 1 WHERE region = :region AND id = :id RETURNING {_COLUMNS}"
        ),
        {"region": region, "id": rule_id, **fields.model_dump(), "active": body.active},
    )
    await bump_reference(session, region)
    return _show(found.mappings().one(), book)


async def dry_run_rules(session: AsyncSession, body: DryRun, now: datetime) -> DryRunResult:
    """Where the last days' appeals would have gone; stores nothing."""
    book = await read_book(session, body.region)
    for number, rule in enumerate(body.add):
        _require_known(book, rule, f"/add/{number}")
    changed = with_rules(book, [_as_rule(rule) for rule in body.add], frozenset(body.remove))
    found = await session.execute(
        text(_HISTORY), {"region": body.region, "since": lowest_uuid7(now - timedelta(days=body.days))}
    )
    examined = to_triage = 0
    flows: Counter[tuple[UUID | None, UUID | None]] = Counter()
    examples: list[WouldMove] = []
    for row in found.mappings():
        examined += row["assignments"]
        asked = Asked(row["topic"], row["municipality"], row["complained_about"])
        move = would_move(book, changed, asked)
        if move is None:
            continue
        flows[move] += row["assignments"]
        to_triage += row["assignments"] if move[1] is None else 0
        examples += _examples(book, row, move)
    return DryRunResult(
        region=body.region,
        days=body.days,
        examined=examined,
        would_move=flows.total(),
        would_go_to_triage=to_triage,
        flows=[
            Flow(now=name_organisation(book, a), then=name_organisation(book, b), assignments=count)
            for (a, b), count in flows.most_common(100)
        ],
        examples=examples[:EXAMPLES],
    )


def _examples(book: RegionBook, row: RowMapping, move: tuple[UUID | None, UUID | None]) -> list[WouldMove]:
    return [
        WouldMove(
            assignment_id=assignment_id,
            number=number,
            topic=row["topic"],
            municipality=row["municipality"],
            now=name_organisation(book, move[0]),
            then=name_organisation(book, move[1]),
        )
        for assignment_id, number in zip(row["ids"], row["numbers"], strict=True)
    ]


def _as_rule(fields: RuleFields) -> Rule:
    return Rule(
        id=uuid7(),
        organisation_id=fields.organisation,
        topic=fields.topic,
        group=fields.group,
        municipality=fields.municipality,
        role=fields.role,
        comment=fields.comment,
    )


def _require_known(book: RegionBook, rule: RuleFields, pointer: str) -> None:
    errors = []
    if rule.topic is not None and rule.topic not in book.topics:
        errors.append({"pointer": f"{pointer}/topic", "message": "there is no such topic"})
    if rule.group is not None and rule.group not in book.groups:
        errors.append({"pointer": f"{pointer}/group", "message": "there is no such topic group"})
    if rule.organisation not in book.bodies:
        errors.append({"pointer": f"{pointer}/organisation", "message": "there is no such organisation"})
    if errors:
        raise Unprocessable("See errors.", errors=errors)


async def _require_single(session: AsyncSession, region: str, rule_id: UUID, rule: RuleFields) -> None:
    parameters: dict[str, Any] = {"region": region, "id": rule_id}
    names = ("topic", "group", "municipality", "organisation", "role")
    parameters |= {name: getattr(rule, name) for name in names}
    if await session.scalar(text(_TWIN), parameters):
        raise RuleExists


async def _read_rule(session: AsyncSession, region: str, rule_id: UUID, book: RegionBook) -> RuleView:
    found = await session.execute(
        text(f"SELECT {_COLUMNS} FROM routing.rule WHERE region = :region AND id = :id"),
        {"region": region, "id": rule_id},
    )
    return _show(found.mappings().one(), book)


def _require_unchanged(book: RegionBook, body: ChangedRule, current: RuleView) -> None:
    """422 where read-only fields were changed, a body's name among them: the old one's or the new one's is neither."""
    chosen = body.organisation
    names = {current.organisation.name, book.bodies[chosen.id].name, None}
    changed = changed_fields(body, current)
    refuse_changes(changed if chosen.name in names else [*changed, "/organisation/name"])


def _show(row: RowMapping, book: RegionBook) -> RuleView:
    return RuleView.model_validate({**row, "organisation": name_organisation(book, row["organisation_id"])})
