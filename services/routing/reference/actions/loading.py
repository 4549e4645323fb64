"""A whole region's reference data at once: what is named is created or changed, what is not named stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_returning, insert_rows, rows
from chassis.faults import Wording
from chassis.outbox import emit
from chassis.problems import Errors, Unprocessable
from contracts.routing import MunicipalityChanged, Role
from services.routing.reference.actions.changes import on_change, put_organisations, put_topics
from services.routing.reference.actions.service_areas import put_service_areas
from services.routing.reference.actions.settlements import put_settlements, put_streets
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.rules.codes import municipality_id_of, organisation_id_of
from services.routing.reference.rules.houses import Service
from services.routing.reference.schemas.reference import Reference, ReferenceLoaded, RuleRow
from services.routing.tables.reference import Municipality, municipality
from services.routing.tables.reference import rule as rule_table

ERRORS_SHOWN = 50
_RULE_KEY = "region, topic, group_code, municipality, organisation_id, role, valid_from, valid_to, season_from, season_to, service"
_CHANGE_MUNICIPALITY = """
(region, oktmo) DO UPDATE SET name = excluded.name, kind = excluded.kind, stems = excluded.stems,
    population = coalesce(excluded.population, municipality.population)
WHERE ROW(municipality.name, municipality.kind, municipality.stems, municipality.population)
    IS DISTINCT FROM ROW(excluded.name, excluded.kind, excluded.stems, coalesce(excluded.population, municipality.population))
"""
_KNOWN = """
SELECT 'group' AS kind, code FROM routing.topic_group WHERE region = :region UNION ALL
SELECT 'topic', code FROM routing.topic WHERE region = :region UNION ALL
SELECT 'organisation', code FROM routing.organisation WHERE region = :region UNION ALL
SELECT 'municipality', oktmo FROM routing.municipality WHERE region = :region UNION ALL
SELECT 'settlement', code FROM routing.settlement WHERE region = :region
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """A code that a region has, of a kind of things."""

    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class _NewRule:
    region: str
    id: UUID
    topic: str | None
    group_code: str | None
    municipality: str | None
    organisation_id: UUID
    role: Role
    comment: str
    active: bool
    position: int | None
    valid_from: date | None
    valid_to: date | None
    season_from: str | None
    season_to: str | None
    service: Service | None


async def load_reference(session: AsyncSession, region: str, body: Reference) -> ReferenceLoaded:
    """Create or change everything that is named; the same body again changes nothing."""
    version = await lock_reference(session, region)
    await require_known(session, region, body)
    topics = await put_topics(session, region, body.groups, body.topics)
    organisations = await put_organisations(session, region, body.organisations)
    municipalities = await _put_municipalities(session, region, body)
    counts = {
        "topics": len(topics),
        "organisations": len(organisations),
        "municipalities": len(municipalities),
        "settlements": await put_settlements(session, region, body.settlements),
        "streets": await put_streets(session, region, body.streets),
        "rules": await _put_rules(session, region, body),
        "service_areas": await put_service_areas(session, region, body.service_areas),
    }
    if any(counts.values()):
        version = await raise_version(session, region)
    await emit(session, *topics, *organisations, *(_changed(each, version) for each in municipalities))
    return ReferenceLoaded(
        region=region,
        version=version,
        groups=len(body.groups),
        topics=len(body.topics),
        municipalities=len(body.municipalities),
        settlements=len(body.settlements),
        streets=len(body.streets),
        rules=len(body.rules),
        service_areas=len(body.service_areas),
        changed=counts,
        organisations={each.code: organisation_id_of(region, each.code) for each in body.organisations},
    )


async def _put_municipalities(session: AsyncSession, region: str, body: Reference) -> list[Municipality]:
    by_code = {
        each.oktmo: Municipality(
            region,
            each.oktmo,
            each.name,
            each.kind,
            [stem for stem in each.stems if stem.strip()],
            each.population,
        )
        for each in body.municipalities
    }
    return await insert_returning(
        session, Municipality, municipality, list(by_code.values()), on_conflict=_CHANGE_MUNICIPALITY
    )


def _changed(row: Municipality, version: int) -> MunicipalityChanged:
    return MunicipalityChanged(
        region=row.region,
        sequence=version,
        municipality_id=municipality_id_of(row.region, row.oktmo),
        oktmo=row.oktmo,
        name=row.name,
        kind=row.kind,
        population=row.population,
    )


async def _put_rules(session: AsyncSession, region: str, body: Reference) -> int:
    by_key = {_key_of(each): _new_rule(region, each) for each in body.rules}
    changed = await insert_rows(
        session,
        rule_table,
        list(by_key.values()),
        on_conflict=on_change("rule", _RULE_KEY, ("comment", "active", "position")),
        returning="id",
    )
    return len(changed)


def _key_of(rule: RuleRow) -> tuple[object, ...]:
    """What makes it another rule."""
    return tuple(rule.model_dump(exclude={"comment", "active", "position"}).values())


def _new_rule(region: str, rule: RuleRow) -> _NewRule:
    return _NewRule(
        region=region,
        id=uuid7(),
        group_code=rule.group,
        organisation_id=organisation_id_of(region, rule.organisation),
        **rule.model_dump(exclude={"group", "organisation"}),
    )


async def require_known(
    session: AsyncSession, region: str, body: Reference, topics_at: str = "/topics"
) -> None:
    """422 with pointers when what something refers to by its code is neither stored nor named in the same request."""
    known = set(await rows(session, _Known, _KNOWN, region=region))
    known |= {_Known("group", each.code) for each in body.groups}
    known |= {_Known("topic", each.code) for each in body.topics}
    known |= {_Known("organisation", each.code) for each in body.organisations}
    known |= {_Known("municipality", each.oktmo) for each in body.municipalities}
    known |= {_Known("settlement", each.code) for each in body.settlements}
    errors: Errors = [
        {"pointer": pointer, "message": Wording("there is no {kind} with this code", {"kind": kind})}
        for pointer, kind, code in _codes_used(body, topics_at)
        if code is not None and _Known(kind, code) not in known
    ]
    if errors:
        raise Unprocessable("See errors.", errors=errors[:ERRORS_SHOWN])


def _codes_used(body: Reference, topics_at: str) -> Iterator[tuple[str, str, str | None]]:
    """(pointer, kind, code) of everything that refers to something else."""
    for n, topic in enumerate(body.topics):
        yield f"{topics_at}/{n}/group", "group", topic.group
    for n, organisation in enumerate(body.organisations):
        yield f"/organisations/{n}/parent", "organisation", organisation.parent
    for n, settlement in enumerate(body.settlements):
        yield f"/settlements/{n}/municipality", "municipality", settlement.municipality
    for n, street in enumerate(body.streets):
        yield f"/streets/{n}/settlement", "settlement", street.settlement
    for kind in ("topic", "group", "organisation"):
        for n, rule in enumerate(body.rules):
            yield f"/rules/{n}/{kind}", kind, getattr(rule, kind)
    for n, area in enumerate(body.service_areas):
        yield f"/service_areas/{n}/organisation", "organisation", area.organisation
