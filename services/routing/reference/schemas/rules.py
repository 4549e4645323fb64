"""Competence rules, and what others would have done."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from chassis.bodies import Body
from chassis.problems import Unprocessable
from chassis.replacing import ReadOnly, Replacement
from contracts.routing import Role
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.types import Code, Municipality, Note, RegionCode
from services.routing.tables.reference import Rule


def require_one_subject(topic: str | None, group: str | None) -> None:
    """ValueError for a rule that names both."""
    if topic is not None and group is not None:
        raise ValueError("a rule names a topic or a group, not both")


class RuleFields(Body):
    """Topic, group or neither × municipality or the whole region → an organisation."""

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

    def require_known(self, reference: RegionReference, pointer: str = "") -> None:
        """422 for a topic, group or organisation that the region does not have; `pointer`: where the rule stands."""
        named = (
            ("topic", "topic", self.topic, reference.topics),
            ("group", "topic group", self.group, reference.groups),
            ("organisation", "organisation", self.organisation, reference.organisations),
        )
        errors = [
            {"pointer": f"{pointer}/{field}", "message": f"there is no such {what}"}
            for field, what, value, known in named
            if value is not None and value not in known
        ]
        if errors:
            raise Unprocessable("See errors.", errors=errors)


class NewRule(RuleFields):
    """A rule to create."""

    region: RegionCode


class ChosenOrganisation(Body):
    """An organisation by its id. `name` decides nothing: it comes along where a rule is sent back as it was read."""

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
        """The rule as it shall be, with its organisation by id."""
        wanted = self.model_dump(include=set(RuleFields.model_fields))
        return RuleFields(**wanted | {"organisation": self.organisation.id})


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

    @classmethod
    def of(cls, rule: Rule, reference: RegionReference) -> RuleView:
        """A stored rule with the name of its organisation."""
        return cls(
            id=rule.id,
            region=rule.region,
            topic=rule.topic,
            group=rule.group_code,
            municipality=rule.municipality,
            organisation=OrganisationRef.of(rule.organisation_id, reference),
            role=rule.role,
            comment=rule.comment,
            active=rule.active,
            version=rule.version,
        )


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
    """How many would go from one organisation to another; null is triage."""

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
