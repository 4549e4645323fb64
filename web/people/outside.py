"""HTTP: signing in at an outside issuer, where one is set."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from web.errors import NoSuchPage, show_sign_in
from web.issuer import Beginning, Issuer, IssuerSilent, NotSignedIn
from web.people.paths import home_of, local_path
from web.persons import SignedIn
from web.platform.problems import PlatformProblem
from web.resources import resources_of, site_of
from web.visits import Anybody, visit_of

router = APIRouter()
_COOKIE: Final = "otklik-outside"
_PATH: Final = "/sign-in/outside"
_PURPOSE: Final = b"otklik pages outside sign-in 1"
_GIVEN_UP: Final = "Вход не завершён. Начните ещё раз."
_SILENT: Final = "Служба входа сейчас не отвечает. Повторите позже или войдите по паролю."
_UNKNOWN: Final = "Для этой учётной записи доступ не открыт. Обратитесь к администратору вашего региона."


@router.get(_PATH)
async def leave_for_issuer(request: Request, wanted: str = "") -> Response:
    """To the issuer; what was begun stays with the browser, sealed."""
    issuer, box = _issuer_of(request), resources_of(request).cookies
    beginning = Beginning.make(local_path(wanted))
    try:
        target = await issuer.address_for(beginning, _back_of(request))
    except IssuerSilent:
        return show_sign_in(request, _SILENT, wanted=beginning.wanted)
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        _COOKIE,
        box.seal(beginning, _PURPOSE),
        max_age=600,
        path=_PATH,
        secure=box.over_tls,
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get(f"{_PATH}/back")
async def come_back(request: Request, platform: Anybody) -> Response:
    """From the issuer: a session begins, if what it says is of this browser's sign-in and of somebody who has an account here."""
    issuer, box = _issuer_of(request), resources_of(request).cookies
    beginning = box.open_as(Beginning, request.cookies.get(_COOKIE, ""), _PURPOSE)
    try:
        if beginning is None:
            raise NotSignedIn
        token = await issuer.id_token_for(beginning, str(request.url), _back_of(request))
        sent = {"id_token": token, "nonce": beginning.nonce}
        signed_in = await platform.send(SignedIn, "/sessions/outside", sent)
    except NotSignedIn:
        return _ended(show_sign_in(request, _GIVEN_UP, wanted="/sign-in"))
    except IssuerSilent:
        return _ended(show_sign_in(request, _SILENT, wanted="/sign-in"))
    except PlatformProblem as problem:
        words = _UNKNOWN if problem.status == 401 else problem.words
        return _ended(show_sign_in(request, words, wanted="/sign-in"))
    visit_of(request).begin(signed_in)
    target = home_of(signed_in.person) if beginning.wanted in ("/", "/sign-in") else beginning.wanted
    return _ended(RedirectResponse(target, 303))


def _issuer_of(request: Request) -> Issuer:
    """The page is none where no issuer is set."""
    issuer = resources_of(request).issuer
    if issuer is None:
        raise NoSuchPage
    return issuer


def _back_of(request: Request) -> str:
    return f"{site_of(request)}{_PATH}/back"


def _ended(answer: Response) -> Response:
    """What was begun is good once."""
    answer.delete_cookie(_COOKIE, path=_PATH)
    return answer
