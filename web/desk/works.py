"""HTTP: planned works of the organisation, whose notice answers whoever asks about them."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from chassis.moments import utc_now
from web.desk.event_views import Work, Works
from web.platform.problems import PlatformProblem
from web.reference import Topics
from web.resources import resources_of
from web.visits import SignedInVisit, require_role
from web.words import local

router = APIRouter()
Official = Annotated[SignedInVisit, require_role("agency")]
KINDS: Final = {
    "outage": "отключение",
    "repair": "ремонт",
    "closure": "перекрытие",
    "event": "мероприятие",
}
_WRONG: Final = "Проверьте данные: окончание позже начала, нужны тема, текст для жителей и хотя бы улица или населённый пункт."


class WorkForm(BaseModel):
    """What the form of a new work sends; `streets`: one in a line; times are the region's."""

    form_key: str = ""
    key: str = ""
    title: str = ""
    kind: str = "outage"
    topics: list[str] = []
    settlement: str = ""
    streets: str = ""
    starts_at: str = ""
    ends_at: str = ""
    notice: str = ""


@router.get("/desk/works")
async def open_works(request: Request, who: Official) -> Response:
    """All of the organisation's, and a form for a new one."""
    return await _show(request, who, WorkForm())


@router.post("/desk/works")
async def announce_work(request: Request, who: Official, form: Annotated[WorkForm, Form()]) -> Response:
    """A new work: from now on its notice answers."""
    region = who.person.region
    body = {
        "region": region,
        "title": form.title,
        "kind": form.kind,
        "topics": form.topics,
        "settlement": form.settlement.strip() or None,
        "streets": [line.strip() for line in form.streets.splitlines() if line.strip()],
        "starts_at": instant_of(form.starts_at, region),
        "ends_at": instant_of(form.ends_at, region),
        "notice": form.notice,
    }
    try:
        await who.platform.send(Work, "/works", body, key=form.key or None)
    except PlatformProblem as problem:
        words = _WRONG if problem.status == 422 else problem.words
        return await _show(request, who, form, words, problem.status)
    return RedirectResponse("/desk/works?done=announced", 303)


@router.post("/desk/works/{work_id}/end")
async def end_work(
    request: Request, who: Official, work_id: UUID, version: Annotated[int, Form()]
) -> Response:
    """End it now; who was answered stays so."""
    try:
        await who.platform.do(f"/works/{work_id}", method="DELETE", version=version)
    except PlatformProblem as problem:
        if problem.status == 404:
            raise
        return await _show(request, who, WorkForm(), problem.words, problem.status)
    return RedirectResponse("/desk/works?done=ended", 303)


def instant_of(typed: str, region: str) -> str:
    """What a field of date and time gives, by the region's clocks, in RFC 3339; as it is where it is no such thing."""
    zone = local(utc_now(), region).tzinfo
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return typed


async def _show(
    request: Request, who: SignedInVisit, form: WorkForm, fault: str = "", status: int = 200
) -> Response:
    works, topics = await asyncio.gather(
        who.platform.read(Works, "/works", {"region": who.person.region}),
        who.platform.read(Topics, "/topics", {"region": who.person.region, "limit": 1000}),
    )
    return resources_of(request).pages.page(
        request,
        "desk/works.html",
        status,
        works=works.items,
        topics=topics.items,
        form=form,
        kinds=KINDS,
        fault=fault,
        done=request.query_params.get("done", "") if not fault else "",
        now=utc_now(),
        key=form.key or secrets.token_urlsafe(18),
        region=who.person.region,
    )
