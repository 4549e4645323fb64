"""Imports that are taken back: decided when it is asked, carried out by a task of any replica."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_work
from chassis.resources import Resources
from contracts.intake import ImportUndoAsked
from services.routing.actions.undoing import decide_undo, remove_some
from services.routing.handlers.registry import handlers

_POLL_SECONDS: Final = 1.0


@handlers.on(ImportUndoAsked)
async def take_back_import(session: AsyncSession, events: Sequence[ImportUndoAsked]) -> None:
    """Only if nobody has worked on its cases."""
    await decide_undo(session, events)


async def remove_imports(resources: Resources) -> float:
    """One chunk a transaction: it goes on where it was after whatever has ended the process."""
    async with resources.sessions.begin() as session:
        await open_work(session)
        removed = await remove_some(session)
    return 0 if removed else _POLL_SECONDS
