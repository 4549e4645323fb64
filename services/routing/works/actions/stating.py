"""Announcing, changing and ending planned works: coordinators for their region, an organisation for itself."""

from __future__ import annotations

import asyncio
from operator import attrgetter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import encode_json, insert_returning, open_all_rows, row, run, scalar
from chassis.principals import Principal
from chassis.problems import Forbidden, NotAllowedNow, NotFound, Unprocessable
from chassis.replacing import changed_fields, refuse_changes
from chassis.versions import require_version
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import own_region, read_reference
from services.routing.reference.rules.areas import flaw_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.works import find_settlement
from services.routing.tables.works import NewWork as NewRow
from services.routing.tables.works import PlannedWork, planned_work
from services.routing.works.actions.gathering import close_incident, open_incident, renew_incident
from services.routing.works.schemas import ChangedWork, NewWork, StatedWork, WorkView

_REGION_OF = """
SELECT region FROM routing.planned_work WHERE region = ANY(:regions::text[]) AND id = :id
    AND (:organisation::uuid IS NULL OR organisation_id = :organisation::uuid)
"""
_LOCK = "SELECT * FROM routing.planned_work WHERE region = :region AND id = :id FOR NO KEY UPDATE"
_CHANGE = """
UPDATE routing.planned_work SET organisation_id = :organisation, title = :title, kind = :kind, topics = :topics::jsonb,
    municipality = :municipality, settlement = :settlement, streets = :streets::jsonb, area = :area::jsonb,
    starts_at = :starts_at, ends_at = :ends_at, notice = :notice, client_id = :client, gathering = :ends_at > now(),
    version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""
_END = """
UPDATE routing.planned_work SET ends_at = now(), ended = true, gathering = false, version = version + 1
WHERE region = :region AND id = :id
"""
_REMOVE = "DELETE FROM routing.planned_work WHERE region = :region AND id = :id"
# What an appeal was compared with, beside its time, which is looked at again when the notice is given.
_COMPARED = attrgetter("kind", "topics", "municipality", "settlement", "streets", "area")
# What is given at this very moment is given: whoever gives it waits for the work.
_DROP_NOTICES = """
DELETE FROM routing.due_notice WHERE (region, assignment_id) IN (
    SELECT region, assignment_id FROM routing.due_notice WHERE region = :region AND work_id = :id FOR UPDATE SKIP LOCKED)
"""
_HAS_BEGUN = "SELECT now() >= :starts_at::timestamptz"
_IS_OVER = "SELECT now() > :ends_at::timestamptz"


async def create_work(session: AsyncSession, principal: Principal, body: NewWork) -> WorkView:
    """A new work, in force for every appeal that is placed from now on; an organisation's is its own."""
    organisation = body.organisation
    if principal.role == "agency":
        if body.region != await own_region(session, principal):
            raise Forbidden("Your organisation is in another region.")
        organisation = organisation or principal.organisation
    await lock_reference(session, body.region)
    reference = await read_reference(session, body.region)
    await _require_known(reference, principal, body, organisation)
    assert organisation is not None, "one that is not named is not known"
    new = NewRow(
        region=body.region,
        id=uuid7(),
        organisation_id=organisation,
        incident_id=uuid7(),
        client_id=principal.client_id,
        **body.columns(),
    )
    (created,) = await insert_returning(session, PlannedWork, planned_work, [new])
    await open_incident(session, created, reference)
    await raise_version(session, body.region)
    return WorkView.of(created, reference)


async def change_work(
    session: AsyncSession, principal: Principal, work_id: UUID, expected_version: int, body: ChangedWork
) -> WorkView:
    """Replace a work. 409 for one that somebody has ended; one that has run out may go on."""
    stored, reference = await _lock(session, principal, work_id, expected_version)
    if stored.ended:
        raise NotAllowedNow("Somebody has ended this work.")
    current = WorkView.of(stored, reference)
    _require_unchanged(reference, body, current)
    await _require_known(reference, principal, body, body.organisation.id)
    columns = body.columns()
    changed = await row(
        session,
        PlannedWork,
        _CHANGE,
        region=stored.region,
        id=work_id,
        organisation=body.organisation.id,
        client=principal.client_id,
        **columns
        | {name: encode_json(columns[name]) for name in ("topics", "streets")}
        | {"area": encode_json(columns["area"]) if columns["area"] else None},
    )
    assert changed is not None
    await renew_incident(session, changed, reference)
    await raise_version(session, stored.region)
    if _COMPARED(changed) != _COMPARED(stored):
        await _drop_notices(session, changed)
    return WorkView.of(changed, reference)


