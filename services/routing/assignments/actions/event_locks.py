"""The locks of a batch of several kinds of events, taken before each kind takes its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from contracts.event import Event
from contracts.intake import (
    AppealClarified,
    AppealImported,
    AppealModerated,
    AppealRegistered,
    AppealReopened,
    AppealWithdrawn,
)
from services.routing.assignments.actions.transitions import lock_of_appeals
from services.routing.tables import routed_appeal

Key = tuple[str, UUID]


async def hold_appeals(session: AsyncSession, events: Sequence[Event]) -> None:
    """Lock appeals, then assignments, each in the order of their keys: so does every single kind of event."""
    begun = _keys(event for event in events if isinstance(event, AppealRegistered | AppealImported))
    ended = _keys(
        event
        for event in events
        if isinstance(event, AppealWithdrawn)
        or (isinstance(event, AppealModerated) and event.decision == "reject")
    )
    if begun and ended:
        # Rows that are not there yet cannot be locked, only made; whoever they are for fills them right after.
        await insert_rows(
            session,
            routed_appeal,
            [
                {"region": region, "appeal_id": appeal_id, "routed_at": None}
                for region, appeal_id in sorted(begun | ended)
            ],
            on_conflict="(region, appeal_id) DO UPDATE SET routed_at = routed_appeal.routed_at",
        )
    changed = _keys(event for event in events if isinstance(event, AppealReopened | AppealClarified))
    if changed or ended:
        await lock_of_appeals(session, sorted(changed | ended))


def _keys(events: Iterable[Event]) -> set[Key]:
    return {(event.region, event.appeal_id) for event in events}  # type: ignore[attr-defined]
