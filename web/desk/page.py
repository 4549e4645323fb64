"""The page of one assignment, as it is opened and as it comes back when an act was refused."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from chassis.moments import utc_now
from web.desk import rules
from web.desk.colleagues import read_colleagues
from web.desk.leases import drop_lease, lease_of
from web.desk.views import Details
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.visits import SignedInVisit


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was taken with an act that was refused: it need not be chosen again."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person has written, kept when the act is refused. `act`: which one it was, sent with which `key`."""

    act: str = ""
    key: str = ""
    text: str = ""
    outcome: str = ""
    promised_on: str = ""
    question: str = ""
    reason_code: str = ""
    comment: str = ""
    days: str = ""
    reason: str = ""
    person: str = ""
    files: list[KeptFile] = field(default_factory=list)

    def key_of(self, *acts: str) -> str:
        """The key that the form of these acts keeps, since it may have been done all the same; empty where none of them was sent."""
        return self.key if self.act in acts else ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an act was refused, in words; `stale`: somebody else has changed it meanwhile."""

    words: str
    status: int
    stale: bool = False
    lease_lost: bool = False

    @classmethod
    def of(cls, problem: PlatformProblem) -> Trouble:
        """From the platform's answer."""
        return cls(problem.words, problem.status, problem.status == 412, problem.slug == "lease-lost")


async def show_assignment(
    request: Request,
    who: SignedInVisit,
    assignment_id: UUID,
    origin: str,
    draft: Draft | None = None,
    trouble: Trouble | None = None,
) -> Response:
    """The page; `draft` and `trouble` where an act has just been refused."""
    item, colleagues = await asyncio.gather(
        who.platform.read(Details, f"/assignments/{assignment_id}"), read_colleagues(who)
    )
    now = utc_now()
    reserved = rules.is_reserved(item, now)
    own_lease = bool(lease_of(request)) and not (trouble and trouble.lease_lost)
    answer = resources_of(request).pages.page(
        request,
        "desk/appeal.html",
        trouble.status if trouble else 200,
        item=item,
        colleagues=colleagues,
        draft=draft or Draft(),
        trouble=trouble,
        origin=rules.origin_of(origin),
        now=now,
        rules=rules,
        key=secrets.token_urlsafe(18),
        is_mine=reserved and own_lease,
        is_anothers=reserved and not own_lease,
        done=request.query_params.get("done", "") if trouble is None else "",
        done_number=rules.number_shown(request.query_params.get("n", "")),
        sent=request.query_params.get("sent", "") if trouble is None else "",
    )
    if trouble is not None and trouble.lease_lost:
        drop_lease(request, answer, assignment_id)
    return answer
