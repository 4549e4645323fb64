"""One call of an action on one assignment: who calls, on what, in which version, and once per idempotency key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import Depends
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import Transaction
from chassis.idempotency import Idempotency, Idempotent
from chassis.principals import Principal, Role
from chassis.security import allowed
from chassis.versions import ExpectedVersion
from services.routing.assignments.actions.locks import ActionRequest

B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ActionCall:
    """What an action is run with."""

    session: AsyncSession
    idempotency: Idempotency
    request: ActionRequest

    async def run(
        self, action: Callable[[AsyncSession, ActionRequest, B], Awaitable[BaseModel]], body: B
    ) -> Response:
        """The action's answer, or the first one under the same key."""
        return await self.idempotency.run(
            self.session, self.request.principal, body, lambda: action(self.session, self.request, body)
        )


def _called_by(*roles: Role) -> Any:
    async def call(
        *,
        principal: Principal = allowed(*roles),
        session: Transaction,
        expected_version: ExpectedVersion,
        idempotency: Idempotent,
        assignment_id: UUID,
    ) -> ActionCall:
        return ActionCall(session, idempotency, ActionRequest(principal, assignment_id, expected_version))

    return Depends(call)


AgencyCall = Annotated[ActionCall, _called_by("agency")]
CoordinatorCall = Annotated[ActionCall, _called_by("coordinator")]
AgencyOrCoordinatorCall = Annotated[ActionCall, _called_by("agency", "coordinator")]
