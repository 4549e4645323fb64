"""HTTP: one assignment with what helps to work on it."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from chassis.moments import utc_now
from web.desk.case_views import AnswerDetails, Checked, Deadlines, History, Original, Similar
from web.desk.leases import keep_lease, lease_of, path_of
from web.desk.page import show_assignment
from web.desk.views import Assignment
from web.errors import NoSuchPage
from web.names import name_people
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.visits import SignedInVisit, require_role

router = APIRouter()
Official = Annotated[SignedInVisit, require_role("agency")]


@router.get("/desk/a/{assignment_id}")
async def open_assignment(request: Request, who: Official, assignment_id: UUID) -> Response:
    """The question, how it stands, and the draft of the answer."""
    return await show_assignment(request, who, assignment_id, request.query_params.get("from", ""))


@router.get("/desk/a/{assignment_id}/similar")
async def open_similar(request: Request, who: Official, assignment_id: UUID) -> Response:
    """Templates, and cases like it that were answered well."""
    similar = await who.platform.read(Similar, f"/assignments/{assignment_id}/similar", {"limit": 5})
    return _part(request, "desk/similar.html", similar=similar, back=path_of(assignment_id))


@router.get("/desk/a/{assignment_id}/history")
async def open_history(
    request: Request, who: Official, assignment_id: UUID, appeal: UUID | None = None
) -> Response:
    """What happened, by whom, and how the deadlines were counted. `appeal`: whose question it is."""
    if appeal is None:
        raise NoSuchPage
    history, deadlines = await asyncio.gather(
        who.platform.read(History, f"/appeals/{appeal}/history"),
        who.platform.read(Deadlines, f"/appeals/{appeal}/deadlines"),
    )
    names = await name_people(
        resources_of(request).names, who.platform, who.person, (each.person for each in history.items)
    )
    return _part(
        request,
        "desk/history.html",
        history=history.items,
        deadlines=deadlines.of(assignment_id),
        names=names,
        region=who.person.region,
        back=path_of(assignment_id),
    )


@router.post("/desk/a/{assignment_id}/original")
async def open_original(
    request: Request,
    who: Official,
    assignment_id: UUID,
    appeal: Annotated[UUID, Form()],
    purpose: Annotated[str, Form()] = "",
) -> Response:
    """What the citizen really wrote, opened for a purpose; that is noted."""
    words = purpose.strip()
    if not words:
        return _part(request, "desk/original.html", original=None, back=path_of(assignment_id))
    original = await who.platform.send(Original, f"/appeals/{appeal}/original", {"purpose": words})
    return _part(
        request,
        "desk/original.html",
        original=original,
        region=who.person.region,
        back=path_of(assignment_id),
    )


@router.post("/desk/a/{assignment_id}/check")
async def check_draft(
    request: Request,
    who: Official,
    assignment_id: UUID,
    text: Annotated[str, Form()] = "",
    outcome: Annotated[str, Form()] = "",
    promised_on: Annotated[str, Form()] = "",
) -> Response:
    """What the checks find in a draft; nothing is stored."""
    checked: Checked | None = None
    if text.strip() and outcome:
        asked = {"text": text, "outcome": outcome, "assignment_id": str(assignment_id)}
        promised = {"promised_on": promised_on} if promised_on else {}
        checked = await _check(who, asked | promised | {"region": who.person.region})
    return _part(request, "desk/checks.html", checked=checked, outcome=outcome, back=path_of(assignment_id))


async def _check(who: SignedInVisit, asked: dict[str, str]) -> Checked | None:
    try:
        return await who.platform.send(Checked, "/answers/check", asked)
    except PlatformProblem as problem:
        if problem.status == 422:
            return None
        raise


@router.post("/desk/a/{assignment_id}/keep")
async def keep_reserved(
    request: Request, who: Official, assignment_id: UUID, version: Annotated[int, Form()]
) -> Response:
    """Reserve it longer, counted from now: who has it open works on it."""
    lease = lease_of(request)
    if not lease:
        return JSONResponse({"until": None})
    try:
        item = await who.platform.send(
            Assignment, f"/assignments/{assignment_id}/extend-lease", lease, version=version
        )
    except PlatformProblem as problem:
        if problem.status in (404, 409, 412):
            return JSONResponse({"until": None})
        raise
    until = item.lease_expires_at
    answer = JSONResponse({"until": until.isoformat() if until else None})
    keep_lease(request, answer, assignment_id, lease["lease_token"], until, utc_now())
    return answer


@router.get("/desk/files/{attachment_id}")
async def open_file(who: Official, attachment_id: UUID) -> Response:
    """To a file of an appeal that was opened, or of an answer of ours."""
    found = await who.platform.download(f"/attachments/{attachment_id}")
    target = found.headers.get("Location", "")
    if not target.startswith("/api/v1/attachments/"):
        raise NoSuchPage
    return RedirectResponse(target, 302)


@router.get("/desk/answers/{answer_id}")
async def open_answer(request: Request, who: Official, answer_id: UUID) -> Response:
    """An answer of ours with what was found in it, and why it was returned."""
    answer = await who.platform.read(AnswerDetails, f"/answers/{answer_id}")
    return resources_of(request).pages.page(
        request, "desk/answer.html", answer=answer, region=who.person.region
    )


def _part(request: Request, template: str, **context: object) -> Response:
    return resources_of(request).pages.page(request, template, 200, **context)
