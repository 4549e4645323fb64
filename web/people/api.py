"""HTTP: signing in and out, one's own account, links of invitations and of new passwords."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from web.errors import show_sign_in
from web.people.paths import home_of, local_path
from web.persons import Sessions, SignedIn
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.visits import Anybody, SignedInVisit, require_role, visit_of

router = APIRouter()
AnyPerson = Annotated[SignedInVisit, require_role()]
_PAUSED = "Слишком много попыток. Подождите {seconds} с и повторите."


@router.get("/sign-in")
async def open_sign_in(request: Request) -> Response:
    """The form by itself; who is signed in goes on to his page."""
    stored = visit_of(request).stored
    if stored is not None:
        return _go(home_of(stored.person))
    return show_sign_in(request, wanted="/sign-in")


@router.post("/sign-in")
async def sign_in(
    request: Request,
    platform: Anybody,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
    wanted: Annotated[str, Form()] = "",
) -> Response:
    """Begin a session and go on to the page that was wanted."""
    visit = visit_of(request)
    sent = {"login": login.strip(), "password": password} | ({"code": code.strip()} if code.strip() else {})
    try:
        signed_in = await platform.send(SignedIn, "/sessions", sent)
    except PlatformProblem as problem:
        with_code = bool(code) or problem.slug == "code-required"
        return show_sign_in(request, _words(problem), login, with_code=with_code, wanted=local_path(wanted))
    visit.begin(signed_in)
    target = local_path(wanted)
    return _go(home_of(signed_in.person) if target in ("/", "/sign-in") else target)


def _words(problem: PlatformProblem) -> str:
    if problem.status == 429 and problem.retry_after:
        return _PAUSED.format(seconds=problem.retry_after)
    return "Введите логин и пароль." if problem.status == 422 else problem.words


@router.post("/sign-out")
async def sign_out(request: Request, who: AnyPerson) -> Response:
    """End this session here and on the platform."""
    await who.platform.do("/sessions/current", method="DELETE")
    visit_of(request).end()
    return _go("/sign-in")


@router.get("/account")
async def open_account(request: Request, who: AnyPerson) -> Response:
    """Who one is here, and where one is signed in."""
    sessions = await who.platform.read(Sessions, "/sessions")
    return resources_of(request).pages.page(
        request, "people/account.html", sessions=sessions.items, notice="", fault=""
    )


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(request: Request, who: AnyPerson) -> Response:
    """End all of one's sessions."""
    await who.platform.do("/sessions", method="DELETE")
    visit_of(request).end()
    return _go("/sign-in")


@router.post("/account/password")
async def change_password(
    request: Request,
    who: AnyPerson,
    password: Annotated[str, Form()] = "",
    new_password: Annotated[str, Form()] = "",
) -> Response:
    """A new password for oneself."""
    notice, fault, status = "Пароль изменён.", "", 200
    try:
        await who.platform.do("/people/me/password", {"password": password, "new_password": new_password})
    except PlatformProblem as problem:
        notice, fault, status = "", problem.words, 422
    sessions = await who.platform.read(Sessions, "/sessions")
    return resources_of(request).pages.page(
        request, "people/account.html", status, sessions=sessions.items, notice=notice, fault=fault
    )


@router.get("/invitation")
async def open_invitation(request: Request) -> Response:
    """Where an invitation's link leads: a password is chosen. The token is in the fragment, which no log ever sees."""
    return _show_link(request, "invitations", "")


@router.get("/reset")
async def open_reset(request: Request) -> Response:
    """The same for a new password."""
    return _show_link(request, "reset", "")


@router.post("/invitation")
async def accept_invitation(
    request: Request,
    platform: Anybody,
    token: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Set the first password."""
    return await _accept(request, platform, "invitations", token, password)


@router.post("/reset")
async def accept_reset(
    request: Request,
    platform: Anybody,
    token: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Set another password."""
    return await _accept(request, platform, "reset", token, password)


async def _accept(request: Request, platform: Anybody, kind: str, token: str, password: str) -> Response:
    try:
        await platform.do(f"/people/{kind}/accept", {"token": token.strip(), "password": password})
    except PlatformProblem as problem:
        gone = "Ссылка уже использована или истекла. Попросите администратора о новой."
        return _show_link(request, kind, gone if problem.status == 404 else problem.words, token, 422)
    return show_sign_in(request, "Пароль сохранён. Теперь войдите.", wanted="/sign-in")


def _show_link(request: Request, kind: str, fault: str, token: str = "", status: int = 200) -> Response:
    visit_of(request)
    title = "Новый пароль" if kind == "reset" else "Приглашение"
    return resources_of(request).pages.page(
        request, "people/choose_password.html", status, title=title, fault=fault, token=token
    )


def _go(path: str) -> RedirectResponse:
    return RedirectResponse(path, 303)
