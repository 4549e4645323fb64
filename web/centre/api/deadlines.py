"""Deadlines: what is overdue, what soon will be, what is not accepted, and wishes for more days."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from web.centre.showing import Outcome, attempt, show, show_outcome
from web.centre.views.deadlines import DeadlineSituation, Extension, UnacceptedPage
from web.centre.visits import AtTheCentre
from web.platform.client import Platform, Query
from web.reference import Organisations
from web.words import counted

router = APIRouter()
_AT_ONCE: Final = 30
_NAMES: Final = 1000
_DECIDED: Final = {"approve": "срок продлён", "refuse": "в продлении отказано"}


class DecisionForm(BaseModel):
    """A decision on more days."""

    decision: Literal["approve", "refuse"]
    reason: str = ""
    once: str = ""


@router.get("/centre/deadlines")
async def show_deadlines(request: Request, visit: AtTheCentre, cursor: str = "") -> Response:
    """Everything that is late or about to be."""
    ask, region = visit.platform.read, {"region": visit.region}
    situation, unaccepted, names = await asyncio.gather(
        ask(DeadlineSituation, "/deadlines/situation", {**region, "limit": _AT_ONCE, "cursor": cursor}),
        ask(UnacceptedPage, "/unaccepted", {**region, "limit": _AT_ONCE}),
        _read_names(visit.platform, visit.region),
    )
    return show(
        request,
        visit,
        "deadlines.html",
        overview=situation.overview,
        soon=situation.due_soon.items,
        cursor=situation.due_soon.next_cursor,
        extensions=situation.extensions.items,
        unaccepted=unaccepted.items,
        names=names,
    )


async def _read_names(platform: Platform, region: str) -> dict[UUID | None, str]:
    asked: Query = {"region": region, "limit": _NAMES, "inactive": True}
    found = await platform.read(Organisations, "/organisations", asked)
    return {each.id: each.name for each in found.items}


@router.post("/centre/extensions/{extension_id}")
async def decide_extension(
    request: Request, visit: AtTheCentre, extension_id: UUID, form: Annotated[DecisionForm, Form()]
) -> Response:
    """Give more days, or not."""
    back = "/centre/deadlines"
    reason = form.reason.strip() or ("Срок продлён." if form.decision == "approve" else "")
    if not reason:
        outcome = Outcome("Напишите, почему срок не продлён.", 422)
        return show_outcome(request, visit, outcome, back)
    outcome = await attempt(
        visit.platform.send(
            Extension,
            f"/extensions/{extension_id}/decision",
            {"decision": form.decision, "reason": reason},
            key=form.once or None,
        ),
        lambda after: f"Готово: {_DECIDED[form.decision]}, {counted(after.days, 'день', 'дня', 'дней')}.",
    )
    return show_outcome(request, visit, outcome, back)
