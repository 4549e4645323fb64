"""A browser beside the demo system, and visitors who are signed in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from harness.browser import browsing, watch
from harness.system import System

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 320, "height": 640}


@dataclass(frozen=True)
class Site:
    """The pages of a running system. `url`: where a browser finds them."""

    url: str
    system: System
    browser: Browser

    def visit(self, path: str, *, scripts: bool = True, width: ViewportSize | None = None) -> Page:
        """A page opened by somebody who has never been here; close it by `page.context.close()`."""
        context = self.browser.new_context(
            viewport=width or WIDE, java_script_enabled=scripts, locale="ru-RU", base_url=self.url
        )
        page = context.new_page()
        page.goto(path)
        return page

    def enter(self, role: str, path: str, *, width: ViewportSize | None = None) -> Page:
        """A page opened by the demo's person of a role, who signs in where the page asks for it."""
        person = self.system.person(role)
        page = self.visit(path, width=width)
        page.get_by_label("Логин").fill(person.client_id)
        page.get_by_label("Пароль").fill(person.client_secret)
        page.get_by_role("button", name="Войти").click()
        page.wait_for_url(f"**{path.partition('?')[0]}*")
        return page


@pytest.fixture(scope="session")
def pages_url(system: System) -> str:
    """Where the pages are. `OTKLIK_TEST_PAGES` is the address of pages that are served by themselves beside the system."""
    return os.environ.get("OTKLIK_TEST_PAGES", system.url)


@pytest.fixture(scope="module")
def site(system: System, pages_url: str) -> Iterator[Site]:
    """Pages and a browser."""
    with browsing() as browser:
        yield Site(pages_url, system, browser)


__all__ = ["NARROW", "WIDE", "Site", "watch"]
