"""An incident after an act, with what the act could not move."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.incidents.queries.incidents import show_incidents
from services.routing.incidents.rules.leading import count_staying
from services.routing.incidents.schemas.incidents import ActedIncident, Staying
from services.routing.tables.incidents import Incident


async def show_acted(
    session: AsyncSession, incident: Incident, moved: int = 0, staying: Sequence[str] = ()
) -> ActedIncident:
    """The incident, how many assignments moved, how many stayed with others and why."""
    (shown,) = await show_incidents(session, [incident])
    counted = [
        Staying.model_validate({"why": why, "appeals": count}) for why, count in count_staying(staying)
    ]
    return ActedIncident(**dict(shown), moved=moved, staying=counted)
