"""Topics, organisations, competence rules, settings, and a whole region's reference data at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from chassis.bodies import Body
from chassis.replacing import Moving, ReadOnly, Replacement
from contracts.routing import Role
from services.routing.reference.rules.region_settings import RegionSettings, ReviewMode, SecondSignature
from services.routing.reference.schemas.service_areas import ServiceAreaRow
from services.routing.reference.schemas.settlements import SettlementRow, StreetRow
from services.routing.reference.schemas.terms import RuleTerms
from services.routing.reference.schemas.types import (
    Code,
    LeaseSeconds,
    Municipality,
    Name,
    Note,
    Precision,
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
MOST_ROWS = 100_000


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


class GroupRow(Body):
    """A topic group."""

    code: Code
    name: Name


class TopicRow(Body):
    """A topic and its group's code."""

    code: Code
    name: Name
    group: Code
    active: bool = True


class ChangedTopic(TopicRow):
    """The topic as it shall be."""

    region: ReadOnly[RegionCode] = None
    group_name: ReadOnly[str] = None
    version: ReadOnly[int] = None


def _only_region_of(topics: Sequence[ChangedTopic]) -> str:
    regions = {topic.region for topic in topics}
    found = regions.pop() if len(regions) == 1 else None
    if found is None:
        raise ValueError("name the region")
    return found


class NewTopics(Body):
    """Topics and groups to create or change; what is not named stays.

    A page of `GET /topics` can be sent back as it came: its `items` are `topics`, and name their region.
    """

    region: RegionCode | None = None
    groups: Annotated[list[GroupRow], Field(max_length=500)] = Field(default_factory=list)
    topics: Annotated[list[ChangedTopic], Field(max_length=5000)] = Field(default_factory=list)
    items: Annotated[list[ChangedTopic], Field(max_length=5000)] = Field(default_factory=list)
    next_cursor: Moving[str] = None

    @model_validator(mode="after")
    def _of_one_region(self) -> NewTopics:
        if len({"topics", "items"} & self.model_fields_set) != 1:
            raise ValueError("send topics, or items as GET gave them")
        if self.region is None:
            self.region = _only_region_of(self.items)
        return self

    @property
    def sent(self) -> tuple[str, list[ChangedTopic]]:
        """The topics, and where in the JSON they stood."""
        return ("/items", self.items) if self.items else ("/topics", self.topics)

    @property
    def of_region(self) -> str:
        """The region all of it belongs to."""
        assert self.region is not None
        return self.region


class TopicsChanged(BaseModel):
    """Codes of the topics that were new or different."""

    region: str
    changed: list[str]


class OrganisationFields(Body):
    """What can be stated of an organisation."""

    name: Name
    kind: Kind
    parent_id: UUID | None = None
    municipality: Municipality | None = None


class NewOrganisation(OrganisationFields):
    """An organisation to create; its id follows from region and code."""

    region: RegionCode
    code: Code


class ChangedOrganisation(OrganisationFields, Replacement):
    """The organisation as it shall be."""

    active: bool = True
    id: ReadOnly[UUID] = None
    region: ReadOnly[str] = None
    code: ReadOnly[str] = None
    version: ReadOnly[int] = None


class OrganisationView(BaseModel):
    """An authority or company that executes."""

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


class OrganisationRow(Body):
    """An organisation by codes."""

    code: Code
    name: Name
    kind: Kind
    parent: Code | None = None
    municipality: Municipality | None = None
    active: bool = True


class MunicipalityRow(Body):
    """A municipality and the beginnings of words by which texts name it."""

    oktmo: Municipality
    name: Name
    kind: Annotated[Note, _or_default("")] = ""
    stems: Annotated[list[Stem], Field(max_length=500)] = Field(default_factory=list)
    population: Annotated[
        int | None,
        Field(
            ge=1,
            le=50_000_000,
            description="Residents, as figures per resident count them; left out: as before.",
            examples=[437_129],
        ),
    ] = None


