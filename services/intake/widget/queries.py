"""Widgets, by their key and in lists."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.intake.tables.widgets import Widget
from services.intake.topics.queries import list_topics
from services.intake.widget.schemas import ListedWidget, ListedWidgets, OfferedTopic, WidgetPage, WidgetView

_BY_KEY: Final = "SELECT * FROM intake.widget WHERE key = :key AND active"
_ACTIVE: Final = "SELECT * FROM intake.widget WHERE id = :id AND active"
_ONE: Final = "SELECT * FROM intake.widget WHERE region = ANY(:regions::text[]) AND id = :id"
_LISTED: Final = """
SELECT * FROM intake.widget
WHERE listed AND active AND (:region::text IS NULL OR region = :region) ORDER BY region, id LIMIT 500
"""
_LIST: Final = merge_ranges(
    "unnest(:regions::text[]) AS r(region)",
    "SELECT w.* FROM intake.widget w WHERE w.region = r.region AND w.id > :after",
    "id",
)


async def find_widget(session: AsyncSession, key: str) -> Widget:
    """The widget a page names; 404 for a key that is none, or is switched off."""
    found = await row(session, Widget, _BY_KEY, key=key) if "\0" not in key else None
    if found is None:
        raise NotFound("There is no such widget.")
    return found


async def find_active_widget(session: AsyncSession, widget_id: UUID) -> Widget | None:
    """The widget of a form that was signed here; None where it is switched off or gone."""
    return await row(session, Widget, _ACTIVE, id=widget_id)


async def offer_topics(session: AsyncSession, widget: Widget) -> list[OfferedTopic]:
    """What can be chosen in its form; a topic that is out of use is not."""
    wanted = set(widget.topics)
    return [
        OfferedTopic(code=topic.code, name=topic.name, group=topic.group_name)
        for topic in await list_topics(session, widget.region)
        if not wanted or topic.code in wanted
    ]


async def list_listed(session: AsyncSession, region: str | None) -> ListedWidgets:
    """Forms that citizens are offered, of one region or of all."""
    found = await rows(session, Widget, _LISTED, region=region)
    return ListedWidgets(items=[ListedWidget.model_validate(each, from_attributes=True) for each in found])


async def read_widget(session: AsyncSession, principal: Principal, widget_id: UUID) -> WidgetView:
    """One widget; 404 out of reach."""
    found = await row(session, Widget, _ONE, regions=principal.regions_within(), id=widget_id)
    if found is None:
        raise NotFound
    return view_of(found)


async def list_widgets(
    session: AsyncSession, principal: Principal, region: str | None, page: PageRequest
) -> WidgetPage:
    """Widgets within reach, the oldest first."""
    position = page.position("widgets")
    found = await rows(
        session,
        Widget,
        _LIST,
        regions=principal.regions_within(region),
        after=UUID(position[0]) if position else UUID(int=0),
        limit=page.limit + 1,
    )
    items, following = page.cut("widgets", found, lambda widget: [str(widget.id)])
    return WidgetPage(items=[view_of(each) for each in items], next_cursor=following)


def view_of(widget: Widget) -> WidgetView:
    """As administrators see it."""
    return WidgetView(
        id=widget.id,
        key=widget.key,
        region=widget.region,
        title=widget.title,
        origins=widget.origins,
        municipality=widget.municipality,
        organisation=widget.organisation_id,
        topics=widget.topics,
        active=widget.active,
        listed=widget.listed,
        version=widget.version,
    )
