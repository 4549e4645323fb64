"""Search over everything within reach."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel

from web.centre.rules import is_number
from web.centre.showing import go, show
from web.centre.views.appeals import AppealPage
from web.centre.visits import AtTheCentre
from web.platform.problems import PlatformProblem
from web.words import APPEAL_STATUS

router = APIRouter()
_AT_ONCE: Final = 30


class SearchForm(BaseModel):
    """What is looked for: words or a number, a status, local days from one (inclusive) to another (exclusive)."""

    q: str = ""
    status: str = ""
    since: str = ""
    until: str = ""
    cursor: str = ""

    def query(self, region: str) -> dict[str, str | int]:
        """The same as the platform is asked."""
        status = self.status if self.status in APPEAL_STATUS else ""
        days = {"from": self.since, "to": self.until}
        return {
            "region": region,
            "q": self.words,
            "status": status,
            **days,
            "limit": _AT_ONCE,
            "cursor": self.cursor,
        }

    @property
    def words(self) -> str:
        """Without blanks that mean nothing."""
        return " ".join(self.q.split())


@router.get("/centre/search")
async def search(request: Request, visit: AtTheCentre, form: Annotated[SearchForm, Query()]) -> Response:
    """By words of the masked text or by number; a number leads to its appeal."""
    page, fault = AppealPage(items=[], next_cursor=None), ""
    try:
        page = await visit.platform.read(AppealPage, "/appeals", form.query(visit.region))
    except PlatformProblem as problem:
        if problem.status not in (400, 422):
            raise
        fault = "Проверьте слова и даты поиска."
    if is_number(form.words) and len(page.items) == 1:
        return go(f"/centre/a/{page.items[0].id}")
    return show(
        request,
        visit,
        "search.html",
        422 if fault else 200,
        items=page.items,
        cursor=page.next_cursor,
        asked=form.model_dump(exclude={"cursor"}),
        statuses=APPEAL_STATUS,
        fault=fault,
    )
