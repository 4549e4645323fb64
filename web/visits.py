"""The session of a request: opened from its cookie, refreshed when its token is about to end, written back when it changed."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from web.cookies import StoredSession
from web.persons import Person, Role, SignedIn
from web.platform.client import Platform
from web.platform.problems import PlatformProblem, SessionOver
from web.resources import WebResources, resources_of

# A token that ends sooner is renewed first: a page asks several things with it.
REFRESH_BEFORE_SECONDS: Final = 30.0


class NeedsSignIn(Exception):
    """Nobody is signed in: the page shows the form in its place. `why`: what the person is told, if anything."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why


class NotYourPage(Exception):
    """Whoever is signed in has a role that this page is not for."""


class ForgedForm(Exception):
    """The form does not carry what this session's forms carry: another site's page sent it, or it is of an earlier session."""


@dataclass(slots=True)
class Visit:
    """What one request knows of its visitor. `changed`: the cookie has to be written again."""

    stored: StoredSession | None
    changed: bool = False

    def begin(self, signed_in: SignedIn) -> None:
        """A new session; the form key is new, too."""
        self._keep(signed_in, secrets.token_urlsafe(18))

    def carry_on(self, signed_in: SignedIn) -> None:
        """The same session with its next tokens: forms that are open stay good."""
        form_key = self.stored.form_key if self.stored else secrets.token_urlsafe(18)
        self._keep(signed_in, form_key)

    def end(self) -> None:
        """Nobody is signed in any more."""
        self.changed = self.stored is not None
        self.stored = None

    def _keep(self, signed_in: SignedIn, form_key: str) -> None:
        self.stored = StoredSession(
            access_token=signed_in.access_token,
            access_until=time.time() + signed_in.expires_in,
            refresh_token=signed_in.refresh_token,
            form_key=form_key,
            person=signed_in.person,
        )
        self.changed = True


def visit_of(request: Request) -> Visit:
    """Of this request; opened from its cookie once."""
    found = request.scope.get("otklik.visit")
    if isinstance(found, Visit):
        return found
    box = resources_of(request).cookies
    visit = Visit(box.open(request.cookies.get(box.name, "")))
    request.scope["otklik.visit"] = visit
    return visit


@dataclass(frozen=True, slots=True)
class SignedInVisit:
    """A person at work: who it is, and the platform asked in that person's name."""

    person: Person
    platform: Platform
    form_key: str


def anybody(request: Request) -> Platform:
    """The platform asked by nobody in particular."""
    return resources_of(request).platform_for(request, "")


Anybody = Annotated[Platform, Depends(anybody)]


def require_role(*roles: Role) -> Any:
    """A dependency: the signed-in person, who has one of these roles; without roles any. Forms are checked, too.

    Raises NeedsSignIn, NotYourPage, ForgedForm.
    """

    async def find(request: Request) -> SignedInVisit:
        visit = visit_of(request)
        stored = await _fresh(request, visit)
        if roles and stored.person.role not in roles:
            raise NotYourPage
        if request.method not in ("GET", "HEAD"):
            await _require_own_form(request, stored)
        platform = resources_of(request).platform_for(request, stored.access_token)
        return SignedInVisit(stored.person, platform, stored.form_key)

    return Depends(find)


async def _fresh(request: Request, visit: Visit) -> StoredSession:
    """The session with a token that is good for a while yet."""
    stored = visit.stored
    if stored is None:
        raise NeedsSignIn
    if stored.access_until - time.time() > REFRESH_BEFORE_SECONDS:
        return stored
    resources = resources_of(request)
    try:
        signed_in = await resources.platform_for(request, "").send(
            SignedIn, "/sessions/refresh", {"refresh_token": stored.refresh_token}
        )
    except SessionOver as over:
        raise _end(visit) from over
    except PlatformProblem as problem:
        if problem.status in (401, 422):
            raise _end(visit) from problem
        raise
    visit.carry_on(signed_in)
    assert visit.stored is not None
    return visit.stored


def _end(visit: Visit) -> NeedsSignIn:
    visit.end()
    return NeedsSignIn("Сеанс завершён. Войдите снова.")


async def _require_own_form(request: Request, stored: StoredSession) -> None:
    sent = request.headers.get("x-form-key")
    if sent is None:
        value = (await request.form()).get("form_key", "")
        sent = value if isinstance(value, str) else ""
    if not compare_digest(sent.encode(), stored.form_key.encode()):
        raise ForgedForm


def keep_cookie(resources: WebResources, visit: Visit | None) -> str | None:
    """The Set-Cookie that an answer needs; None when nothing has changed."""
    if visit is None or not visit.changed:
        return None
    return resources.cookies.header(visit.stored)
