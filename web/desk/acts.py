"""HTTP: what an official does with an assignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel

from web.desk import rules
from web.desk.case_views import Acted, Attachment
from web.desk.colleagues import read_colleagues
from web.desk.going_on import go_on, stay
from web.desk.leases import drop_lease, lease_of
from web.desk.page import Draft, KeptFile, Trouble, show_assignment
from web.desk.views import Details
from web.platform.client import Platform
from web.platform.problems import NO_ANSWER, PlatformProblem
from web.visits import SignedInVisit, require_role

router = APIRouter(prefix="/desk/a/{assignment_id}")
Official = Annotated[SignedInVisit, require_role("agency")]
# Acts after which the next one opens; after the others there is more to do with the same one.
_ENDS_HERE: Final = frozenset({"answer", "redirect", "clarify", "release"})
_MOST_FILES: Final = 10


class ActForm(BaseModel):
    """What forms of all acts send: the version that was seen, the key by which a repeat is known, where the page was opened from;
    and the fields of the acts."""

    form_key: str = ""
    version: int
    key: str = ""
    origin: str = ""
    text: str = ""
    outcome: str = ""
    promised_on: str = ""
    question: str = ""
    reason_code: str = ""
    comment: str = ""
    days: str = ""
    reason: str = ""
    person: str = ""
    kept_files: list[str] = []
    files: list[UploadFile | str] = []


AnyAct = Annotated[ActForm, Form()]


@router.post("/accept")
async def accept(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Take it to work, and for oneself."""
    return await _act(request, who, assignment_id, form, "accept", {})


@router.post("/release")
async def release(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Give a reserved one back to the queue."""
    return await _act(request, who, assignment_id, form, "release", {})


@router.post("/assign")
async def assign(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Give it to a colleague; without a name take it for oneself, whoever has it."""
    if form.person in ("", str(who.person.id)):
        return await _act(request, who, assignment_id, form, "assign", {"person": str(who.person.id)})
    if (await read_colleagues(who)).find_working(form.person) is None:
        draft, trouble = _draft(form, "assign", []), Trouble("Выберите сотрудника из списка.", 422)
        return await show_assignment(request, who, assignment_id, form.origin, draft, trouble)
    return await _act(request, who, assignment_id, form, "assign", {"person": form.person}, done="give")


@router.post("/answer")
async def answer(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Answer the citizen."""
    return await _answer(request, who, assignment_id, form, "answer", {"outcome": form.outcome})


@router.post("/interim")
async def answer_interim(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Say what will be done; the question stays open."""
    return await _answer(request, who, assignment_id, form, "interim", {})


@router.post("/clarify")
async def clarify(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Ask the citizen."""
    return await _act(request, who, assignment_id, form, "clarify", {"question": form.question})


@router.post("/resume")
async def resume(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Wait for the citizen's reply no longer."""
    return await _act(request, who, assignment_id, form, "resume", {})


@router.post("/redirect")
async def redirect(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Not ours: a coordinator, or the rules, find whose it is."""
    body = {"reason_code": form.reason_code, "comment": form.comment}
    return await _act(request, who, assignment_id, form, "redirect", body)


@router.post("/request-extension")
async def request_extension(request: Request, who: Official, assignment_id: UUID, form: AnyAct) -> Response:
    """Ask for more days."""
    body = {"days": rules.days_asked(form.days), "reason": form.reason}
    return await _act(request, who, assignment_id, form, "request-extension", body)


@router.post("/sign")
async def sign(
    request: Request,
    who: Official,
    assignment_id: UUID,
    answer: Annotated[UUID, Form()],
    origin: Annotated[str, Form()] = "",
) -> Response:
    """The second signature under the colleague's answer that was read."""
    unsigned = (await who.platform.read(Details, f"/assignments/{assignment_id}")).unsigned()
    if unsigned is None or unsigned.id != answer:
        gone = Trouble("Этот ответ больше не ждёт подписи. Ниже – как сейчас.", 409)
        return await show_assignment(request, who, assignment_id, origin, trouble=gone)
    try:
        await who.platform.do(f"/answers/{answer}/sign")
    except PlatformProblem as problem:
        if problem.status == 404:
            raise
        return await show_assignment(request, who, assignment_id, origin, trouble=Trouble.of(problem))
    return stay(assignment_id, "sign", origin)


async def _answer(
    request: Request,
    who: SignedInVisit,
    assignment_id: UUID,
    form: ActForm,
    act: str,
    body: Mapping[str, str],
) -> Response:
    """An answer, final or interim, with its files; those that were taken are kept when it is refused."""
    kept: list[KeptFile] = [_kept(each) for each in form.kept_files]
    try:
        kept += [await _upload(who.platform, each) for each in form.files if _is_chosen(each)]
    except PlatformProblem as problem:
        return await show_assignment(
            request, who, assignment_id, form.origin, _draft(form, act, kept), Trouble.of(problem)
        )
    promised = {"promised_on": form.promised_on} if form.promised_on else {}
    files = {"attachments": [each.id for each in kept[:_MOST_FILES]]} if kept else {}
    return await _act(
        request, who, assignment_id, form, act, {"text": form.text, **body, **promised, **files}, kept
    )


async def _act(
    request: Request,
    who: SignedInVisit,
    assignment_id: UUID,
    form: ActForm,
    act: str,
    body: Mapping[str, object],
    kept: list[KeptFile] | None = None,
    done: str = "",
) -> Response:
    """Do it, and go on; where it is refused, the page comes back with what was written. `done`: what it is called then, where not
    by the act's own name."""
    path = f"/assignments/{assignment_id}/{act}"
    try:
        acted = await who.platform.send(
            Acted, path, {**body, **lease_of(request)}, version=form.version, key=form.key or None
        )
    except PlatformProblem as problem:
        if problem.status == 404:
            raise
        draft = _draft(form, act, kept or [])
        return await show_assignment(request, who, assignment_id, form.origin, draft, Trouble.of(problem))
    if act in _ENDS_HERE:
        return await go_on(request, who, acted, act, form.origin)
    if act == "accept":
        done = await _make_own(who, acted)
    answer = stay(assignment_id, done or act, form.origin)
    if act == "accept":
        drop_lease(request, answer, assignment_id)
    return answer


async def _make_own(who: SignedInVisit, accepted: Acted) -> str:
    """Give to oneself what has been accepted, which it stays where that fails; what has been done by it."""
    path, body = f"/assignments/{accepted.id}/assign", {"person": str(who.person.id)}
    try:
        await who.platform.do(path, body, version=accepted.version)
    except NO_ANSWER:
        return "taken"
    return "accept"


def _draft(form: ActForm, act: str, kept: list[KeptFile]) -> Draft:
    return Draft(
        act=act,
        key=form.key,
        text=form.text,
        outcome=form.outcome,
        promised_on=form.promised_on,
        question=form.question,
        reason_code=form.reason_code,
        comment=form.comment,
        days=form.days,
        reason=form.reason,
        person=form.person,
        files=kept,
    )


def _kept(sent: str) -> KeptFile:
    id, _, name = sent.partition(":")
    return KeptFile(id, name)


def _is_chosen(file: UploadFile | str) -> bool:
    return not isinstance(file, str) and bool(file.filename)


async def _upload(platform: Platform, file: UploadFile | str) -> KeptFile:
    assert not isinstance(file, str)
    name, media_type = file.filename or "file", file.content_type or "application/octet-stream"
    taken = await platform.upload(Attachment, "/attachments", (name, await file.read(), media_type), {})
    return KeptFile(str(taken.id), name)
