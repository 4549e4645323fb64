"""Making, changing and removing widgets."""

from __future__ import annotations

import secrets
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import row, run
from chassis.principals import Principal
from chassis.problems import NotFound, Unprocessable
from chassis.versions import require_version
from services.intake.tables.widgets import Widget
from services.intake.topics.queries import list_topics
from services.intake.widget.queries import view_of
from services.intake.widget.schemas import ChangedWidget, NewWidget, WidgetFields, WidgetView

_KEY_BYTES: Final = 16
_INSERT: Final = """
INSERT INTO intake.widget (region, id, key, title, origins, municipality, organisation_id, topics, active, listed, changed_by)
VALUES (:region, :id, :key, :title, :origins, :municipality, :organisation, :topics, :active, :listed, :client) RETURNING *
"""
_LOCK: Final = (
    "SELECT * FROM intake.widget WHERE region = ANY(:regions::text[]) AND id = :id FOR NO KEY UPDATE"
)
_CHANGE: Final = """
UPDATE intake.widget SET title = :title, origins = :origins, municipality = :municipality,
    organisation_id = :organisation, topics = :topics, active = :active, listed = :listed, changed_by = :client,
    changed_at = now(), version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""
_REMOVE: Final = "DELETE FROM intake.widget WHERE region = :region AND id = :id"


async def create_widget(session: AsyncSession, principal: Principal, new: NewWidget) -> WidgetView:
    """A widget with a key of its own; 422 for topics that are none of the region's."""
    await _require_topics(session, new.region, new)
    made = await row(
        session,
        Widget,
        _INSERT,
        region=new.region,
        id=uuid7(),
        key=f"wgt_{secrets.token_urlsafe(_KEY_BYTES)}",
        client=principal.client_id,
        **_columns(new),
    )
    assert made is not None
    return view_of(made)


async def change_widget(
    session: AsyncSession, principal: Principal, widget_id: UUID, expected_version: int, new: ChangedWidget
) -> WidgetView:
    """Replace a widget; pages that show it go on with its key."""
    stored = await _lock(session, principal, widget_id, expected_version)
    new.require_unchanged(view_of(stored))
    await _require_topics(session, stored.region, new)
    changed = await row(
        session,
        Widget,
        _CHANGE,
        region=stored.region,
        id=widget_id,
        client=principal.client_id,
        **_columns(new),
    )
    assert changed is not None
    return view_of(changed)


async def remove_widget(
    session: AsyncSession, principal: Principal, widget_id: UUID, expected_version: int
) -> None:
    """Remove a widget: its key opens nothing any more, and forms that are open are refused."""
    stored = await _lock(session, principal, widget_id, expected_version)
    await run(session, _REMOVE, region=stored.region, id=widget_id)


async def _lock(
    session: AsyncSession, principal: Principal, widget_id: UUID, expected_version: int
) -> Widget:
    stored = await row(session, Widget, _LOCK, regions=principal.regions_within(), id=widget_id)
    if stored is None:
        raise NotFound
    require_version(stored.version, expected_version)
    return stored


def _columns(new: WidgetFields) -> dict[str, object]:
    return {
        "title": new.title,
        "origins": list(dict.fromkeys(new.origins)),
        "municipality": new.municipality,
        "organisation": new.organisation,
        "topics": list(dict.fromkeys(new.topics)),
        "active": new.active,
        "listed": new.listed,
    }


async def _require_topics(session: AsyncSession, region: str, new: WidgetFields) -> None:
    known = {topic.code for topic in await list_topics(session, region)} if new.topics else set()
    errors = [
        {"pointer": f"/topics/{place}", "message": "is no topic of the region"}
        for place, code in enumerate(new.topics)
        if code not in known
    ]
    if errors:
        raise Unprocessable("See errors.", errors=errors)
