"""An appeal as its citizen sees it, with everything that may be done about it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from web.citizen.rules.codes import draw_qr, grouped, typed_code
from web.citizen.rules.ratings import rating_of
from web.citizen.views import Done, Rated, ReceiptLines, Tracked
from web.errors import NoSuchPage
from web.platform.client import Platform
from web.platform.problems import PlatformProblem
from web.resources import resources_of, site_of
from web.visits import Anybody, visit_of

router = APIRouter(prefix="/track")
Field = Annotated[str, Form()]
Fields = Mapping[str, str]
_FILES: Final = "/api/v1/attachments/"
_UNKNOWN: Final = "Обращения с таким кодом нет. Проверьте код: в нём 20 букв и цифр."
_TOO_LITTLE: Final = "Отметьте, решён ли вопрос, и поставьте оценку."
_NO_WORDS: Final = "Напишите хотя бы несколько слов, не больше 2000 знаков."
# What a citizen is told after an act, by the name in the address.
_DONE: Final[Mapping[str, str]] = {
    "rated": "Спасибо, оценка принята.",
    "reopened": "Спасибо. Вопрос возвращён в работу: исполнитель ответит ещё раз.",
    "clarified": "Уточнение отправлено исполнителю.",
    "objected": "Возражение принято: решение пересмотрит другой сотрудник.",
    "withdrawn": "Обращение отозвано, рассмотрение прекращено.",
}


@router.get("")
async def ask_code(request: Request, code: str = "") -> Response:
    """Where a code is entered; a code leads to its appeal."""
    visit_of(request)
    plain = typed_code(code)
    if plain:
        return RedirectResponse(f"/track/{plain}", 303)
    return _show_codeless(request, "", 200)


@router.get("/{code}")
async def show_appeal(request: Request, platform: Anybody, code: str, done: str = "") -> Response:
    """Where the appeal stands."""
    return await _show(request, platform, code, {}, "", _DONE.get(done, ""))


@router.get("/{code}/receipt")
async def show_receipt(request: Request, platform: Anybody, code: str) -> Response:
    """Number, code and a picture of the link: what a citizen keeps."""
    visit_of(request)
    plain = typed_code(code)
    try:
        tracked, receipt = await asyncio.gather(
            platform.read(Tracked, f"/track/{plain}"), platform.read(ReceiptLines, f"/track/{plain}/receipt")
        )
    except PlatformProblem as problem:
        return _refuse(request, problem)
    link = f"{site_of(request)}/track/{grouped(plain)}"
    return resources_of(request).pages.page(
        request,
        "citizen/receipt.html",
        appeal=tracked,
        lines=receipt.lines,
        code=grouped(plain),
        link=link,
        qr=draw_qr(link),
    )


@router.get("/{code}/files/{attachment_id}")
async def open_file(platform: Anybody, code: str, attachment_id: UUID) -> Response:
    """A file of an answer, by the platform's link of five minutes."""
    answer = await platform.download(f"/track/{typed_code(code)}/attachments/{attachment_id}")
    target = answer.headers.get("location", "")
    if not target.startswith(_FILES):
        raise NoSuchPage
    return RedirectResponse(target, 302, {"Cache-Control": "no-store"})


@router.post("/{code}/rating")
async def rate(request: Request, platform: Anybody, code: str) -> Response:
    """Judge the newest answer."""
    fields = await _fields_of(request)
    body = rating_of(fields)
    if body is None:
        return await _show(request, platform, code, fields, _TOO_LITTLE)
    try:
        rated = await platform.send(Rated, f"/track/{typed_code(code)}/rating", body)
    except PlatformProblem as problem:
        return await _show(request, platform, code, fields, _words(problem))
    return await _finish(request, platform, code, "reopened" if rated.reopened else "rated", rated)


@router.post("/{code}/clarification")
async def clarify(request: Request, platform: Anybody, code: str) -> Response:
    """Answer what was asked."""
    return await _act(request, platform, code, "clarification", "clarified")


@router.post("/{code}/objection")
async def object_to_decision(request: Request, platform: Anybody, code: str) -> Response:
    """Say why the appeal should not have been rejected or hidden."""
    return await _act(request, platform, code, "objection", "objected")


@router.post("/{code}/withdraw")
async def withdraw(request: Request, platform: Anybody, code: str) -> Response:
    """Stop consideration."""
    return await _act(request, platform, code, "withdraw", "withdrawn")


async def _act(request: Request, platform: Platform, code: str, act: str, done: str) -> Response:
    fields = await _fields_of(request)
    body = None if act == "withdraw" else {"text": fields.get("text", "").strip()}
    try:
        finished = await platform.send(Done, f"/track/{typed_code(code)}/{act}", body)
    except PlatformProblem as problem:
        return await _show(request, platform, code, fields, _words(problem))
    return await _finish(request, platform, code, done, finished)


async def _fields_of(request: Request) -> dict[str, str]:
    sent = await request.form(max_files=0, max_fields=20)
    return {name: value.replace("\r\n", "\n") for name, value in sent.items() if isinstance(value, str)}


def _words(problem: PlatformProblem) -> str:
    if problem.status == 422:
        return _NO_WORDS
    if problem.slug == "not-allowed-now":
        return "Это уже сделано, или состояние обращения изменилось. Ниже – как сейчас."
    return problem.words


async def _finish(request: Request, platform: Platform, code: str, done: str, finished: Done) -> Response:
    """Back to the appeal; at once where there is something to be read at once."""
    if finished.notice is not None:
        return await _show(request, platform, code, {}, "", _DONE[done], warning=finished.notice)
    return RedirectResponse(f"/track/{typed_code(code)}?done={done}", 303)


async def _show(
    request: Request,
    platform: Platform,
    code: str,
    fields: Fields,
    fault: str,
    notice: str = "",
    *,
    warning: str = "",
) -> Response:
    visit_of(request)
    plain = typed_code(code)
    try:
        tracked = await platform.read(Tracked, f"/track/{plain}")
    except PlatformProblem as problem:
        return _refuse(request, problem)
    return resources_of(request).pages.page(
        request,
        "citizen/track.html",
        422 if fault else 200,
        appeal=tracked,
        code=grouped(plain),
        fields=fields,
        fault=fault,
        notice=notice,
        warning=tracked.notice or warning,
    )


def _refuse(request: Request, problem: PlatformProblem) -> Response:
    if problem.status not in (404, 422):
        raise problem
    return _show_codeless(request, _UNKNOWN, 404)


def _show_codeless(request: Request, fault: str, status: int) -> Response:
    return resources_of(request).pages.page(request, "citizen/track_code.html", status, fault=fault)
