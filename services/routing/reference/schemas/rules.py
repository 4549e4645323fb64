"""Competence rules, and what others would have done."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from chassis.bodies import Body
from chassis.replacing import ReadOnly, Replacement
from contracts.routing import Role
from services.routing.assignments.schemas.assignments import OrganisationRef
from services.routing.reference.schemas.types import Code, Municipality, Note, RegionCode


def require_one_subject(topic: str | None, group: str | None) -> None:
    """ValueError for a rule that names both."""
    if topic is not None and group is not None:
        raise ValueError("a rule names a topic or a group, not both")


class RuleFields(Body):
    """Topic, group or neither × municipality or the whole region → a body."""

    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: UUID
    role: Role = "lead"
    comment: Note = ""

    @model_validator(mode="after")
    def _one_subject(self) -> RuleFields:
        require_one_subject(self.topic, self.group)
        return self


class NewRule(RuleFields):
    """A rule to create."""

    region: RegionCode


class ChosenOrganisation(Body):
    """An organisation by its id. `name` says nothing: it comes along where a rule is sent back as it was read."""

    id: UUID
    name: str | None = Field(default=None, json_schema_extra={"readOnly": True})


def _by_id(value: Any) -> Any:
    return {"id": value} if isinstance(value, str | UUID) else value


class ChangedRule(Replacement):
    """The rule as it shall be; `organisation` as an id or as GET gives it."""

    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: Annotated[
        ChosenOrganisation, BeforeValidator(_by_id, json_schema_input_type=UUID | ChosenOrganisation)
    ]
    role: Role = "lead"
    comment: Note = ""
    active: bool = True
    id: ReadOnly[UUID] = None
    region: ReadOnly[str] = None
    version: ReadOnly[int] = None

    @model_validator(mode="after")
    def _one_subject(self) -> ChangedRule:
        require_one_subject(self.topic, self.group)
        return self

    def fields(self) -> RuleFields:
        """What the rule shall say."""
        said = {**self.model_dump(include=set(RuleFields.model_fields)), "organisation": self.organisation.id}
        return RuleFields(**said)


class RuleView(BaseModel):
    """A competence rule."""

    id: UUID
    region: str
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: OrganisationRef
    role: Role
    comment: str
    active: bool
    version: int


class RulePage(BaseModel):
    """Part of the list of rules."""

    items: list[RuleView]
    next_cursor: str | None


class DryRun(Body):
    """Rules to add and to leave out, tried on the assignments of the last days."""

    region: RegionCode
    days: Annotated[int, Field(ge=1, le=366)] = 30
    add: Annotated[list[RuleFields], Field(max_length=5000)] = Field(default_factory=list)
    remove: Annotated[list[UUID], Field(max_length=5000)] = Field(default_factory=list)


class WouldMove(BaseModel):
    """One stored assignment that would go elsewhere; null is triage."""

    assignment_id: UUID
    number: str
    topic: str | None
    municipality: str | None
    now: OrganisationRef | None
    then: OrganisationRef | None


class Flow(BaseModel):
    """How many would go from one body to another; null is triage."""

    now: OrganisationRef | None
    then: OrganisationRef | None
    assignments: int


class DryRunResult(BaseModel):
    """What the changed rules would have done; nothing was stored."""

    region: str
    days: int
    examined: int
    would_move: int
    would_go_to_triage: int
    flows: list[Flow]
    examples: list[WouldMove]
