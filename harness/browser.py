"""A real browser for tests of pages: the machine's own Chromium without a window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_LEFT = "net::ERR_ABORTED"
CHROMIUM = next(filter(None, map(shutil.which, _NAMES)), None)
needs_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"
)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Chromium for the block. Its driver holds the thread's event loop: no asynchronous test may run meanwhile."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


def watch(page: Page, url: str) -> list[str]:
    """What goes wrong on a page from now on: complaints of the console, errors, what could not be fetched (all of it
    has to come from `url`)."""
    wrong: list[str] = []
    host = urlsplit(url).netloc
    page.on("console", lambda line: wrong.append(f"{line.type}: {line.text}") if line.type != "log" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.extend(_failed(request)))
    page.on(
        "request", lambda r: wrong.append(f"outside: {r.url}") if urlsplit(r.url).netloc != host else None
    )
    page.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    return wrong


def _failed(request: Request) -> list[str]:
    """What could not be fetched; what a page that was left had still under way is given up by the browser, and no fault."""
    return [] if request.failure == _LEFT else [f"failed: {request.url} ({request.failure})"]
