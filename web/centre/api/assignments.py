"""Triage and corrections: whose a question is."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from web.centre.rules import find_named, own_path, suggest
from web.centre.showing import Outcome, attempt, keep_for_a_while, show, show_outcome
from web.centre.views.assignments import (
    AssignmentState,
    TriagePage,
)
from web.centre.visits import AtTheCentre, CentreVisit
from web.platform.client import Query
from web.reference import OrganisationName, Organisations, Topic, Topics
from web.words import word

router = APIRouter()
_AT_ONCE: Final = 20
_NAMES: Final = 1000


class SeenForm(BaseModel):
    """The version that was seen, and where one comes from."""

    version: int
    once: str = ""
    back: str = ""


class CorrectionForm(SeenForm):
    """Whom to give it to: by id as it was offered, or by the name that was chosen."""

    organisation: UUID | None = None
    topic: str = ""
    organisation_name: str = ""
    topic_name: str = ""
    reason: str = ""


class Correction(BaseModel):
    """The same as it is sent."""

    organisation: UUID | None = None
    topic: str | None = None
    reason: str = ""


@router.get("/centre/triage")
async def show_triage(request: Request, visit: AtTheCentre, cursor: str = "") -> Response:
    """What a person has to decide, with the system's proposals."""
    page = await visit.platform.read(
        TriagePage, "/triage", {"region": visit.region, "limit": _AT_ONCE, "cursor": cursor}
    )
    entries = [(item, suggest(item)) for item in page.items]
    return show(request, visit, "triage.html", entries=entries, cursor=page.next_cursor)


@router.get("/centre/choices")
async def show_choices(request: Request, visit: AtTheCentre, region: str = "") -> Response:
    """Names of organisations and topics that fields offer. `region`: whose page asks."""
    visit = visit.within(region) if region else visit
    organisations, topics = await _read_names(visit)
    groups = sorted({each.group_name for each in topics.items})
    lists = {"organisations": organisations.items, "topics": topics.items, "groups": groups}
    return keep_for_a_while(request, show(request, visit, "choices.html", **lists))


@router.post("/centre/assignments/{assignment_id}/correct")
async def correct(
    request: Request, visit: AtTheCentre, assignment_id: UUID, form: Annotated[CorrectionForm, Form()]
) -> Response:
    """Give a question to whom it belongs, or to another topic."""
    back = own_path(form.back, "/centre/triage")
    body = await _read_correction(visit, form)
    if isinstance(body, Outcome):
        return show_outcome(request, visit, body, back)
    path = f"/assignments/{assignment_id}"
    outcome = await attempt(
        visit.platform.send(AssignmentState, f"{path}/correct", body, version=form.version, key=form.once),
        _render_correction,
        lambda: _look(visit, path),
    )
    return show_outcome(request, visit, outcome, back)


@router.post("/centre/assignments/{assignment_id}/resume")
async def resume(
    request: Request, visit: AtTheCentre, assignment_id: UUID, form: Annotated[SeenForm, Form()]
) -> Response:
    """Wait for the citizen's reply no longer."""
    path = f"/assignments/{assignment_id}"
    outcome = await attempt(
        visit.platform.send(AssignmentState, f"{path}/resume", {}, version=form.version, key=form.once),
        lambda after: f"{after.number}: работа продолжается без ответа гражданина.",
        lambda: _look(visit, path),
    )
    return show_outcome(request, visit, outcome, own_path(form.back, "/centre/triage"))


async def _read_correction(visit: CentreVisit, form: CorrectionForm) -> Correction | Outcome:
    """What is meant; words where a name is none of the list's."""
    body = Correction(reason=form.reason.strip(), topic=form.topic or None)
    if form.organisation:
        body.organisation = form.organisation
        return body
    if not (form.organisation_name.strip() or form.topic_name.strip()):
        return Outcome("Выберите исполнителя или тему.", 422)
    if form.organisation_name.strip():
        organisation = await find_organisation(visit, form.organisation_name)
        if isinstance(organisation, Outcome):
            return organisation
        body.organisation = organisation.id
    if form.topic_name.strip():
        topic = await find_topic(visit, form.topic_name)
        if isinstance(topic, Outcome):
            return topic
        body.topic = topic.code
    return body


async def find_organisation(visit: CentreVisit, name: str) -> OrganisationName | Outcome:
    """The one of that name; words where the list has none."""
    asked: Query = {"region": visit.region, "limit": _NAMES}
    found = find_named((await visit.platform.read(Organisations, "/organisations", asked)).items, name)
    return found or Outcome(f"Исполнителя «{name.strip()}» нет в списке. Выберите из подсказок.", 422)


async def find_topic(visit: CentreVisit, name: str) -> Topic | Outcome:
    """The same of topics."""
    asked: Query = {"region": visit.region, "limit": _NAMES}
    found = find_named((await visit.platform.read(Topics, "/topics", asked)).items, name)
    return found or Outcome(f"Темы «{name.strip()}» нет в списке. Выберите из подсказок.", 422)


async def _read_names(visit: CentreVisit) -> tuple[Organisations, Topics]:
    asked: Query = {"region": visit.region, "limit": _NAMES}
    return await asyncio.gather(
        visit.platform.read(Organisations, "/organisations", asked),
        visit.platform.read(Topics, "/topics", asked),
    )


def _render_correction(after: AssignmentState) -> str:
    receiver = after.organisation.name if after.organisation else "–"
    return f"{after.number} передано: {receiver}. Тема: {after.topic_name or 'не определена'}."


async def _look(visit: CentreVisit, path: str) -> str:
    now = await visit.platform.read(AssignmentState, path)
    status = word(now.status, "assignment_status")
    return f"{status}, {now.organisation.name}." if now.organisation else f"{status}, исполнителя нет."
