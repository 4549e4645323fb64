"""Audits: whether the system decided rightly by itself."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from web.centre.api.assignments import find_organisation, find_topic
from web.centre.showing import Outcome, attempt, show, show_outcome
from web.centre.views.audits import Audit, AuditPage, Models
from web.centre.visits import AtTheCentre, CentreVisit
from web.words import share

router = APIRouter()
_AT_ONCE: Final = 20
_MODELS: Final = 50  # the one that decides is among the newest


class VerdictForm(BaseModel):
    """A judgement; what would have been right may be named."""

    version: int
    verdict: Literal["right", "wrong"]
    organisation_name: str = ""
    topic_name: str = ""
    once: str = ""


@router.get("/centre/audits")
async def show_audits(request: Request, visit: AtTheCentre, cursor: str = "") -> Response:
    """What has been drawn, oldest first, and how many decisions have been right so far."""
    ask, region = visit.platform.read, {"region": visit.region}
    page, models = await asyncio.gather(
        ask(AuditPage, "/audits", {**region, "status": "open", "limit": _AT_ONCE, "cursor": cursor}),
        ask(Models, "/models", {**region, "limit": _MODELS}),
    )
    return show(
        request, visit, "audits.html", items=page.items, cursor=page.next_cursor, judged=models.judged
    )


@router.post("/centre/audits/{audit_id}")
async def judge(
    request: Request, visit: AtTheCentre, audit_id: UUID, form: Annotated[VerdictForm, Form()]
) -> Response:
    """Right or wrong."""
    back = "/centre/audits"
    body = await _read_verdict(visit, form)
    if isinstance(body, Outcome):
        return show_outcome(request, visit, body, back)
    outcome = await attempt(
        visit.platform.send(Audit, f"/audits/{audit_id}", body, version=form.version, key=form.once or None),
        _render_verdict,
    )
    return show_outcome(request, visit, outcome, back)


async def _read_verdict(visit: CentreVisit, form: VerdictForm) -> dict[str, str] | Outcome:
    body: dict[str, str] = {"verdict": form.verdict}
    if form.verdict == "right":
        return body
    if form.organisation_name.strip():
        organisation = await find_organisation(visit, form.organisation_name)
        if isinstance(organisation, Outcome):
            return organisation
        body["organisation"] = str(organisation.id)
    if form.topic_name.strip():
        topic = await find_topic(visit, form.topic_name)
        if isinstance(topic, Outcome):
            return topic
        body["topic"] = topic.code
    return body


def _render_verdict(after: Audit) -> str:
    judged = "верно" if after.verdict == "right" else "неверно"
    sure = f" Система была уверена на {share(after.confidence)}." if after.confidence is not None else ""
    return f"Записано: {judged}.{sure}"
