"""Planned works: what is shut off, dug up or closed, when and where, and the notice that answers who asks about it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Instant
from chassis.versions import ExpectedVersion
from services.routing.reference.schemas.types import RegionCode
from services.routing.works.actions import stating
from services.routing.works.queries.works import WorkFilter, read_work
from services.routing.works.queries.works import list_works as find_works
from services.routing.works.schemas import ChangedWork, NewWork, WorkPage, WorkStatus, WorkView

router = Router(prefix="/api/v1/works", tags=["planned works"])
Worker = Annotated[Principal, allowed("agency", "coordinator")]
At = Annotated[
    Instant | None,
    Query(description="Works that run at this moment.", examples=["2026-11-29T12:00:00+03:00"]),
]
OfStatus = Annotated[WorkStatus | None, Query(description="Without it: all.")]


async def _filters(region: RegionCode | None = None, at: At = None, status: OfStatus = None) -> WorkFilter:
    return WorkFilter(region, at, status)


@router.get("")
async def list_works(
    principal: Worker, session: Reading, filters: Annotated[WorkFilter, Depends(_filters)], page: Page
) -> WorkPage:
    """Planned works, the last to end first; an agency sees its own."""
    return await find_works(session, principal, filters, page)


@router.get("/{work_id}")
async def show_work(principal: Worker, session: Reading, work_id: UUID) -> WorkView:
    """One planned work."""
    return await read_work(session, principal, work_id)


@router.post("", response_model=WorkView, status_code=201)
async def add_work(
    principal: Worker, session: Transaction, idempotency: Idempotent, body: NewWork
) -> Response:
    """Announce a work: whoever asks about it from now on is answered by its notice. An agency announces its own."""
    principal.require_region(body.region)
    return await idempotency.run(
        session, principal, body, lambda: stating.create_work(session, principal, body), status=201
    )


@router.put("/{work_id}")
async def replace_work(
    principal: Worker,
    session: Transaction,
    expected_version: ExpectedVersion,
    work_id: UUID,
    body: ChangedWork,
) -> WorkView:
    """Replace a work; one that has run out may go on."""
    return await stating.change_work(session, principal, work_id, expected_version, body)


@router.delete("/{work_id}", status_code=204)
async def remove_work(
    principal: Worker, session: Transaction, expected_version: ExpectedVersion, work_id: UUID
) -> None:
    """End a work now; who was answered stays so. One that has not begun is gone."""
    await stating.end_work(session, principal, work_id, expected_version)
