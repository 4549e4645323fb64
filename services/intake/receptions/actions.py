"""Writing receptions down, and finding those that appeals name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, rows
from chassis.principals import Principal
from chassis.problems import Unprocessable
from services.intake.local_time import local_day
from services.intake.receptions.rules import Fault, find_day_fault, find_place_fault
from services.intake.receptions.schemas import NewReception, ReceptionLine
from services.intake.tables import reception
from services.intake.tables.receptions import Reception

_HELD = (
    "SELECT r.region, r.id, r.held_on FROM intake.reception r "
    "JOIN unnest(:regions::text[], :ids::uuid[]) AS asked(region, id) ON asked.region = r.region AND asked.id = r.id"
)


def refuse(fault: Fault) -> Unprocessable:
    """422 for one field."""
    return Unprocessable("See errors.", errors=[{"pointer": fault.pointer, "message": fault.message}])


async def create_reception(
    session: AsyncSession, principal: Principal, new: NewReception, now: datetime
) -> ReceptionLine:
    """Announce or note a reception. 403 outside of the principal's region or municipalities, 422 for an unlikely day."""
    principal.require_region(new.region)
    principal.require_municipality(new.municipality)
    fault = find_place_fault(new.municipality, new.region)
    fault = fault or find_day_fault(new.held_on, local_day(new.region, now))
    if fault is not None:
        raise refuse(fault)
    made = Reception(
        region=new.region,
        id=uuid7(),
        kind=new.kind,
        held_on=new.held_on,
        place=new.place.strip(),
        official=new.official.strip(),
        municipality=new.municipality,
        client_id=principal.client_id,
        person=principal.person,
        created_at=now,
    )
    await insert_rows(session, reception, [made])
    return ReceptionLine.model_validate({**new.model_dump(), "id": made.id, "appeals": 0})


@dataclass(frozen=True, slots=True)
class _Held:
    region: str
    id: UUID
    held_on: date


async def read_days(
    session: AsyncSession, asked: Iterable[tuple[str, UUID]]
) -> Mapping[tuple[str, UUID], date]:
    """The days of receptions, by region and id; those that there are not are missing."""
    pairs = sorted(set(asked))
    held = await rows(
        session, _Held, _HELD, regions=[region for region, _ in pairs], ids=[each for _, each in pairs]
    )
    return {(each.region, each.id): each.held_on for each in held}
