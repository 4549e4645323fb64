"""What opens after an act: the next one, so that work goes on."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from chassis.moments import utc_now
from web.desk import rules
from web.desk.case_views import Acted
from web.desk.leases import drop_lease, keep_lease, path_of
from web.desk.views import Claimed, Queue
from web.platform.problems import NO_ANSWER
from web.visits import SignedInVisit

_LOOKED_AT = 20
_SENDS_THE_TEXT = ("interim",)


async def claim_next(request: Request, who: SignedInVisit, done: str = "") -> Response | None:
    """Reserve the most urgent new one and go to it; None where there is none. `done`: what has just been done, as a query."""
    claimed = await who.platform.send(Claimed, "/queue/claim", {"limit": 1})
    if not claimed.items:
        return None
    (item,) = claimed.items
    answer = RedirectResponse(f"{path_of(item.id)}?{_joined(f'from={rules.NEXT_NEW}', done)}", 303)
    keep_lease(request, answer, item.id, item.lease_token, item.lease_expires_at, utc_now())
    return answer


def stay(assignment_id: UUID, kind: str, origin: str) -> Response:
    """The same one again, as it is now; a text that was sent with the act is no draft any more."""
    query = {"from": origin, "done": kind} | ({"sent": str(assignment_id)} if kind in _SENDS_THE_TEXT else {})
    return RedirectResponse(f"{path_of(assignment_id)}?{urlencode(query)}", 303)


async def go_on(request: Request, who: SignedInVisit, acted: Acted, kind: str, origin: str) -> Response:
    """From one that is done to the next: a new one for who takes one after another, else that of the queue as it was narrowed.
    Where no next one is to be had, the queue says what is done."""
    done = urlencode({"done": kind, "n": acted.number, "sent": str(acted.id)})
    known = rules.origin_of(origin)
    try:
        answer = await _find_next(request, who, acted, done, known)
    except NO_ANSWER:
        queue = "" if known == rules.NEXT_NEW else known
        answer = RedirectResponse(f"/desk?{_joined(queue, done)}", 303)
    drop_lease(request, answer, acted.id)
    return answer


async def _find_next(request: Request, who: SignedInVisit, acted: Acted, done: str, origin: str) -> Response:
    if origin == rules.NEXT_NEW:
        return await claim_next(request, who, done) or RedirectResponse(f"/desk?{done}", 303)
    filters, now = rules.filters_in(origin), utc_now()
    asked = filters.asked(now, who.person.region, who.person.id) | {"limit": _LOOKED_AT}
    queue = await who.platform.read(Queue, "/queue", asked)
    found = rules.next_of(queue.items, acted.id, now)
    if found is None:
        return RedirectResponse(f"/desk?{_joined(origin, done)}", 303)
    return RedirectResponse(f"{path_of(found.id)}?{_joined(urlencode({'from': origin}), done)}", 303)


def _joined(*queries: str) -> str:
    return "&".join(query for query in queries if query)
