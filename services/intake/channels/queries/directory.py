"""The directory of watched pages: whose they are, where, and what came through them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from chassis.problems import NotFound
from services.intake.channels.rules.connection import State
from services.intake.channels.rules.reading import Network
from services.intake.channels.schemas import (
    ChannelPageOfList,
    ChannelView,
    DeliveryCounts,
    SourceView,
    WatchedPage,
)

WEBHOOKS: Final = frozenset({"vk", "telegram", "max"})
_COLUMNS: Final = """
SELECT c.id, c.network, c.region, c.page_id, c.page_url, c.page_title, c.municipality, c.organisation_id, c.state,
    c.credential_names, c.version,
    (SELECT jsonb_object_agg(n.outcome, n.count) FROM intake.channel_count n
        WHERE n.region = c.region AND n.connection_id = c.id) AS counts,
    (SELECT max(n.last_at) FROM intake.channel_count n
        WHERE n.region = c.region AND n.connection_id = c.id) AS last_at
FROM intake.channel_connection c
WHERE c.state <> 'removed' AND c.region = ANY(:regions)
"""
_ONE: Final = _COLUMNS + " AND c.id = :id"
_LIST: Final = (
    _COLUMNS
    + """ AND c.id > :after
    AND (CAST(:network AS text) IS NULL OR c.network = :network)
    AND (CAST(:municipality AS text) IS NULL OR c.municipality = :municipality)
    AND (CAST(:organisation AS uuid) IS NULL OR c.organisation_id = :organisation)
ORDER BY c.id LIMIT :limit
"""
)
_SOURCE: Final = """
SELECT c.network, c.page_title, c.page_url, s.post_url FROM intake.channel_source s
JOIN intake.channel_connection c ON c.id = s.connection_id
WHERE s.region = :region AND s.appeal_id = :id
"""


@dataclass(frozen=True, slots=True)
class ChannelFilter:
    """Which pages are asked for."""

    region: str | None
    network: Network | None
    municipality: str | None
    organisation: UUID | None


@dataclass(frozen=True, slots=True)
class _Listed:
    id: UUID
    network: Network
    region: str
    page_id: str
    page_url: str
    page_title: str
    municipality: str | None
    organisation_id: UUID | None
    state: State
    credential_names: list[str]
    version: int
    counts: dict[str, Any] | None
    last_at: datetime | None

    def view(self) -> ChannelView:
        return ChannelView(
            id=self.id,
            network=self.network,
            region=self.region,
            page=WatchedPage.model_construct(id=self.page_id, url=self.page_url, title=self.page_title),
            municipality=self.municipality,
            organisation=self.organisation_id,
            state=self.state,
            webhook=f"/channels/{self.network}/{self.id}" if self.network in WEBHOOKS else None,
            credential_names=self.credential_names,
            counts=DeliveryCounts(**self.counts or {}),
            last_at=self.last_at,
            version=self.version,
        )


async def read_channel(session: AsyncSession, principal: Principal, connection_id: UUID) -> ChannelView:
    """One connection; 404 out of reach."""
    found = await row(session, _Listed, _ONE, regions=principal.regions_within(), id=connection_id)
    if found is None:
        raise NotFound
    return found.view()


async def list_channels(
    session: AsyncSession, principal: Principal, filters: ChannelFilter, page: PageRequest
) -> ChannelPageOfList:
    """Watched pages, in the order in which they were connected."""
    position = page.position("channels")
    found = await rows(
        session,
        _Listed,
        _LIST,
        regions=principal.regions_within(filters.region),
        after=UUID(position[0]) if position else UUID(int=0),
        network=filters.network,
        municipality=filters.municipality,
        organisation=filters.organisation,
        limit=page.limit + 1,
    )
    shown, following = page.cut("channels", found, lambda each: [str(each.id)])
    return ChannelPageOfList(items=[each.view() for each in shown], next_cursor=following)


@dataclass(frozen=True, slots=True)
class _Source:
    network: Network
    page_title: str
    page_url: str
    post_url: str | None


async def read_source(session: AsyncSession, region: str, appeal_id: UUID) -> SourceView | None:
    """Where an appeal comes from; None for one that came through no watched page."""
    found = await row(session, _Source, _SOURCE, region=region, id=appeal_id)
    return None if found is None else SourceView.model_validate(found, from_attributes=True)