async def _drop_notices(session: AsyncSession, work: PlannedWork) -> None:
    """Who asked about the work as it was – a moderator may have that for days – is answered by a person."""
    # Notices are nobody's rows but the worker's; who may change the work has been checked.
    await open_all_rows(session)
    await run(session, _DROP_NOTICES, region=work.region, id=work.id)


async def end_work(session: AsyncSession, principal: Principal, work_id: UUID, expected_version: int) -> None:
    """End a work now; who was answered stays so, nobody is from now on. One that has not begun was never there.

    409 for one that is over.
    """
    stored, _ = await _lock(session, principal, work_id, expected_version)
    if stored.ended or await scalar(session, bool, _IS_OVER, ends_at=stored.ends_at):
        raise NotAllowedNow("This work is over.")
    has_begun = await scalar(session, bool, _HAS_BEGUN, starts_at=stored.starts_at)
    await run(session, _END if has_begun else _REMOVE, region=stored.region, id=work_id)
    await close_incident(session, stored, was_there=bool(has_begun))
    await raise_version(session, stored.region)


async def _lock(
    session: AsyncSession, principal: Principal, work_id: UUID, expected_version: int
) -> tuple[PlannedWork, RegionReference]:
    """The work as it stands, with the region's reference data locked; 404 out of reach, 412 when it has moved on."""
    region = await scalar(
        session,
        str,
        _REGION_OF,
        regions=principal.regions_within(),
        id=work_id,
        organisation=principal.organisation if principal.role == "agency" else None,
    )
    if region is None:
        raise NotFound
    await lock_reference(session, region)
    reference = await read_reference(session, region)
    stored = await row(session, PlannedWork, _LOCK, region=region, id=work_id)
    if stored is None or not _may_reach(principal, reference, stored):
        raise NotFound
    require_version(stored.version, expected_version)
    return stored, reference


def _may_reach(principal: Principal, reference: RegionReference, work: StatedWork | PlannedWork) -> bool:
    """A municipal centre reaches what lies in its municipalities; others all of their regions."""
    settlement = find_settlement(reference.directory, work.settlement, work.municipality)
    return principal.reaches(work.municipality or (settlement.municipality if settlement else None))


def _require_unchanged(reference: RegionReference, body: ChangedWork, current: WorkView) -> None:
    """422 for what only we set. A count may have grown since it was read: what it has been is taken as unchanged."""
    if body.answered is not None and 0 <= body.answered <= current.answered:
        current = current.model_copy(update={"answered": body.answered})
    changed = changed_fields(body, current)
    chosen = reference.organisations.get(body.organisation.id)
    names = {current.organisation.name, chosen.name if chosen else None, None}
    refuse_changes(changed if body.organisation.name in names else [*changed, "/organisation/name"])


async def _require_known(
    reference: RegionReference, principal: Principal, body: StatedWork, organisation: UUID | None
) -> None:
    """422 for what the region does not have and for an area that is none; 403 outside of a municipal centre's place."""
    unknown = list(_unknown(reference, principal, body, organisation))
    if body.area is not None:
        flaw = await asyncio.to_thread(flaw_of, body.polygons())
        unknown += [("area", flaw)] if flaw else []
    if unknown:
        errors = [{"pointer": f"/{field}", "message": message} for field, message in unknown]
        raise Unprocessable("See errors.", errors=errors)
    if not _may_reach(principal, reference, body):
        raise Forbidden("Name a municipality or a settlement within your scope.")


def _unknown(
    reference: RegionReference, principal: Principal, body: StatedWork, organisation: UUID | None
) -> list[tuple[str, str]]:
    own = principal.organisation if principal.role == "agency" else organisation
    is_executor = organisation == own and reference.organisation_in_use(organisation) is not None
    settlement = find_settlement(reference.directory, body.settlement, body.municipality)
    place = reference.place_of(body.municipality)
    topics = reference.topics.keys() | reference.groups
    checks = [
        ("organisation", "there is no such executing organisation", is_executor),
        ("municipality", "there is no such municipality", not body.municipality or place),
        (
            "settlement",
            "there is no such settlement, or there are several",
            not body.settlement or settlement,
        ),
        *(
            (f"topics/{n}", "there is no such topic or group", code in topics)
            for n, code in enumerate(body.topics)
        ),
    ]
    return [(field, message) for field, message, is_right in checks if not is_right]
