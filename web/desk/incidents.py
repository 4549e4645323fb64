"""HTTP: incidents that the organisation answers for, all their citizens at once."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from web.desk.event_views import Incident, IncidentAppeals, Incidents, Progress
from web.errors import NoSuchPage
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.visits import SignedInVisit, require_role

router = APIRouter()
Official = Annotated[SignedInVisit, require_role("agency")]
_SHOWN = 50


class CommonAnswer(BaseModel):
    """What the form of the common answer sends."""

    form_key: str = ""
    version: int = 0
    key: str = ""
    text: str = ""
    outcome: str = ""
    promised_on: str = ""


@router.get("/desk/incidents")
async def open_incidents(request: Request, who: Official) -> Response:
    """Those that are not over."""
    incidents = await who.platform.read(Incidents, "/incidents", {"region": who.person.region})
    return resources_of(request).pages.page(
        request,
        "desk/incidents.html",
        incidents=incidents.items,
        done=_count(request.query_params.get("done", "")),
        of=_count(request.query_params.get("of", "")),
        sent=request.query_params.get("sent", ""),
        region=who.person.region,
    )


def _count(asked: str) -> int:
    return int(asked) if asked.isdecimal() and len(asked) < 8 else 0


@router.get("/desk/incidents/{incident_id}")
async def open_incident(request: Request, who: Official, incident_id: UUID) -> Response:
    """Its appeals, and the answer to all of them."""
    return await _show(request, who, incident_id, CommonAnswer())


@router.post("/desk/incidents/{incident_id}")
async def answer_incident(
    request: Request, who: Official, incident_id: UUID, form: Annotated[CommonAnswer, Form()]
) -> Response:
    """One text for all."""
    body = {"text": form.text, "outcome": form.outcome}
    promised = {"promised_on": form.promised_on} if form.promised_on else {}
    try:
        progress = await who.platform.send(
            Progress,
            f"/incidents/{incident_id}/answer",
            body | promised,
            version=form.version,
            key=form.key or None,
        )
    except PlatformProblem as problem:
        if problem.status == 404:
            raise
        return await _show(request, who, incident_id, form, problem.words, problem.status)
    return RedirectResponse(f"/desk/incidents?done={progress.done}&of={progress.of}&sent={incident_id}", 303)


async def _find_incident(who: SignedInVisit, incident_id: UUID) -> Incident:
    incidents = await who.platform.read(Incidents, "/incidents", {"region": who.person.region, "limit": 1000})
    incident = next((each for each in incidents.items if each.id == incident_id), None)
    if incident is None:
        raise NoSuchPage
    return incident


async def _show(
    request: Request,
    who: SignedInVisit,
    incident_id: UUID,
    draft: CommonAnswer,
    fault: str = "",
    status: int = 200,
) -> Response:
    incident, appeals = await asyncio.gather(
        _find_incident(who, incident_id),
        who.platform.read(IncidentAppeals, f"/incidents/{incident_id}/appeals", {"limit": _SHOWN}),
    )
    return resources_of(request).pages.page(
        request,
        "desk/incident.html",
        status,
        incident=incident,
        appeals=appeals,
        draft=draft,
        fault=fault,
        key=draft.key or secrets.token_urlsafe(18),
        region=who.person.region,
    )
