"""Topics, organisations, competence rules, settings, and a whole region's reference data at once."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from contracts.routing import Role
from services.routing.schemas.assignments import OrganisationRef
from services.routing.schemas.types import (
    Code,
    LeaseSeconds,
    Municipality,
    Name,
    Note,
    RegionCode,
    Share,
    Stem,
)

Kind = Literal["federal", "regional", "municipal", "institution", "company", "coordinator"]


def _or_default(default: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: default if value is None else value)


RoleOrLead = Annotated[Role, _or_default("lead")]
NoteOrNone = Annotated[Note, _or_default("")]
MANY = 20_000


class TopicView(BaseModel):
    """A topic of a region."""

    region: str
    code: str
    name: str
    group: str
    group_name: str
    active: bool
    version: int


class TopicPage(BaseModel):
    """Part of the list of topics."""

    items: list[TopicView]
    next_cursor: str | None


class GroupRow(BaseModel):
    """A topic group."""

    code: Code
    name: Name


class TopicRow(BaseModel):
    """A topic and its group's code."""

    code: Code
    name: Name
    group: Code
    active: bool = True


class NewTopics(BaseModel):
    """Topics and groups to create or change; what is not named stays."""

    region: RegionCode
    groups: Annotated[list[GroupRow], Field(max_length=500)] = []
    topics: Annotated[list[TopicRow], Field(max_length=5000)]


class TopicsChanged(BaseModel):
    """Codes of the topics that were new or different."""

    region: str
    changed: list[str]


class OrganisationFields(BaseModel):
    """What can be said of an organisation."""

    name: Name
    kind: Kind
    parent_id: UUID | None = None
    municipality: Municipality | None = None


class NewOrganisation(OrganisationFields):
    """An organisation to create; its id follows from region and code."""

    region: RegionCode
    code: Code


class ChangedOrganisation(OrganisationFields):
    """The organisation as it shall be."""

    active: bool = True


class OrganisationView(BaseModel):
    """A body or company that executes."""

    id: UUID
    region: str
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    municipality: str | None
    active: bool
    version: int


class OrganisationPage(BaseModel):
    """Part of the list of organisations."""

    items: list[OrganisationView]
    next_cursor: str | None


class RuleFields(BaseModel):
    """Topic, group or neither × municipality or the whole region → a body."""

    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: UUID
    role: Role = "lead"
    comment: Note = ""

    @model_validator(mode="after")
    def _one_subject(self) -> RuleFields:
        if self.topic is not None and self.group is not None:
            raise ValueError("a rule names a topic or a group, not both")
        return self


class NewRule(RuleFields):
    """A rule to create."""

    region: RegionCode


class ChangedRule(RuleFields):
    """The rule as it shall be."""

    active: bool = True


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


class DryRun(BaseModel):
    """Rules to add and to leave out, tried on the assignments of the last days."""

    region: RegionCode
    days: Annotated[int, Field(ge=1, le=366)] = 30
    add: Annotated[list[RuleFields], Field(max_length=5000)] = []
    remove: Annotated[list[UUID], Field(max_length=5000)] = []


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


class OrganisationRow(BaseModel):
    """An organisation by codes."""

    code: Code
    name: Name
    kind: Kind
    parent: Code | None = None
    municipality: Municipality | None = None


class MunicipalityRow(BaseModel):
    """A municipality and the beginnings of words by which texts name it."""

    oktmo: Municipality
    name: Name
    kind: Annotated[Note, _or_default("")] = ""
    stems: Annotated[list[Stem], Field(max_length=500)] = []


class RuleRow(BaseModel):
    """A competence rule by codes."""

    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: Code
    role: RoleOrLead = "lead"
    comment: NoteOrNone = ""


class Reference(BaseModel):
    """Reference data of a region by codes: created or changed; what is not named stays."""

    groups: Annotated[list[GroupRow], Field(max_length=500)] = []
    topics: Annotated[list[TopicRow], Field(max_length=5000)] = []
    organisations: Annotated[list[OrganisationRow], Field(max_length=MANY)] = []
    municipalities: Annotated[list[MunicipalityRow], Field(max_length=5000)] = []
    rules: Annotated[list[RuleRow], Field(max_length=100_000)] = []


class ReferenceLoaded(BaseModel):
    """How many of each were given and how many of them were new or different; ids of the organisations by code."""

    region: str
    version: int
    groups: int
    topics: int
    municipalities: int
    rules: int
    changed: dict[str, int]
    organisations: dict[str, UUID]


class NewRoutingSettings(BaseModel):
    """`auto_route_threshold`: confidence below which a coordinator decides; `hop_limit`: redirects in a row."""

    auto_route_threshold: Share = 0.30
    hop_limit: Annotated[int, Field(ge=1, le=20)] = 3
    lease_seconds: LeaseSeconds = 300


class RoutingSettings(NewRoutingSettings):
    """The settings in force; version 0 are the defaults."""

    region: str
    version: int
