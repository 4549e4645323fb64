"""One action on many assignments: each is a transaction of its own, so that none undoes another and a crash loses none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.bodies import Body
from chassis.bulk import BulkCall
from chassis.db import Transactions
from chassis.idempotency import Idempotent
from chassis.principals import Principal
from chassis.problems import Forbidden
from chassis.security import allowed
from chassis.strict_routes import Router
from services.routing.answers.actions import submitting
from services.routing.answers.schemas.reviews import SignedAnswer
from services.routing.assignments.actions import notes, redirects, work
from services.routing.assignments.actions.locks import ActionRequest
from services.routing.assignments.schemas.acts import Accept, GiveToPerson, Redirect
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.assignments.schemas.bulk import Bulk, BulkDone, BulkItem, BulkRefused, BulkResult
from services.routing.attachments.api import wait_for_files

router = Router(prefix="/api/v1/assignments", tags=["assignments"])
Acting = Annotated[Principal, allowed("agency", "coordinator")]
B = TypeVar("B", bound=Body)


@dataclass(frozen=True)
class _Act(Generic[B]):
    """A single act: what it is sent, what it does."""

    sent_as: type[B]
    act: Callable[[AsyncSession, ActionRequest, B], Awaitable[AssignmentView]]


_ACTS: Final[Mapping[str, _Act[Any]]] = {
    "accept": _Act(Accept, work.accept_assignment),
    "redirect": _Act(Redirect, redirects.redirect_assignment),
    "answer": _Act(SignedAnswer, submitting.answer_one_of_many),
    "assign": _Act(GiveToPerson, notes.give_to_person),
}


async def _act_on(call: BulkCall[BulkItem], action: str, number: int, item: BulkItem) -> BulkDone:
    act = _ACTS[action]
    wanted = call.read(act.sent_as, number, item)
    request = ActionRequest(call.principal, item.id, item.version)
    done = await call.once(number, wanted, lambda session: act.act(session, request, wanted))
    return BulkDone(id=item.id, status=200, assignment=AssignmentView.model_validate_json(done))


@router.post("/bulk", response_model=BulkResult)
async def act_on_many(
    principal: Acting, transactions: Transactions, idempotency: Idempotent, body: Bulk
) -> Response:
    """One action on up to 500 assignments, by who may do it singly. Repeated with the same key, it goes on where it was."""
    if body.action != "redirect" and principal.organisation_id is None:
        raise Forbidden("An organisation alone accepts, answers and gives to its people.")
    call = BulkCall(principal, transactions, idempotency, body)
    known = await call.begin()
    if known is not None:
        return known
    if body.action == "answer":
        named = [each for item in (body, *body.items) for each in item.attachments or ()]
        await wait_for_files(transactions, principal, named)
    items = await call.each(lambda number, item: _act_on(call, body.action, number, item), BulkRefused.of)
    return await call.end(BulkResult(items=items))
