"""One appeal: everything about it, and what a coordinator does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from web.centre.api.assignments import find_organisation
from web.centre.showing import NOT_SENT, Outcome, Refused, attempt, go, show
from web.centre.views.appeals import Appeal, Deadlines, Original
from web.centre.views.assignments import AppealAssignments
from web.centre.visits import AtTheCentre, CentreVisit
from web.errors import NoSuchPage
from web.names import KnownNames, name_people
from web.persons import PersonName
from web.platform.client import Platform
from web.platform.problems import PlatformProblem
from web.resources import resources_of

router = APIRouter()
_DONE: Final = {
    "assigned": "Соисполнитель назначен.",
    "moderated": "Решение модератора записано.",
    "forwarded": "Обращение направлено по компетенции, гражданин узнает об этом.",
    "stopped": "Переписка прекращена.",
}


class _Anything(BaseModel):
    """An answer of which only that it came matters."""


@router.get("/centre/a/{appeal_id}")
async def show_appeal(request: Request, visit: AtTheCentre, appeal_id: UUID, done: str = "") -> Response:
    """The whole appeal."""
    return await _show(request, visit, appeal_id, notice=_DONE.get(done, ""))


async def _show(
    request: Request,
    visit: CentreVisit,
    appeal_id: UUID,
    *,
    notice: str = "",
    fault: Outcome | None = None,
    refused: Refused = NOT_SENT,
    original: Original | None = None,
) -> Response:
    dossier = await _read_dossier(visit, resources_of(request).names, appeal_id)
    return show(
        request,
        visit.within(dossier.appeal.region),
        "appeal.html",
        fault.status if fault else 200,
        appeal=dossier.appeal,
        history=dossier.appeal.history,
        names=dossier.names,
        deadlines=dossier.deadlines.items,
        assignments=dossier.assignments.items,
        original=original,
        notice=notice,
        fault=fault.words if fault else "",
        refused=refused,
    )


@dataclass(frozen=True, slots=True)
class Dossier:
    """An appeal, what happened to it included, with its clocks and assignments; `names`: of who acted."""

    appeal: Appeal
    names: Mapping[UUID, PersonName]
    deadlines: Deadlines
    assignments: AppealAssignments


async def _read_dossier(visit: CentreVisit, known: KnownNames, appeal_id: UUID) -> Dossier:
    platform, path = visit.platform, f"/appeals/{appeal_id}"
    appeal, deadlines, assignments = await asyncio.gather(
        platform.read(Appeal, path, {"history": True}),
        _read_deadlines(platform, path),
        _read_assignments(platform, path),
    )
    names = await name_people(known, platform, visit.person, (line.person for line in appeal.history))
    return Dossier(appeal, names, deadlines, assignments)


async def _read_deadlines(platform: Platform, path: str) -> Deadlines:
    """An appeal that came a moment ago may have none."""
    try:
        return await platform.read(Deadlines, f"{path}/deadlines")
    except PlatformProblem as problem:
        if problem.status == 404:
            return Deadlines(items=[])
        raise


async def _read_assignments(platform: Platform, path: str) -> AppealAssignments:
    try:
        return await platform.read(AppealAssignments, f"{path}/assignments")
    except PlatformProblem as problem:
        if problem.status == 404:
            return AppealAssignments(items=[])
        raise


@router.post("/centre/a/{appeal_id}/original")
async def open_original(
    request: Request, visit: AtTheCentre, appeal_id: UUID, purpose: Annotated[str, Form()] = ""
) -> Response:
    """The text as it was sent and who wrote it; the purpose is kept with the person's name."""
    try:
        original = await visit.platform.send(
            Original, f"/appeals/{appeal_id}/original", {"purpose": purpose.strip()}
        )
    except PlatformProblem as problem:
        if problem.status == 404:
            raise
        words = "Напишите, зачем нужен подлинник." if problem.status == 422 else problem.words
        return await _show(request, visit, appeal_id, fault=Outcome(words, problem.status))
    return await _show(request, visit, appeal_id, original=original)


@router.get("/centre/files/{attachment_id}")
async def open_file(visit: AtTheCentre, attachment_id: UUID) -> Response:
    """A file that came with an appeal: to its link of five minutes."""
    answer = await visit.platform.download(f"/attachments/{attachment_id}")
    target = answer.headers.get("location", "")
    if not target.startswith("/api/v1/attachments/"):
        raise NoSuchPage
    return RedirectResponse(target, 303)


@router.post("/centre/a/{appeal_id}/assign")
async def assign(
    request: Request,
    visit: AtTheCentre,
    appeal_id: UUID,
    organisation_name: Annotated[str, Form()] = "",
    once: Annotated[str, Form()] = "",
) -> Response:
    """One more organisation helps."""
    organisation = await find_organisation(visit, organisation_name)
    if isinstance(organisation, Outcome):
        return await _show(request, visit, appeal_id, fault=organisation)
    body = {"organisation": str(organisation.id)}
    return await _act(request, visit, appeal_id, "assignments", body, once, "assigned")


@router.post("/centre/a/{appeal_id}/moderation")
async def moderate(
    request: Request,
    visit: AtTheCentre,
    appeal_id: UUID,
    decision: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Accept, reject or hide."""
    body = {"decision": decision, "reason": reason.strip()}
    return await _act(request, visit, appeal_id, "moderation", body, "", "moderated")


@router.post("/centre/a/{appeal_id}/forward")
async def forward(
    request: Request,
    visit: AtTheCentre,
    appeal_id: UUID,
    addressee: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    once: Annotated[str, Form()] = "",
) -> Response:
    """Send it to an authority outside the system."""
    body = {"addressee": addressee.strip(), "reason": reason.strip()}
    return await _act(request, visit, appeal_id, "forward", body, once, "forwarded")


@router.post("/centre/a/{appeal_id}/stop-correspondence")
async def stop_correspondence(
    request: Request,
    visit: AtTheCentre,
    appeal_id: UUID,
    decided_by_head: Annotated[bool, Form()] = False,
    once: Annotated[str, Form()] = "",
) -> Response:
    """Answer the question no more."""
    if not decided_by_head:
        fault = Outcome("Отметьте, что руководитель решил прекратить переписку.", 422)
        return await _show(request, visit, appeal_id, fault=fault)
    return await _act(
        request, visit, appeal_id, "stop-correspondence", {"decided_by_head": True}, once, "stopped"
    )


async def _act(
    request: Request,
    visit: CentreVisit,
    appeal_id: UUID,
    verb: str,
    body: dict[str, object] | dict[str, str] | dict[str, bool],
    once: str,
    done: str,
) -> Response:
    """An act on the appeal; then its page as it is afterwards."""
    outcome = await attempt(
        visit.platform.send(_Anything, f"/appeals/{appeal_id}/{verb}", body, key=once or None),
        lambda _: _DONE[done],
    )
    if outcome.done:
        return go(f"/centre/a/{appeal_id}", done=done)
    return await _show(request, visit, appeal_id, fault=outcome, refused=Refused(verb, once))
