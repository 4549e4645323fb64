"""One action on many assignments: what is sent, and what became of each."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from chassis.problems import Problem
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.reference.schemas.types import AnyText

MOST_AT_ONCE = 500
BulkVerb = Literal["accept", "redirect", "answer", "assign"]


class BulkFields(Body):
    """What the single acts take. Judged for each item apart, so that one that is wrong does not spoil the others."""

    lease_token: AnyText | None = None
    external_ref: AnyText | None = None
    reason_code: AnyText | None = None
    comment: AnyText | None = None
    suggested_organisation: UUID | None = None
    text: AnyText | None = None
    outcome: AnyText | None = None
    promised_on: AnyText | None = None
    attachments: list[UUID] | None = None
    person: UUID | None = None


class BulkItem(BulkFields):
    """One assignment in the version it was seen in, and what is special about it."""

    id: UUID
    version: Annotated[int, Field(ge=0, le=999_999_999)]


class Bulk(BulkFields):
    """One action on many assignments; a field of an item wins over the common one."""

    action: BulkVerb
    items: Annotated[list[BulkItem], Field(min_length=1, max_length=MOST_AT_ONCE)]

    def fields_of(self, item: BulkItem) -> dict[str, object]:
        """What the single act on this item is asked with."""
        common = self.model_dump(exclude_unset=True, exclude={"action", "items"})
        return common | item.model_dump(exclude_unset=True, exclude={"id", "version"})


class ProblemView(BaseModel):
    """Why it was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, str]] = []


class BulkDone(BaseModel):
    """An assignment that was acted on, as it is now."""

    id: UUID
    status: Literal[200]
    assignment: AssignmentView


class BulkRefused(BaseModel):
    """An assignment that nothing was done with, and why."""

    id: UUID
    status: int
    problem: ProblemView

    @classmethod
    def of(cls, item: BulkItem, problem: Problem) -> BulkRefused:
        """With the document that the single act would have answered."""
        return cls(id=item.id, status=problem.status, problem=ProblemView.model_validate(problem.document()))


class BulkResult(BaseModel):
    """What became of each item, in the order they were sent in."""

    items: list[BulkDone | BulkRefused]
