"""One action on many assignments: each is a transaction of its own, so that none undoes another and a crash loses none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.bodies import Body
from chassis.db import Transactions, TransactionSeries
from chassis.idempotency import Idempotency, Idempotent
from chassis.principals import Principal
from chassis.problems import Forbidden, Unprocessable, problem_of, validation_errors
from chassis.security import allowed
from chassis.strict_routes import Router
from services.routing.answers.actions import submitting
from services.routing.answers.schemas.reviews import SignedAnswer
from services.routing.assignments.actions import redirects, work
from services.routing.assignments.actions.locks import ActionRequest
from services.routing.assignments.schemas.acts import Accept, Redirect
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
    "answer": _Act(SignedAnswer, submitting.answer_assignment),
}


@dataclass(frozen=True)
class _BulkCall:
    """What every item is done with."""

    principal: Principal
    transactions: TransactionSeries
    idempotency: Idempotency
    body: Bulk

    async def act_on(self, number: int, item: BulkItem) -> BulkDone | BulkRefused:
        """Do it, or say why not; a passing trouble of ours ends the whole call, which is then repeated."""
        try:
            return await self._do(number, item)
        except Exception as error:
            problem = problem_of(error)
            if problem is None or problem.status == 503:
                raise
            return BulkRefused.of(item, problem)

    async def _do(self, number: int, item: BulkItem) -> BulkDone:
        act = _ACTS[self.body.action]
        wanted = _read(act.sent_as, self.body, number, item)
        request = ActionRequest(self.principal, item.id, item.version)
        async with self.transactions.begin() as session:
            answer = await self.idempotency.part(number).run(
                session, self.principal, wanted, lambda: act.act(session, request, wanted)
            )
        return BulkDone(
            id=item.id, status=200, assignment=AssignmentView.model_validate_json(bytes(answer.body))
        )


def _read(sent_as: type[B], body: Bulk, number: int, item: BulkItem) -> B:
    """What the single act would have been sent; 422 with pointers into what was sent here."""
    try:
        return sent_as.model_validate(body.fields_of(item))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        errors = validation_errors(found, sent_as)
        placed = [each | {"pointer": _place(each["pointer"], body, number, item)} for each in errors]
        raise Unprocessable("See errors.", errors=placed) from None


def _place(pointer: str, body: Bulk, number: int, item: BulkItem) -> str:
    name = pointer[1:].partition("/")[0]
    is_common = name in body.model_fields_set and name not in item.model_fields_set
    return pointer if is_common else f"/items/{number}{pointer}"


@router.post("/bulk", response_model=BulkResult)
async def act_on_many(
    principal: Acting, transactions: Transactions, idempotency: Idempotent, body: Bulk
) -> Response:
    """One action on up to 500 assignments, by who may do it singly. Repeated with the same key, it goes on where it was."""
    if body.action != "redirect" and principal.organisation_id is None:
        raise Forbidden("An organisation alone accepts and answers.")
    async with transactions.begin() as session:
        known = await idempotency.begin_whole(session, principal, body)
    if known is not None:
        return known
    call = _BulkCall(principal, transactions, idempotency, body)
    named = [each for item in (body, *body.items) for each in item.attachments or ()]
    if body.action == "answer":
        await wait_for_files(transactions, principal, named)
    items = [await call.act_on(number, item) for number, item in enumerate(body.items)]
    async with transactions.begin() as session:
        return await idempotency.end_whole(session, principal, BulkResult(items=items), parts=len(items))
