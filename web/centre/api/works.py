"""Planned works: what is shut off, repaired or closed, and what everybody is answered who asks about it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from web.centre.api.assignments import find_organisation
from web.centre.showing import Outcome, go, show
from web.centre.views.incidents import Work, WorkPage
from web.centre.visits import AtTheCentre, CentreVisit
from web.centre.work_forms import (
    NO_FAULTS,
    Faults,
    WorkForm,
    code_of,
    faults_of,
    find_faults,
    form_of,
    read_time,
)
from web.platform.problems import PlatformProblem
from web.reference import Topics

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
    body, faults = await _read_body(visit, form, visit.region)
    if faults:
        return _show_form(request, visit, form, faults=faults, status=422)
    try:
        await visit.platform.send(Work, "/works", body | {"region": visit.region}, key=form.once or None)
    except PlatformProblem as problem:
        if problem.status == 403:
            raise
        return _show_form(request, visit, form, faults=faults_of(problem), status=problem.status)
    return go("/centre/works", done="made")


@router.get("/centre/works/{work_id}")
async def open_work(request: Request, visit: AtTheCentre, work_id: UUID) -> Response:
    """A work to be changed."""
    work = await visit.platform.read(Work, f"/works/{work_id}")
    return _show_form(request, visit, form_of(work, await _read_topic_names(visit, work.region)), work=work)


@router.post("/centre/works/{work_id}")
async def change_work(
    request: Request, visit: AtTheCentre, work_id: UUID, form: Annotated[WorkForm, Form()]
) -> Response:
    """Change a work; its area stays as it is."""
    work = await visit.platform.read(Work, f"/works/{work_id}")
    has_place = bool(work.area or work.settlement)
    body, faults = await _read_body(visit, form, work.region, has_place=has_place)
    if faults:
        return _show_form(request, visit, form, faults=faults, status=422, work=work)
    kept = {"settlement": work.settlement, "area": work.area}
    try:
        await visit.platform.do(f"/works/{work_id}", body | kept, method="PUT", version=form.version)
    except PlatformProblem as problem:
        if problem.status in (403, 404):
            raise
        return await _show_refused(request, visit, work, form, problem)
    return go("/centre/works", done="changed")


async def _show_refused(
    request: Request, visit: CentreVisit, work: Work, form: WorkForm, problem: PlatformProblem
) -> Response:
    """Where another was faster, the form shows what the other has written."""
    if problem.status == 412:
        form = form_of(work, await _read_topic_names(visit, work.region))
    return _show_form(request, visit, form, faults=faults_of(problem), status=problem.status, work=work)


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
        form = form_of(work, await _read_topic_names(visit, work.region))
        faults = {"": problem.words}
        return _show_form(request, visit, form, faults=faults, status=problem.status, work=work)
    return go("/centre/works", done="ended")


def _show_form(
    request: Request,
    visit: CentreVisit,
    form: WorkForm,
    *,
    faults: Faults = NO_FAULTS,
    status: int = 200,
    work: Work | None = None,
) -> Response:
    return show(
        request,
        visit.within(work.region) if work else visit,
        "work.html",
        status,
        form=form,
        work=work,
        faults=faults,
        overtaken=status == 412,
        kinds=KINDS,
    )


async def _read_topics(visit: CentreVisit, region: str) -> Topics:
    return await visit.platform.read(Topics, "/topics", {"region": region, "limit": 1000})


async def _read_topic_names(visit: CentreVisit, region: str) -> dict[str, str]:
    topics = (await _read_topics(visit, region)).items
    return {each.group: each.group_name for each in topics} | {each.code: each.name for each in topics}


async def _read_body(
    visit: CentreVisit, form: WorkForm, region: str, *, has_place: bool = False
) -> tuple[dict[str, Any], Faults]:
    """What is sent, or what is wrong: where something is missing or is called so by nobody."""
    faults = find_faults(form, region, has_place=has_place)
    if not (form.organisation_name.strip() and form.topics):
        return {}, faults
    organisation, topics = await asyncio.gather(
        find_organisation(visit.within(region), form.organisation_name), _read_topics(visit, region)
    )
    codes = {name: code_of(topics, name) for name in form.topics}
    if isinstance(organisation, Outcome):
        faults["organisation_name"] = organisation.words
    unknown = next((name for name, code in codes.items() if code is None), None)
    if unknown is not None:
        faults["topic"] = f"Темы «{unknown}» нет в списке. Выберите из подсказок."
    if isinstance(organisation, Outcome) or faults:
        return {}, faults
    stated = {"topics": list(codes.values()), "organisation": str(organisation.id)}
    return _stated(form, region) | stated, NO_FAULTS


def _stated(form: WorkForm, region: str) -> dict[str, Any]:
    """What is sent as it is written."""
    return {
        "title": form.title.strip(),
        "kind": form.kind,
        "municipality": form.municipality.strip() or None,
        "streets": form.street_names,
        "starts_at": _sent(form.starts_at, region),
        "ends_at": _sent(form.ends_at, region),
        "notice": form.notice.strip(),
    }


def _sent(time: str, region: str) -> str | None:
    instant = read_time(time, region)
    return instant.isoformat() if instant else None
