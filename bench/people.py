"""What pages cost the server while twenty people work on a register: as the pages say themselves, beside what they asked."""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from bench.load import percentiles
from harness.system import System

THINKING: Final = (1.5, 4.5)  # seconds between two pages of one person
SLOW_TO_BEGIN: Final = 2  # pages of each person that are not counted: everybody signs in at once
# What each role goes round; {link}: the first of its kind that a page before has shown.
ROUNDS: Final[Mapping[str, tuple[str, ...]]] = {
    "agency": ("/desk", "/desk/a/{link}", "/desk?status=in_work", "/desk/a/{link}", "/desk/team"),
    "coordinator": (
        "/centre", "/centre/triage", "/centre/a/{link}", "/centre/search?q=дорога", "/centre/moderation", "/centre/reviews",
        "/centre/deadlines", "/centre/incidents", "/room",
    ),
    "analyst": ("/room", "/room/appeals", "/room/live"),
    "admin": ("/settings", "/settings/topics?region=46", "/settings/rules?region=46"),
}  # fmt: skip
PEOPLE: Final[Mapping[str, int]] = {"agency": 9, "coordinator": 7, "analyst": 2, "admin": 2}
_LINK: Final = re.compile(r'href="/(?:desk|centre)/a/([0-9a-f-]{36})')
_PART: Final = re.compile(r"(page|platform);dur=([\d.]+)")
_CALLS: Final = re.compile(r'desc="(\d+) calls"')


@dataclass(frozen=True, slots=True)
class Served:
    """One page: milliseconds altogether and of its calls to the platform, how many those were, bytes."""

    path: str
    page: float
    platform: float
    calls: int
    size: int


def measure_people(system: System, seconds: float) -> dict[str, Any]:
    """Twenty at work for so long; every page's time is the one of its Server-Timing header."""
    roles = [role for role, count in PEOPLE.items() for _ in range(count)]
    browsers = [(_sign_in(system, role), role) for role in roles]
    with ThreadPoolExecutor(len(roles)) as pool:
        rounds = list(pool.map(lambda each: _work(each[0], each[1], seconds), browsers))
    served = [page for each in rounds for page in each[SLOW_TO_BEGIN:]]
    by_path = {
        path: [each for each in served if each.path == path]
        for path in sorted({each.path for each in served})
    }
    return {
        "people": len(roles),
        "pages": len(served),
        "p50_ms": _of_pages(served)["p50"],
        "p95_ms": _of_pages(served)["p95"],
        # Calls go side by side: together they may take longer than the pages that wait for them.
        "calls_to_pages": round(sum(each.platform for each in served) / sum(each.page for each in served), 2),
        "by_page": {path: _summary(pages) for path, pages in by_path.items()},
        "goal": "p95 <= 150 ms",
    }


def _summary(pages: list[Served]) -> list[float]:
    """Median and p95 of the page, median of its calls (ms), the most calls, bytes."""
    return [
        _of_pages(pages)["p50"],
        _of_pages(pages)["p95"],
        round(statistics.median(each.platform for each in pages), 1),
        max(each.calls for each in pages),
        max(each.size for each in pages),
    ]


def _of_pages(pages: list[Served]) -> dict[str, float]:
    return percentiles([each.page / 1000 for each in pages])


def _sign_in(system: System, role: str) -> httpx2.Client:
    person = system.person(role)
    browser = httpx2.Client(base_url=system.url, timeout=60)
    form = {"login": person.client_id, "password": person.client_secret}
    answer = browser.post("/sign-in", data=form)
    if answer.status_code != 303:
        raise AssertionError(f"{role} could not sign in: {answer.status_code} {answer.text}")
    return browser


def _work(browser: httpx2.Client, role: str, seconds: float) -> list[Served]:
    served: list[Served] = []
    link = ""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for path in ROUNDS[role]:
            if "{link}" in path and not link:
                continue
            answer = browser.get(path.format(link=link))
            if answer.status_code != 200:
                raise AssertionError(f"{path}: {answer.status_code}")
            served.append(_read(path, answer))
            link = next(iter(_LINK.findall(answer.text)), link)
            time.sleep(random.uniform(*THINKING))
    browser.close()
    return served


def _read(path: str, answer: httpx2.Response) -> Served:
    timing = answer.headers["server-timing"]
    parts = {name: float(duration) for name, duration in _PART.findall(timing)}
    calls = _CALLS.search(timing)
    return Served(
        path, parts["page"], parts["platform"], int(calls[1]) if calls else 0, answer.num_bytes_downloaded
    )
