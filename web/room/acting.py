"""HTTP: what is done from the room – a problem confirmed or dismissed, a decision made and carried on."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from contracts.territories import REGIONS
from web.platform.problems import NO_ANSWER, PlatformProblem
from web.resources import resources_of
from web.room import words
from web.room.screens import show_decision, show_problem
from web.room.views.decisions import Decision
from web.room.views.problems import Problem
from web.room.visitors import DecidingVisit

router = APIRouter()
_MISSING = "Напишите, что решили, и кто отвечает."
_WHY = "Напишите, почему это не проблема. Имена, телефоны и адреса не указывайте."


@router.post("/room/problems/{problem_id}/state")
async def judge_problem(
    request: Request,
    who: DecidingVisit,
    problem_id: UUID,
    state: Annotated[Literal["confirmed", "dismissed", "solved"], Form()],
    version: Annotated[int, Form()],
    key: Annotated[str, Form(max_length=64)] = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
    back: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """What it is taken for; then back to where it was decided."""
    body = {"state": state} | ({"reason": reason.strip()} if reason.strip() else {})
    path = f"/analytics/problems/{problem_id}/state"
    try:
        await who.platform.do(path, body, version=version, key=key)
    except PlatformProblem as problem:
        if problem.status not in (409, 412, 422):
            raise
        fault = _WHY if problem.is_about("reason") else problem.words
        return await show_problem(request, who, problem_id, fault, problem.status, reason)
    return RedirectResponse(back if back.startswith("/room?") else f"/room/problems/{problem_id}", 303)


@router.get("/room/decide")
async def open_deciding(request: Request, who: DecidingVisit, problem: UUID) -> Response:
    """The form of a decision about a problem."""
    found = await who.platform.read(Problem, f"/analytics/problems/{problem}")
    return _show_form(request, found, {"metric": "received"})


def _show_form(
    request: Request, problem: Problem, written: dict[str, str], fault: str = "", status: int = 200
) -> Response:
    return resources_of(request).pages.page(
        request,
        "room/decide.html",
        status,
        problem=problem,
        written=written,
        fault=fault,
        words=words.PHRASES,
        key=written.get("key") or secrets.token_urlsafe(12),
        region_name=REGIONS[problem.region].name,
    )


@router.post("/room/decide")
async def decide(
    request: Request,
    who: DecidingVisit,
    problem: UUID,
    title: Annotated[str, Form(max_length=300)] = "",
    owner: Annotated[str, Form(max_length=300)] = "",
    text: Annotated[str, Form(max_length=10_000)] = "",
    due_on: Annotated[str, Form(max_length=10)] = "",
    started: Annotated[str, Form(max_length=3)] = "",
    key: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """A decision with owner and date; the problem is confirmed by it and decided about. A repeat makes no second one."""
    found = await who.platform.read(Problem, f"/analytics/problems/{problem}")
    written = {"title": title, "owner": owner, "text": text, "due_on": due_on, "started": started, "key": key}
    if not (title.strip() and owner.strip()):
        return _show_form(request, found, written, _MISSING, 422)
    stated = {
        "region": found.region,
        "problem_id": str(found.id),
        "title": title.strip(),
        "owner": owner.strip(),
        "text": text.strip(),
        "due_on": due_on,
        "state": "running" if started else "planned",
        "topic": found.topic,
        "municipality": found.place.municipality[:8] if found.place and found.place.municipality else None,
        "organisation": str(found.organisation.id) if found.organisation else None,
    }
    body = {name: value for name, value in stated.items() if value}
    try:
        made = await who.platform.send(Decision, "/analytics/decisions", body, key=key)
    except PlatformProblem as problem_found:
        if problem_found.status not in (409, 422):
            raise
        return _show_form(request, found, written, problem_found.words, problem_found.status)
    await _mark_decided(who, found)
    return RedirectResponse(f"/room/decisions/{made.id}", 303)


async def _mark_decided(who: DecidingVisit, problem: Problem) -> None:
    """Whoever decides about a problem takes it for one. Whatever hinders that, the decision stands."""
    moves = {"new": ("confirmed", "decided"), "confirmed": ("decided",)}.get(problem.state, ())
    for at, state in enumerate(moves):
        try:
            path = f"/analytics/problems/{problem.id}/state"
            await who.platform.do(path, {"state": state}, version=problem.version + at)
        except NO_ANSWER:
            return


@router.post("/room/decisions/{decision_id}/state")
async def carry_on(
    request: Request,
    who: DecidingVisit,
    decision_id: UUID,
    state: Annotated[Literal["running", "done", "dropped"], Form()],
    version: Annotated[int, Form()],
) -> Response:
    """A decision is begun, done or given up; one that is begun starts today."""
    try:
        await who.platform.do(
            f"/analytics/decisions/{decision_id}", {"state": state}, method="PATCH", version=version
        )
    except PlatformProblem as problem:
        if problem.status not in (409, 412, 422):
            raise
        return await show_decision(request, who, decision_id, problem.words, problem.status)
    return RedirectResponse(f"/room/decisions/{decision_id}", 303)
