"""Search over everything within reach."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from web.centre.rules import is_number
from web.centre.showing import go, show
from web.centre.views.appeals import AppealPage
from web.centre.visits import AtTheCentre
from web.platform.problems import PlatformProblem
from web.words import APPEAL_STATUS

router = APIRouter()
_AT_ONCE: Final = 30


@router.get("/centre/search")
async def search(
    request: Request,
    visit: AtTheCentre,
    q: str = "",
    status: str = "",
    since: str = "",
    until: str = "",
    cursor: str = "",
) -> Response:
    """By words of the masked text or by number; a number leads to its appeal."""
    words = " ".join(q.split())
    asked = {
        "region": visit.region,
        "q": words,
        "status": status if status in APPEAL_STATUS else "",
        "from": since,
        "to": until,
    }
    page, fault = AppealPage(items=[], next_cursor=None), ""
    try:
        page = await visit.platform.read(
            AppealPage, "/appeals", asked | {"limit": _AT_ONCE, "cursor": cursor}
        )
    except PlatformProblem as problem:
        if problem.status not in (400, 422):
            raise
        fault = "Проверьте слова и даты поиска."
    if is_number(words) and len(page.items) == 1:
        return go(f"/centre/a/{page.items[0].id}")
    return show(
        request,
        visit,
        "search.html",
        422 if fault else 200,
        items=page.items,
        cursor=page.next_cursor,
        asked={"q": words, "status": asked["status"], "since": since, "until": until},
        statuses=APPEAL_STATUS,
        fault=fault,
    )