class RuleRow(RuleTerms):
    """A competence rule by codes. Another position, comment or `active` changes the rule, another term makes a new one."""

    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: Code
    role: RoleOrLead = "lead"
    comment: NoteOrNone = ""
    active: bool = True


class Reference(Body):
    """Reference data of a region by codes: created or changed; what is not named stays."""

    groups: Annotated[list[GroupRow], Field(max_length=500)] = Field(default_factory=list)
    topics: Annotated[list[TopicRow], Field(max_length=5000)] = Field(default_factory=list)
    organisations: Annotated[list[OrganisationRow], Field(max_length=MANY)] = Field(default_factory=list)
    municipalities: Annotated[list[MunicipalityRow], Field(max_length=5000)] = Field(default_factory=list)
    settlements: Annotated[
        list[SettlementRow], Field(max_length=MANY, description="Towns and villages.", examples=[[]])
    ] = Field(default_factory=list)
    streets: Annotated[
        list[StreetRow], Field(max_length=MOST_ROWS, description="Streets of settlements.", examples=[[]])
    ] = Field(default_factory=list)
    rules: Annotated[list[RuleRow], Field(max_length=MOST_ROWS)] = Field(default_factory=list)
    service_areas: Annotated[list[ServiceAreaRow], Field(max_length=MOST_ROWS)] = Field(default_factory=list)


class ReferenceLoaded(BaseModel):
    """How many of each were given and how many of them were new or different; ids of the organisations by code."""

    region: str
    version: int
    groups: int
    topics: int
    municipalities: int
    settlements: Annotated[int, Field(description="How many settlements were given.", examples=[328])]
    streets: Annotated[int, Field(description="How many streets were given.", examples=[40])]
    rules: int
    service_areas: int
    changed: dict[str, int]
    organisations: dict[str, UUID]


_DEFAULTS = RegionSettings()


class RoutingSettingsFields(BaseModel):
    """`auto_route_threshold`: confidence of the topic from which on it decides; below it the organisation
    (`organisation_threshold`) or the level of government (`level_threshold`) has to be sure, else a coordinator decides.
    `target_precision`: the model's own thresholds for it replace these. `hop_limit`: redirects in a row;
    `accept_within_minutes`: after which an assignment that nobody has accepted is shown to the coordinator. `audit_share`:
    of the decisions without a person, how many are drawn for audit. `review_mode`: which answers a coordinator sees before
    the citizen does, `review_share`: of `sample`; `second_signature`: which answers another person of the organisation
    signs. `clarification_days`: after which a question that the citizen has not answered holds up nothing any more."""

    auto_route_threshold: Share = _DEFAULTS.auto_route_threshold
    organisation_threshold: Share = _DEFAULTS.organisation_threshold
    level_threshold: Share = _DEFAULTS.level_threshold
    target_precision: Precision | None = _DEFAULTS.target_precision
    hop_limit: Annotated[int, Field(ge=1, le=20)] = _DEFAULTS.hop_limit
    lease_seconds: LeaseSeconds = _DEFAULTS.lease_seconds
    audit_share: Share = _DEFAULTS.audit_share
    accept_within_minutes: Annotated[int, Field(ge=1, le=43_200)] = _DEFAULTS.accept_within_minutes
    review_mode: ReviewMode = _DEFAULTS.review_mode
    review_share: Share = _DEFAULTS.review_share
    second_signature: SecondSignature = _DEFAULTS.second_signature
    clarification_days: Annotated[int, Field(ge=1, le=90)] = _DEFAULTS.clarification_days


class NewRoutingSettings(RoutingSettingsFields, Replacement):
    """The settings as they shall be."""

    region: ReadOnly[str] = None
    version: ReadOnly[int] = None


class RoutingSettings(RoutingSettingsFields):
    """The settings in force; version 0 are the defaults."""

    region: str
    version: int
