"""Planned works: what is shut off, repaired or closed, and what everybody is answered who asks about it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel

from contracts.territories import find_zone
from web.centre.api.assignments import find_organisation
from web.centre.rules import find_named
from web.centre.showing import Outcome, attempt, go, show
from web.centre.views.assignments import Topics
from web.centre.views.incidents import Work, WorkPage
from web.centre.visits import AtTheCentre, CentreVisit
from web.platform.problems import PlatformProblem
from web.words import local

router = APIRouter()
_AT_ONCE: Final = 30
_STATUSES: Final = {"": "Все", "running": "Идут", "planned": "Впереди", "over": "Закончены"}
KINDS: Final = {
    "outage": "отключение",
    "repair": "ремонт",
    "closure": "перекрытие",
    "event": "мероприятие",
}
_DONE: Final = {
    "made": "Работы внесены: кто спросит о них, сразу получит этот ответ.",
    "changed": "Изменения сохранены.",
    "ended": "Работы закончены.",
}


class WorkForm(BaseModel):
    """A work as a person writes it: names of topics or groups, streets one a line, local times."""

    title: str = ""
    kind: str = "outage"
    topic: list[str] = []
    organisation_name: str = ""
    municipality: str = ""
    streets: str = ""
    starts_at: str = ""
    ends_at: str = ""
    notice: str = ""
    version: int = 0
    once: str = ""


def _form_of(work: Work, names: dict[str, str]) -> WorkForm:
    return WorkForm(
        title=work.title,
        kind=work.kind,
        topic=[names.get(code, code) for code in work.topics],
        organisation_name=work.organisation.name,
        municipality=work.municipality or "",
        streets="\n".join(work.streets),
        starts_at=f"{local(work.starts_at, work.region):%Y-%m-%dT%H:%M}",
        ends_at=f"{local(work.ends_at, work.region):%Y-%m-%dT%H:%M}",
        notice=work.notice,
        version=work.version,
    )


@router.get("/centre/works")
async def show_works(
    request: Request, visit: AtTheCentre, status: str = "", cursor: str = "", done: str = ""
) -> Response:
    """The list."""
    chosen = status if status in _STATUSES else ""
    page = await visit.platform.read(
        WorkPage,
        "/works",
        {"region": visit.region, "status": chosen, "limit": _AT_ONCE, "cursor": cursor},
    )
    return show(
        request,
        visit,
        "works.html",
        items=page.items,
        cursor=page.next_cursor,
        statuses=_STATUSES,
        chosen=chosen,
        kinds=KINDS,
        notice=_DONE.get(done, ""),
    )


@router.get("/centre/works/new")
async def open_new(request: Request, visit: AtTheCentre) -> Response:
    """An empty form."""
    return _show_form(request, visit, WorkForm())


@router.post("/centre/works/new")
async def make_work(request: Request, visit: AtTheCentre, form: Annotated[WorkForm, Form()]) -> Response:
    """Enter a work."""
    body = await _read_body(visit, form, visit.region)
    if isinstance(body, Outcome):
        return _show_form(request, visit, form, fault=body)
    outcome = await attempt(
        visit.platform.send(Work, "/works", body | {"region": visit.region}, key=form.once or None),
        lambda after: after.title,
    )
    return (
        go("/centre/works", done="made") if outcome.done else _show_form(request, visit, form, fault=outcome)
    )


@router.get("/centre/works/{work_id}")
async def open_work(request: Request, visit: AtTheCentre, work_id: UUID) -> Response:
    """A work to be changed."""
    work = await visit.platform.read(Work, f"/works/{work_id}")
    return _show_form(request, visit, _form_of(work, await _read_topic_names(visit, work.region)), work=work)


@router.post("/centre/works/{work_id}")
async def change_work(
    request: Request, visit: AtTheCentre, work_id: UUID, form: Annotated[WorkForm, Form()]
) -> Response:
    """Change a work; its area stays as it is."""
    work = await visit.platform.read(Work, f"/works/{work_id}")
    body = await _read_body(visit, form, work.region)
    if isinstance(body, Outcome):
        return _show_form(request, visit, form, fault=body, work=work)
    kept = {"settlement": work.settlement, "area": work.area}
    outcome = await attempt(
        visit.platform.send(Work, f"/works/{work_id}", body | kept, method="PUT", version=form.version),
        lambda after: after.title,
    )
    if outcome.done:
        return go("/centre/works", done="changed")
    return await _show_overtaken(request, visit, work, form, outcome)


async def _show_overtaken(
    request: Request, visit: CentreVisit, work: Work, form: WorkForm, outcome: Outcome
) -> Response:
    """Where another was faster, the form shows what the other has written."""
    if outcome.status == 412:
        form = _form_of(work, await _read_topic_names(visit, work.region))
    return _show_form(request, visit, form, fault=outcome, work=work)


@router.post("/centre/works/{work_id}/end")
async def end_work(
    request: Request, visit: AtTheCentre, work_id: UUID, version: Annotated[int, Form()]
) -> Response:
    """End it now."""
    try:
        await visit.platform.do(f"/works/{work_id}", method="DELETE", version=version)
    except PlatformProblem as problem:
        if problem.status == 404:
            raise
        work = await visit.platform.read(Work, f"/works/{work_id}")
        form = _form_of(work, await _read_topic_names(visit, work.region))
        fault = Outcome(problem.words, problem.status)
        return _show_form(request, visit, form, fault=fault, work=work)
    return go("/centre/works", done="ended")


def _show_form(
    request: Request,
    visit: CentreVisit,
    form: WorkForm,
    *,
    fault: Outcome | None = None,
    work: Work | None = None,
) -> Response:
    status = fault.status if fault else 200
    return show(request, visit, "work.html", status, form=form, work=work, fault=fault, kinds=KINDS)


async def _read_topics(visit: CentreVisit, region: str) -> Topics:
    return await visit.platform.read(Topics, "/topics", {"region": region, "limit": 1000})


async def _read_topic_names(visit: CentreVisit, region: str) -> dict[str, str]:
    topics = (await _read_topics(visit, region)).items
    return {each.group: each.group_name for each in topics} | {each.code: each.name for each in topics}


async def _read_body(visit: CentreVisit, form: WorkForm, region: str) -> dict[str, Any] | Outcome:
    """What is sent; words where something is missing or is called so by nobody."""
    times = [_read_time(each, region) for each in (form.starts_at, form.ends_at)]
    wanted = [each for each in form.topic if each.strip()]
    if not (form.title.strip() and form.notice.strip() and wanted and all(times)):
        return Outcome("Заполните название, тему, начало, конец и ответ гражданам.", 422)
    organisation, topics = await asyncio.gather(
        find_organisation(visit, form.organisation_name), _read_topics(visit, region)
    )
    if isinstance(organisation, Outcome):
        return organisation
    codes = {name: _code_of(topics, name) for name in wanted}
    unknown = next((name.strip() for name, code in codes.items() if code is None), None)
    if unknown is not None:
        return Outcome(f"Темы «{unknown}» нет в списке. Выберите из подсказок.", 422)
    return {
        "title": form.title.strip(),
        "kind": form.kind,
        "topics": list(codes.values()),
        "municipality": form.municipality.strip() or None,
        "streets": [line.strip() for line in form.streets.splitlines() if line.strip()],
        "starts_at": times[0],
        "ends_at": times[1],
        "organisation": str(organisation.id),
        "notice": form.notice.strip(),
    }


def _code_of(topics: Topics, name: str) -> str | None:
    """Of the topic of that name, or of the group."""
    topic = find_named(topics.items, name)
    group = next((each.group for each in topics.items if each.group_name == name.strip()), None)
    return topic.code if topic else group


def _read_time(value: str, region: str) -> str | None:
    """A local time of the region as an instant; None for what is none."""
    try:
        return datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(find_zone(region))).isoformat()
    except ValueError:
        return None
