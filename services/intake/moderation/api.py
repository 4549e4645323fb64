"""The moderator's queue: appeals of channels and with flags that their region holds, and objections of citizens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction, Transactions, TransactionSeries
from chassis.idempotency import Idempotency, Idempotent
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Unprocessable, problem_of, validation_errors
from chassis.resources import resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from services.intake.field_types import RegionCode
from services.intake.moderation.actions.deciding import moderate_appeal
from services.intake.moderation.queries import list_waiting
from services.intake.moderation.schemas import (
    Decision,
    DecisionDone,
    DecisionItem,
    DecisionRefused,
    Decisions,
    DecisionsResult,
    Moderated,
    ModerationPage,
)

router = Router(prefix="/api/v1", tags=["moderation"])
Moderator = Annotated[Principal, allowed("coordinator")]


@router.get("/moderation")
async def list_moderation(
    principal: Moderator,
    session: Reading,
    request: Request,
    region: RegionCode | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> ModerationPage:
    """Appeals waiting for a moderator: objections first, then oldest first."""
    return await list_waiting(session, principal, resources_of(request).cursors, region, cursor, limit)


@router.post("/appeals/{appeal_id}/moderation")
async def moderate(principal: Moderator, session: Transaction, appeal_id: UUID, body: Decision) -> Moderated:
    """Decide on one appeal."""
    return await moderate_appeal(session, principal, appeal_id, body, utc_now())


@dataclass(frozen=True)
class _Call:
    """What every decision of a call is taken with."""

    principal: Principal
    transactions: TransactionSeries
    idempotency: Idempotency
    body: Decisions

    async def decide(self, number: int, item: DecisionItem) -> DecisionDone | DecisionRefused:
        """Take it, or say why not; a passing trouble of ours ends the whole call, which is then repeated."""
        try:
            return await self._decide(number, item)
        except Exception as error:
            problem = problem_of(error)
            if problem is None or problem.status == 503:
                raise
            return DecisionRefused.of(item, problem)

    async def _decide(self, number: int, item: DecisionItem) -> DecisionDone:
        decision = _read(self.body, number, item)
        async with self.transactions.begin() as session:
            answer = await self.idempotency.part(number).run(
                session,
                self.principal,
                {"id": str(item.id), **decision.model_dump(mode="json")},
                lambda: moderate_appeal(session, self.principal, item.id, decision, utc_now()),
            )
        return DecisionDone(id=item.id, appeal=Moderated.model_validate_json(bytes(answer.body)))


def _read(body: Decisions, number: int, item: DecisionItem) -> Decision:
    """What the single route would have been sent; 422 with pointers into what was sent here."""
    try:
        return Decision.model_validate(body.fields_of(item))
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        errors = validation_errors(found, Decision)
        placed = [each | {"pointer": f"/items/{number}{each['pointer']}"} for each in errors]
        raise Unprocessable("See errors.", errors=placed) from None


@router.post("/moderation/decisions", response_model=DecisionsResult)
async def moderate_many(
    principal: Moderator, transactions: Transactions, idempotency: Idempotent, body: Decisions
) -> Response:
    """Decide on up to 500 appeals, each for itself. Repeated with the same key, it goes on where it was."""
    async with transactions.begin() as session:
        known = await idempotency.begin_whole(session, principal, body)
    if known is not None:
        return known
    call = _Call(principal, transactions, idempotency, body)
    items = [await call.decide(number, item) for number, item in enumerate(body.items)]
    async with transactions.begin() as session:
        return await idempotency.end_whole(session, principal, DecisionsResult(items=items), parts=len(items))
