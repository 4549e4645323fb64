"""HTTP: the queue, taking the next one, one act on many."""

from __future__ import annotations

import asyncio
import secrets
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from chassis.moments import utc_now
from web.desk import rules
from web.desk.bulk import BulkForm, act_on_chosen
from web.desk.colleagues import read_colleagues
from web.desk.going_on import claim_next
from web.desk.views import Counts, Queue
from web.platform.problems import PlatformProblem
from web.resources import resources_of
from web.visits import SignedInVisit, require_role

router = APIRouter()
Official = Annotated[SignedInVisit, require_role("agency")]
PAGE: Final = 50


@router.get("/desk")
async def open_queue(request: Request, who: Official) -> Response:
    """The organisation's queue, most urgent first."""
    return await show_queue(request, who)


async def show_queue(
    request: Request, who: SignedInVisit, fault: str = "", status: int = 200, draft: BulkForm | None = None
) -> Response:
    """The page; `fault`: what has just gone wrong, `draft`: with what was ticked and written."""
    now, written = utc_now(), draft or BulkForm()
    filters = rules.Filters.of(request.query_params)
    queue, counts, colleagues = await asyncio.gather(
        who.platform.read(
            Queue,
            "/queue",
            filters.asked(now, who.person.region, who.person.id)
            | {"limit": PAGE, "cursor": request.query_params.get("cursor", "")},
        ),
        who.platform.read(Counts, "/queue/counts"),
        read_colleagues(who),
    )
    return resources_of(request).pages.page(
        request,
        "desk/queue.html",
        status,
        queue=queue,
        counts=counts,
        colleagues=colleagues,
        of_person=colleagues.name_of(UUID(filters.person)) if filters.person else "",
        filters=filters,
        now=now,
        rules=rules,
        key=written.key or secrets.token_urlsafe(18),
        fault=fault,
        draft=written,
        chosen={each.id for each in rules.read_chosen(written.chosen)},
        cursor=request.query_params.get("cursor", ""),
        done=request.query_params.get("done", ""),
        done_number=rules.number_shown(request.query_params.get("n", "")),
        sent=request.query_params.get("sent", ""),
        is_later_page="cursor" in request.query_params,
    )


@router.post("/desk/next")
async def take_next(request: Request, who: Official) -> Response:
    """Reserve the most urgent new one and open it."""
    taken = await claim_next(request, who)
    return taken or RedirectResponse("/desk?done=nothing", 303)


@router.post("/desk/bulk")
async def act_on_many(request: Request, who: Official, form: Annotated[BulkForm, Form()]) -> Response:
    """Accept, redirect or answer several, or give them to a colleague; what became of each."""
    chosen = rules.read_chosen(form.chosen)
    if not chosen:
        return await show_queue(request, who, "Сначала отметьте обращения в списке.", 422, form)
    if form.action == "assign" and (await read_colleagues(who)).find_working(form.person) is None:
        return await show_queue(request, who, "Выберите сотрудника из списка.", 422, form)
    try:
        result = await act_on_chosen(who.platform, form, chosen)
    except PlatformProblem as problem:
        return await show_queue(request, who, problem.words, problem.status, form)
    numbers: dict[UUID, str] = {each.id: each.number for each in chosen}
    return resources_of(request).pages.page(
        request,
        "desk/bulk.html",
        action=form.action,
        result=result,
        numbers=numbers,
        done=sum(1 for each in result.items if each.assignment),
    )
