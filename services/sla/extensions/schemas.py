"""Extensions, escalations and the operator's rebuild."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from services.sla import tables
from services.sla.calendars.schemas import Text
from services.sla.tables import Decision


class Extension(BaseModel):
    """A request for more days and what was decided; `notice` is what the citizen was notified of, and when."""

    id: UUID
    region: str
    appeal_id: UUID
    assignment_id: UUID
    organisation_id: UUID
    days: int
    reason: str
    requested_at: datetime
    decision: Decision | None
    decided_days: int | None
    decision_reason: str | None
    decided_at: datetime | None
    notified_at: datetime | None
    notice: str | None


class Extensions(BaseModel):
    """A page, oldest first."""

    items: list[Extension]
    next_cursor: str | None = None


class DecisionBody(Body):
    """A coordinator's decision."""

    decision: Decision
    reason: Text


def show_extension(row: tables.Extension, words: Mapping[str, str | None], masked: str | None) -> Extension:
    """A request as it goes out. `words`: what its row keeps sealed. The organisation's reason is intake's to mask:
    until `masked` has come it is empty."""
    return Extension(
        id=row.extension_id,
        region=row.region,
        appeal_id=row.appeal_id,
        assignment_id=row.assignment_id,
        organisation_id=row.organisation_id,
        days=row.days,
        reason=masked or words["reason"] or "",
        requested_at=row.requested_at,
        decision=row.decision,
        decided_days=row.decided_days,
        decision_reason=words["decision_reason"],
        decided_at=row.decided_at,
        notified_at=row.notified_at,
        notice=words["notice"],
    )
