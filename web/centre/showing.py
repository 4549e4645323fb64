"""How the centre's pages answer: a page, or what has become of an act."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from web.centre.visits import CentreVisit, regions_of
from web.centre.words import CHECK, CLOCK_STATE, CORRECTABLE, FLAG
from web.partial import is_partial, show_fault
from web.platform.problems import PlatformProblem
from web.resources import resources_of

T = TypeVar("T")
# What somebody else may have done meanwhile: then the person is shown how things stand now.
_OVERTAKEN: Final = (409, 412)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of an act. `words`: for the person; `now`: how things stand, where another was faster."""

    words: str
    status: int = 200
    now: str = ""

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return self.status == 200


@dataclass(frozen=True, slots=True)
class Refused:
    """The form of a page that was sent and refused: which `act`, and with what key."""

    act: str = ""
    once: str = ""

    def once_of(self, act: str) -> str:
        """The key that the form of an act keeps; empty for one that was not sent."""
        return self.once if act == self.act else ""


NOT_SENT: Final = Refused()


def once_field(region: str, kept: str = "") -> Markup:
    """What makes a repeated form the same request: one key for each form that is shown, and the region that it is shown for. `kept`:
    the key of a form that was sent and comes back – it may have been done all the same."""
    key = Markup('<input type="hidden" name="once" value="{}">').format(kept or secrets.token_urlsafe(18))
    return key + Markup('<input type="hidden" name="region" value="{}">').format(region)


def show(
    request: Request, visit: CentreVisit, template: str, code: int = 200, /, **context: object
) -> Response:
    """A page of the centre; `code`: of HTTP."""
    return resources_of(request).pages.page(
        request,
        f"centre/{template}",
        code,
        region=visit.region,
        regions=regions_of(visit.person),
        once_field=partial(once_field, visit.region),
        correctable=CORRECTABLE,
        state_words=CLOCK_STATE,
        check_words=CHECK,
        flag_words=FLAG,
        **context,
    )


def keep_for_a_while(request: Request, answer: Response) -> Response:
    """An answer that the browser may keep for five minutes, compressed where it takes that. Only for what holds no secret and
    nothing that was sent: from the length of such an answer nothing can be guessed."""
    answer.headers["Cache-Control"] = "private, max-age=300"
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return answer
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    headers |= {"content-encoding": "gzip", "vary": f"{answer.headers['vary']}, Accept-Encoding"}
    return Response(gzip.compress(bytes(answer.body), mtime=0), answer.status_code, headers)


def show_outcome(
    request: Request,
    visit: CentreVisit,
    outcome: Outcome,
    back: str,
    *,
    appeal: object = "",
) -> Response:
    """What has become of an act on one entry of a list: in the entry's place, or as a page with a way back to the list.

    What can be tried once more is said inside the entry. `appeal`: the one that was acted on, where its page is worth opening.
    """
    if is_partial(request) and not outcome.done and outcome.status not in _OVERTAKEN:
        return show_fault(request, outcome.status, outcome.words)
    return show(request, visit, "outcome.html", outcome.status, outcome=outcome, appeal=appeal, back_to=back)


async def attempt(
    act: Awaitable[T],
    words: Callable[[T], str],
    look: Callable[[], Awaitable[str]] | None = None,
) -> Outcome:
    """Do it and say so: `words` of what came of it, or what `ask_for` says."""
    answer = await ask_for(act, look)
    return answer if isinstance(answer, Outcome) else Outcome(words(answer))


async def ask_for(act: Awaitable[T], look: Callable[[], Awaitable[str]] | None = None) -> T | Outcome:
    """The answer to an act, or why it was refused; `look` tells how things stand where another was faster.

    What is not within reach stays a `PlatformProblem`: the page is then "not found".
    """
    try:
        return await act
    except PlatformProblem as problem:
        if problem.status in (401, 403, 404):
            raise
        now = await look() if look and problem.status in _OVERTAKEN else ""
        return Outcome(problem.words, problem.status, now)


def go(path: str, **query: str) -> RedirectResponse:
    """To a page after an act, so that reloading it repeats nothing."""
    filled = {name: value for name, value in query.items() if value}
    return RedirectResponse(path + (f"?{urlencode(filled)}" if filled else ""), 303)
