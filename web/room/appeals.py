"""HTTP: one appeal, as deep as a person may look."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from contracts.territories import REGIONS
from web.platform.client import Platform
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.room.views.appeals import Appeal, Finish, Outline
from web.room.visitors import RoomVisit

router = APIRouter()
# The federal centre sees the course of an appeal, nobody's words.
READERS_OF_TEXTS: Final = ("coordinator", "analyst", "admin")


@dataclass(frozen=True, slots=True)
class _Looked:
    """An appeal with what this person may see beside its course."""

    outline: Outline
    finish: Finish | None
    appeal: Appeal | None


@router.get("/room/appeals/{appeal_id}")
async def open_appeal(request: Request, who: RoomVisit, appeal_id: UUID) -> Response:
    """Number, status, deadlines, history; its masked text for who may read it."""
    looked = await _look(who.platform, appeal_id, reads_texts=who.person.role in READERS_OF_TEXTS)
    return resources_of(request).pages.page(
        request,
        "room/appeal.html",
        outline=looked.outline,
        finish=looked.finish,
        appeal=looked.appeal,
        reads_texts=who.person.role in READERS_OF_TEXTS,
        region_name=REGIONS[looked.outline.region].name,
    )


async def _look(platform: Platform, appeal_id: UUID, *, reads_texts: bool) -> _Looked:
    async def read_text() -> Appeal | None:
        return await platform.read(Appeal, f"/appeals/{appeal_id}") if reads_texts else None

    outline, finish, appeal = await asyncio.gather(
        platform.read(Outline, f"/appeals/{appeal_id}/outline"), _foresee(platform, appeal_id), read_text()
    )
    return _Looked(outline, finish, appeal)


async def _foresee(platform: Platform, appeal_id: UUID) -> Finish | None:
    """When it is likely to be answered; None once it is."""
    try:
        return await platform.read(Finish, "/analytics/finish", {"appeal": str(appeal_id)})
    except PlatformProblem as problem:
        if problem.status == 404:
            return None
        raise
