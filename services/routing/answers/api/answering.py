"""An organisation answers its assignment, and looks at how others did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Reading, Transactions, TransactionSeries
from chassis.idempotency import Idempotency, Idempotent
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.answers.actions import submitting
from services.routing.answers.queries.similar import find_similar
from services.routing.answers.schemas.reviews import SignedAnswer
from services.routing.answers.schemas.similar import Similar
from services.routing.assignments.actions.locks import ActionRequest
from services.routing.assignments.schemas.acts import Interim
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.attachments.api import wait_for_files

B = TypeVar("B", Interim, SignedAnswer)


@dataclass(frozen=True, slots=True)
class _Answering:
    """What an answer is given with: its transaction begins when its files are known."""

    transactions: TransactionSeries
    idempotency: Idempotency
    request: ActionRequest

    async def run(
        self, action: Callable[[AsyncSession, ActionRequest, B], Awaitable[AssignmentView]], body: B
    ) -> Response:
        """The action's answer, or the first one under the same key."""
        principal = self.request.principal
        await wait_for_files(self.transactions, principal, body.attachments)
        async with self.transactions.begin() as session:
            return await self.idempotency.run(
                session, principal, body, lambda: action(session, self.request, body)
            )


def _answering(
    *,
    principal: Annotated[Principal, allowed("agency")],
    transactions: Transactions,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
) -> _Answering:
    return _Answering(transactions, idempotency, ActionRequest(principal, assignment_id, expected_version))


AnsweringCall = Annotated[_Answering, Depends(_answering)]
router = Router(prefix="/api/v1/assignments/{assignment_id}", tags=["assignments"])


@router.post("/interim", response_model=AssignmentView)
async def answer_interim(call: AnsweringCall, body: Interim) -> Response:
    """Give a plan; the question stays open."""
    return await call.run(submitting.answer_interim, body)


@router.post("/answer", response_model=AssignmentView)
async def answer(call: AnsweringCall, body: SignedAnswer) -> Response:
    """Answer the citizen; what a check blocks, the region's mode chooses or another person has to sign waits in review."""
    return await call.run(submitting.answer_assignment, body)


@router.get("/similar")
async def read_similar(
    principal: Annotated[Principal, allowed("agency", "coordinator")],
    session: Reading,
    assignment_id: UUID,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Similar:
    """Cases of the region like this one that were answered well, and templates."""
    return await find_similar(session, principal, assignment_id, limit)
