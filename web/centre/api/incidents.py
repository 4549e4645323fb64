"""Incidents: confirmed, split, merged and undone on one page."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from web.centre.showing import NOT_SENT, Outcome, Refused, ask_for, go, show
from web.centre.views.incidents import ActedIncident, Incident, IncidentPage, MemberPage
from web.centre.visits import AtTheCentre, CentreVisit

router = APIRouter()
_AT_ONCE: Final = 30
_MEMBERS: Final = 100
_OTHERS: Final = 50
_STATUSES: Final = {
    "": "Открытые",
    "proposed": "Предложены",
    "confirmed": "Подтверждены",
    "closed": "Закрыты",
    "undone": "Отменены",
}
_DONE: Final = {
    "confirm": "Инцидент подтверждён: на все его обращения отвечает один исполнитель.",
    "split": "Отмеченные обращения выделены в отдельный инцидент.",
    "merge": "Инциденты объединены. Вы на странице общего.",
    "undo": "Отменено: всё как было до инцидента.",
}


@router.get("/centre/incidents")
async def show_incidents(
    request: Request, visit: AtTheCentre, status: str = "", cursor: str = ""
) -> Response:
    """Those that something was last told of first."""
    chosen = status if status in _STATUSES else ""
    page = await visit.platform.read(
        IncidentPage,
        "/incidents",
        {"region": visit.region, "status": chosen, "limit": _AT_ONCE, "cursor": cursor},
    )
    return show(
        request,
        visit,
        "incidents.html",
        items=page.items,
        cursor=page.next_cursor,
        statuses=_STATUSES,
        chosen=chosen,
    )


@router.get("/centre/incidents/{incident_id}")
async def show_incident(
    request: Request,
    visit: AtTheCentre,
    incident_id: UUID,
    done: str = "",
    made: UUID | None = None,
    cursor: str = "",
) -> Response:
    """One incident with its appeals, and everything that can be done with it."""
    return await _show(request, visit, incident_id, done, made=made, cursor=cursor)


async def _show(
    request: Request,
    visit: CentreVisit,
    incident_id: UUID,
    done: str = "",
    *,
    fault: Outcome | None = None,
    refused: Refused = NOT_SENT,
    made: UUID | None = None,
    cursor: str = "",
) -> Response:
    incident, members, others = await _read(visit, incident_id, cursor)
    return show(
        request,
        visit,
        "incident.html",
        fault.status if fault else 200,
        incident=incident,
        members=members.items,
        cursor=members.next_cursor,
        others=others,
        notice=_DONE.get(done, ""),
        done=done,
        made=made,
        fault=fault,
        refused=refused,
        statuses=_STATUS_WORDS,
    )


async def _read(
    visit: CentreVisit, incident_id: UUID, cursor: str
) -> tuple[Incident, MemberPage, list[Incident]]:
    """The incident, its appeals, and others that it may be merged into."""
    ask, path = visit.platform.read, f"/incidents/{incident_id}"
    incident, members, listed = await asyncio.gather(
        ask(Incident, path),
        ask(MemberPage, f"{path}/appeals", {"limit": _MEMBERS, "cursor": cursor}),
        ask(IncidentPage, "/incidents", {"region": visit.region, "limit": _OTHERS}),
    )
    others = [each for each in listed.items if each.id != incident_id and not each.work_id]
    return incident, members, others


_STATUS_WORDS: Final = {
    "proposed": "предложен системой",
    "confirmed": "подтверждён",
    "closed": "закрыт",
    "undone": "отменён",
}
Version = Annotated[int, Form()]
Once = Annotated[str, Form()]


@router.post("/centre/incidents/{incident_id}/confirm")
async def confirm(
    request: Request,
    visit: AtTheCentre,
    incident_id: UUID,
    version: Version,
    once: Once = "",
    title: Annotated[str, Form()] = "",
) -> Response:
    """It is one event."""
    body = {"title": title.strip()} if title.strip() else {}
    return await _act(request, visit, incident_id, "confirm", body, version, once)


@router.post("/centre/incidents/{incident_id}/split")
async def split(
    request: Request,
    visit: AtTheCentre,
    incident_id: UUID,
    version: Version,
    once: Once = "",
    title: Annotated[str, Form()] = "",
    appeals: Annotated[list[UUID] | None, Form()] = None,
) -> Response:
    """What is ticked is about something else."""
    if not appeals:
        fault = Outcome("Отметьте обращения, которые не об этом.", 422)
        return await _show(request, visit, incident_id, fault=fault)
    body: dict[str, object] = {"appeals": [str(each) for each in appeals]}
    if title.strip():
        body["title"] = title.strip()
    return await _act(request, visit, incident_id, "split", body, version, once)


@router.post("/centre/incidents/{incident_id}/merge")
async def merge(
    request: Request,
    visit: AtTheCentre,
    incident_id: UUID,
    version: Version,
    into: Annotated[UUID, Form()],
    once: Once = "",
) -> Response:
    """It is the same event as another."""
    return await _act(request, visit, incident_id, "merge", {"into": str(into)}, version, once)


@router.post("/centre/incidents/{incident_id}/undo")
async def undo(
    request: Request, visit: AtTheCentre, incident_id: UUID, version: Version, once: Once = ""
) -> Response:
    """Everything as it was before it."""
    return await _act(request, visit, incident_id, "undo", {}, version, once)


async def _act(
    request: Request,
    visit: CentreVisit,
    incident_id: UUID,
    verb: str,
    body: Mapping[str, object],
    version: int,
    once: str,
) -> Response:
    """An act; then the page of the incident that it is about afterwards."""
    after = await ask_for(
        visit.platform.send(
            ActedIncident, f"/incidents/{incident_id}/{verb}", body, version=version, key=once or None
        )
    )
    if isinstance(after, Outcome):
        return await _show(request, visit, incident_id, fault=after, refused=Refused(verb, once))
    # Where two became one, or one two, the page that one is sent to names the other.
    target, other = (after.id, incident_id) if verb == "merge" else (incident_id, after.id)
    made = str(other) if verb in ("merge", "split") else ""
    return go(f"/centre/incidents/{target}", done=verb, made=made)
