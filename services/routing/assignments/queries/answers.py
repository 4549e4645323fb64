"""Answers in full."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import NotFound
from chassis.security import Principal
from services.routing.reference.queries.cache import read_book
from services.routing.tables import ANSWER_WORDS
from services.routing.assignments.schemas.assignments import AnswerView, name_organisation

_SELECT = """
SELECT w.*, r.client_id AS submitted_by FROM routing.answer w
LEFT JOIN routing.routed_appeal r ON r.region = w.region AND r.appeal_id = w.appeal_id
WHERE w.region = ANY(:regions) AND w.id = :id
"""


async def read_answer(session: AsyncSession, principal: Principal, answer_id: UUID) -> AnswerView:
    """For the portal that submitted the appeal, the body that answered, and coordinators; 404 for others."""
    found = await session.execute(text(_SELECT), {"regions": principal.regions_within(), "id": answer_id})
    row = found.mappings().first()
    if row is None:
        raise NotFound
    if principal.role == "portal" and row["submitted_by"] != principal.client_id:
        raise NotFound
    if principal.role == "agency" and row["organisation_id"] != principal.organisation:
        raise NotFound
    book = await read_book(session, row["region"])
    return AnswerView.model_validate(
        {
            **row,
            **ANSWER_WORDS.open(session, row),
            "organisation": name_organisation(book, row["organisation_id"]),
        }
    )
