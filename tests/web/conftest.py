"""The pages as an application in this process, before a platform that answers as a test has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from threading import Thread
from uuid import UUID

import httpx2
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from chassis.serve import bind
from harness.browser import browsing
from tests.web.stand_in import StandIn, cookies_of, person
from web.persons import Person, Role


@dataclass
class Served(StandIn):
    """The pages asked in this process."""

    client: httpx2.AsyncClient = field(init=False)

    def sign_in(self, role: Role, region: str = "46") -> None:
        """As somebody of that role and region."""
        for name, value in _cookies(visitor(role, region)).items():
            self.client.cookies.set(name, value)


def visitor(role: Role, region: str = "46", number: int = 7) -> Person:
    """Somebody of that role."""
    organisation_id = UUID(int=9) if role == "agency" else None
    return person(id=UUID(int=number), role=role, regions=[region], organisation_id=organisation_id)


def _cookies(who: Person) -> dict[str, str]:
    return cookies_of(who) | {"otklik-centre": "46"}


def session_of(role: Role) -> dict[str, object]:
    """What the platform answers to somebody who signs in."""
    shown = visitor(role).model_dump(mode="json")
    return {"access_token": "token", "expires_in": 900, "refresh_token": "more", "person": shown}


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Nobody is signed in yet."""
    made = Served()
    app = made.pages()
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://pages") as made.client:
        yield made
    await app.state.resources.close()


@dataclass
class Stage(StandIn):
    """The pages on a port of their own, and a browser."""

    url: str = ""
    browser: Browser = field(init=False)

    def enter(self, role: Role, path: str, *, scripts: bool = True) -> Page:
        """A page as somebody of that role opens it; close it by `page.context.close()`."""
        context = self.browser.new_context(base_url=self.url, java_script_enabled=scripts)
        context.set_default_timeout(10_000)
        self.sign_in(context, role)
        page = context.new_page()
        page.goto(path)
        return page

    def sign_in(self, context: BrowserContext, role: Role, number: int = 7) -> None:
        """As the person of that number."""
        cookies = _cookies(visitor(role, number=number))
        context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in cookies.items()]
        )


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """For a file of tests that look through a browser."""
    made = Stage()
    listener = bind("127.0.0.1:0")
    made.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(made.pages(), log_config=None))
    thread = Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    with browsing() as made.browser:
        yield made
    server.should_exit = True
    thread.join(20)
