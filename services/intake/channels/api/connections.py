"""/api/v1/channels: which pages are watched, and where an appeal of one comes from."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.pages import Page
from chassis.principals import Principal
from chassis.resources import resources_in
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.intake.channels.actions import connecting
from services.intake.channels.actions.evidence import open_source
from services.intake.channels.queries import directory
from services.intake.channels.queries.directory import ChannelFilter
from services.intake.channels.rules.reading import Network
from services.intake.channels.schemas import (
    ChangedChannel,
    ChannelPageOfList,
    ChannelView,
    EvidenceView,
    NewChannel,
)
from services.intake.field_types import Municipality, RegionCode
from services.intake.originals.schemas import StatedPurpose
from services.intake.resources import IntakeResources

router = Router(prefix="/api/v1", tags=["channels"])
Reader = Annotated[Principal, allowed("coordinator")]


async def _filters(
    region: RegionCode | None = None,
    network: Network | None = None,
    municipality: Municipality | None = None,
    organisation: Annotated[UUID | None, Query(description="Whose page it is.")] = None,
) -> ChannelFilter:
    return ChannelFilter(region, network, municipality, organisation)


@router.get("/channels")
async def list_channels(
    principal: Reader, session: Reading, filters: Annotated[ChannelFilter, Depends(_filters)], page: Page
) -> ChannelPageOfList:
    """The directory of watched pages: network, territory, owner, and what became of deliveries."""
    return await directory.list_channels(session, principal, filters, page)


@router.get("/channels/{channel_id}")
async def show_channel(principal: Reader, session: Reading, channel_id: UUID) -> ChannelView:
    """One watched page; its credentials by their names only."""
    return await directory.read_channel(session, principal, channel_id)


@router.post("/channels", response_model=ChannelView, status_code=201)
async def connect_channel(
    principal: AdminOnly, session: Transaction, request: Request, idempotency: Idempotent, body: NewChannel
) -> Response:
    """Watch a page. What the answer has as `webhook` is entered in the network's settings, with the same secret."""
    principal.require_region(body.region)
    keyring = resources_in(request.app, IntakeResources).secrets.keyring
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: connecting.connect_page(session, principal, keyring, body, utc_now()),
        status=201,
    )


@router.put("/channels/{channel_id}")
async def replace_channel(
    principal: AdminOnly,
    session: Transaction,
    request: Request,
    expected_version: ExpectedVersion,
    channel_id: UUID,
    body: ChangedChannel,
) -> ChannelView:
    """Change a connection; in force within two seconds. Credentials that are left out stay."""
    keyring = resources_in(request.app, IntakeResources).secrets.keyring
    return await connecting.change_connection(
        session, principal, keyring, channel_id, expected_version, body, utc_now()
    )


@router.delete("/channels/{channel_id}", status_code=204)
async def remove_channel(
    principal: AdminOnly,
    session: Transaction,
    request: Request,
    expected_version: ExpectedVersion,
    channel_id: UUID,
) -> None:
    """Watch a page no longer; its appeals stay, its credentials are gone."""
    keyring = resources_in(request.app, IntakeResources).secrets.keyring
    await connecting.remove_connection(session, principal, keyring, channel_id, expected_version, utc_now())


@router.post("/appeals/{appeal_id}/source")
async def open_appeal_source(
    principal: Annotated[Principal, allowed("agency", "coordinator")],
    session: Transaction,
    request: Request,
    appeal_id: UUID,
    body: StatedPurpose,
) -> EvidenceView:
    """What the social network delivered about an appeal, with edits and deletions, for a stated purpose; logged."""
    secrets = resources_in(request.app, IntakeResources).secrets
    return await open_source(session, principal, secrets, appeal_id, body.purpose)
