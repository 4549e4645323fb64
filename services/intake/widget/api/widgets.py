"""Widgets: which sites may show which form."""

from __future__ import annotations

from uuid import UUID

from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.security import AdminOnly
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.intake.field_types import RegionCode
from services.intake.widget import queries
from services.intake.widget.actions import administering
from services.intake.widget.schemas import ChangedWidget, NewWidget, WidgetPage, WidgetView

router = Router(prefix="/api/v1/widgets", tags=["widgets"])


@router.get("")
async def list_widgets(
    principal: AdminOnly, session: Reading, page: Page, region: RegionCode | None = None
) -> WidgetPage:
    """Forms on other sites, the oldest first."""
    return await queries.list_widgets(session, principal, region, page)


@router.get("/{widget_id}")
async def read_widget(principal: AdminOnly, session: Reading, widget_id: UUID) -> WidgetView:
    """One of them."""
    return await queries.read_widget(session, principal, widget_id)


@router.post("", response_model=WidgetView, status_code=201)
async def create_widget(
    principal: AdminOnly, session: Transaction, idempotency: Idempotent, body: NewWidget
) -> Response:
    """Make a form; its key is what pages name it by."""
    principal.require_region(body.region)
    return await idempotency.run(
        session, principal, body, lambda: administering.create_widget(session, principal, body), status=201
    )


@router.put("/{widget_id}")
async def replace_widget(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    widget_id: UUID,
    body: ChangedWidget,
) -> WidgetView:
    """Replace a form; its key stays."""
    return await administering.change_widget(session, principal, widget_id, expected_version, body)


@router.delete("/{widget_id}", status_code=204)
async def remove_widget(
    principal: AdminOnly, session: Transaction, expected_version: ExpectedVersion, widget_id: UUID
) -> None:
    """Remove a form: its key opens nothing any more. Appeals stay."""
    await administering.remove_widget(session, principal, widget_id, expected_version)
