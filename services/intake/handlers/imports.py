"""An import is taken back: routing has decided, and removes appeal by appeal."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.routing import AppealsRemoved, ImportUndoRefused
from services.intake.handlers.registry import handlers
from services.intake.migration.actions.undoing import forget_appeals, note_refusals


@handlers.on(AppealsRemoved)
async def forget_removed(session: AsyncSession, events: Sequence[AppealsRemoved]) -> None:
    """Everything that is known of them goes."""
    await forget_appeals(session, events)


@handlers.on(ImportUndoRefused)
async def record_undo_refusal(session: AsyncSession, events: Sequence[ImportUndoRefused]) -> None:
    """Whoever asked is told why."""
    await note_refusals(session, events)
