"""Partial updates: refusals that are said inside the entry of a list that they are about, whose form stays as it is."""

from __future__ import annotations

import re
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from web.rendering import PARTIAL
from web.resources import resources_of

# How htmx names the entry that an answer was to replace: its tag and its id (`e-<id>`).
_TARGET: Final = re.compile(r"[a-z]+#e-([0-9a-f-]{36})")


def is_partial(request: Request) -> bool:
    """Whether a script asks, for a part of its page."""
    return PARTIAL in request.headers


def show_fault(request: Request, status: int, words: str) -> Response:
    """The words alone; of an entry, where the entry's messages stand (`#w-<id>`)."""
    answer = resources_of(request).pages.page(request, "parts/fault.html", status, words=words)
    entry = _TARGET.fullmatch(request.headers.get("hx-target", ""))
    if entry:
        answer.headers["HX-Retarget"] = f"#w-{entry[1]}"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def ask_for_whole_page(request: Request, answer: Response) -> Response:
    """Where a whole page stands in the place of a part, the browser loads it as one."""
    if is_partial(request):
        answer.headers["HX-Refresh"] = "true"
    return answer
