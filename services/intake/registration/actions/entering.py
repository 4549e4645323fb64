"""What coordinators enter by hand: paper, calls, receptions, live sessions, with their legal day of receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.principals import Principal
from chassis.problems import Forbidden, Problem
from services.intake.local_time import local_day
from services.intake.receptions.actions import read_days, refuse
from services.intake.receptions.rules import find_naming_fault, find_receipt_fault
from services.intake.registration.actions.preparing import Submission
from services.intake.registration.schemas import NewAppeal

WHO_ENTERS: Final = frozenset({"coordinator", "admin"})


def check_entry(principal: Principal, new: NewAppeal, now: datetime) -> None:
    """403 where somebody else gives a day of receipt or a reception, or a municipal centre enters what lies outside of its
    municipalities; 422 for a day that cannot be, or another channel."""
    principal.require_municipality(new.municipality)
    if new.received_on is None and new.reception_id is None:
        return
    if principal.role not in WHO_ENTERS:
        raise Forbidden("Only coordinators give `received_on` and `reception_id`.")
    today = local_day(new.region, now)
    if fault := find_receipt_fault(new.received_on or today, new.channel, today):
        raise refuse(fault)


async def give_days_of_receptions(
    session: AsyncSession, items: Sequence[Submission], now: datetime
) -> Mapping[UUID, Problem]:
    """What names a reception was received on its day; the problems of those that name one wrongly, by appeal."""
    naming = [(item, item.row.reception_id) for item in items if item.row.reception_id is not None]
    days = await read_days(session, ((item.row.region, named) for item, named in naming)) if naming else {}
    problems = {
        item.id: _give_day(item, days.get((item.row.region, named)), local_day(item.row.region, now))
        for item, named in naming
    }
    return {appeal: problem for appeal, problem in problems.items() if problem is not None}


def _give_day(item: Submission, held_on: date | None, today: date) -> Problem | None:
    if fault := find_naming_fault(item.row.received_on, held_on, today):
        return refuse(fault)
    assert held_on is not None  # else it was a fault
    item.row.received_on = held_on
    late = find_receipt_fault(held_on, item.row.channel, today)
    return refuse(late) if late else None
