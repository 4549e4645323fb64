"""Receptions that appeals name, looked up with the rights of whoever enters them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from fastapi import Request

from chassis.db import TransactionSeries
from chassis.moments import utc_now
from chassis.problems import Problem
from services.intake.registration.actions.entering import give_days_of_receptions
from services.intake.registration.actions.preparing import Submission


async def find_wrong_receptions(request: Request, items: Sequence[Submission]) -> Mapping[UUID, Problem]:
    """What names a reception is received on its day; the problems of those that name one wrongly, by appeal."""
    if not any(item.row.reception_id for item in items):
        return {}
    async with TransactionSeries(request).begin() as session:
        return await give_days_of_receptions(session, items, utc_now())
