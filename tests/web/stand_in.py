"""The pages without a platform: a stand-in answers what a test lays ready, and notes what it was asked."""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr

from web.cookies import CookieBox, StoredSession
from web.main import create
from web.persons import Person
from web.platform.client import PREFIX, Connections
from web.settings import WebSettings

PAGES_KEY: Final = "a key of the tests"
FORM_KEY: Final = "the-form-key"
PERSON_ID: Final = UUID("0190c42e-0000-7000-8000-00000000000a")
_HIDDEN: Final = re.compile(r'name="([a-z_]+)" value="([^"]*)"')


@dataclass
class StandIn:
    """`answers`: by "METHOD /path", each a body, or a status with a problem's slug and, if it has one, its detail, or None where
    nobody answers; what is not there is 404."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[httpx2.Request] = field(default_factory=list)

    def answer(self, line: str, content: object) -> None:
        """What the platform answers to "METHOD /path"."""
        self.answers[line] = content

    def fail(self, line: str, status: int) -> None:
        """The platform refuses; 0: it does not answer."""
        self.answers[line] = (status, "unauthorised" if status == 401 else "") if status else None

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        """The platform's part."""
        self.asked.append(request)
        found = self.answers.get(_line_of(request), (404, "not-found"))
        if found is None:
            raise httpx2.ConnectError("nobody is there")
        if isinstance(found, tuple):
            status, slug, *detail = found
            problem = {"type": f"/problems/{slug}" if slug else "", "title": slug, "status": status}
            return httpx2.Response(status, json=problem | ({"detail": detail[0]} if detail else {}))
        return httpx2.Response(200, json=found)

    def sent(self, method: str, path: str) -> list[Any]:
        """Bodies of what came there."""
        return [json.loads(each.content) for each in self._found(method, path)]

    def keys(self, method: str, path: str) -> list[str]:
        """Idempotency keys of what came there."""
        return [each.headers.get("Idempotency-Key", "") for each in self._found(method, path)]

    def queries(self, method: str, path: str) -> list[dict[str, str]]:
        """Parameters of what came there."""
        return [dict(each.url.params) for each in self._found(method, path)]

    def was_asked(self, line: str) -> bool:
        """Whether anything came there."""
        return line in map(_line_of, self.asked)

    def pages(self) -> FastAPI:
        """The application before this platform."""
        app = create(WebSettings(pages_key=SecretStr(PAGES_KEY), log_level="ERROR"))
        platform = httpx2.AsyncClient(transport=httpx2.MockTransport(self.handle), base_url="http://gateway")
        app.state.resources.connections = Connections(platform, platform)
        return app

    def _found(self, method: str, path: str) -> list[httpx2.Request]:
        return [each for each in self.asked if _line_of(each) == f"{method} {path}"]


def _line_of(request: httpx2.Request) -> str:
    return f"{request.method} {request.url.path.removeprefix(PREFIX)}"


def person(**changes: Any) -> Person:
    """A coordinator of one region, unless said otherwise."""
    values = {
        "id": PERSON_ID,
        "login": "petrova",
        "name": "Петрова Анна",
        "role": "coordinator",
        "regions": ["46"],
    }
    return Person.model_validate({**values, **changes})


def cookies_of(visitor: Person) -> dict[str, str]:
    """Of the session of somebody who is signed in."""
    session = StoredSession(
        access_token="token",
        access_until=time.time() + 3600,
        refresh_token="refresh",
        form_key=FORM_KEY,
        person=visitor,
    )
    box = CookieBox.of(PAGES_KEY, over_tls=False)
    return {box.name: box.seal(session)}


@asynccontextmanager
async def open_pages(stand_in: StandIn, visitor: Person | None = None) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser of the pages; `visitor`: who is signed in."""
    cookies = cookies_of(visitor) if visitor else {}
    transport = httpx2.ASGITransport(stand_in.pages())
    async with httpx2.AsyncClient(transport=transport, base_url="http://pages", cookies=cookies) as browser:
        yield browser


def hidden_in(page: str, action: str) -> dict[str, str]:
    """The fields with a value of the form that is sent to `action`; without one: of the form that is sent to its own page."""
    for form in page.split("<form ")[1:]:
        head = form.partition(">")[0]
        if f'action="{action}"' in head if action else "action=" not in head:
            return dict(_HIDDEN.findall(form.partition("</form>")[0]))
    raise AssertionError(f"no form is sent to {action}")
