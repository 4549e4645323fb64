"""Drawing decisions for audit, in the transaction that makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from services.routing.learning.rules.drawing import is_drawn
from services.routing.reference.queries.cache import audit_key_of
from services.routing.reference.queries.models import shipped_model_id
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.assignments import NewAssignment
from services.routing.tables.learning import NewAudit, audit


@dataclass(frozen=True, slots=True)
class Placed:
    """A new assignment about whose topic a model was asked. `confidence` 0..1; `model`: None for the shipped one."""

    assignment: NewAssignment
    text: str
    confidence: float
    model: UUID | None

    @property
    def is_automatic(self) -> bool:
        """Whether it went to its organisation without a person."""
        return self.assignment.status == "new" and self.assignment.topic is not None


async def draw_audits(
    session: AsyncSession, references: Mapping[str, RegionReference], placed: Sequence[Placed]
) -> None:
    """Of the decisions that models made without a person, a region's share."""
    key = audit_key_of(session)
    drawn = [
        _audit_of(each)
        for each in placed
        if each.is_automatic
        and is_drawn(key, each.assignment.appeal_id, references[each.assignment.region].settings.audit_share)
    ]
    await insert_rows(session, audit, drawn)


def _audit_of(placed: Placed) -> NewAudit:
    decided = placed.assignment
    assert decided.topic is not None
    assert decided.organisation_id is not None
    return NewAudit(
        region=decided.region,
        id=uuid7(),
        assignment_id=decided.id,
        appeal_id=decided.appeal_id,
        model_id=placed.model or shipped_model_id(decided.region),
        topic=decided.topic,
        organisation_id=decided.organisation_id,
        confidence=placed.confidence,
        drawn_at=decided.created_at,
    )
