"""Competence rules."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, model_validator

from chassis.faults import Wording
from chassis.problems import Errors, Unprocessable
from chassis.replacing import ReadOnly, Replacement
from contracts.routing import Role
from services.routing.reference.rules.competence import CompetenceRule
from services.routing.reference.rules.houses import Service
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.sentences import describe_rule
from services.routing.reference.schemas.organisations import ChosenById, OrganisationRef
from services.routing.reference.schemas.terms import (
    DayAfter,
    FirstDay,
    Position,
    RuleTerms,
    SeasonFrom,
    SeasonTo,
)
from services.routing.reference.schemas.types import Code, Municipality, Note, RegionCode
from services.routing.tables.reference import Rule


def require_one_subject(topic: str | None, group: str | None) -> None:
    """ValueError for a rule that names both."""
    if topic is not None and group is not None:
        raise ValueError("a rule names a topic or a group, not both")


class RuleFields(RuleTerms):
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
        errors: Errors = [
            {"pointer": f"{pointer}/{field}", "message": Wording("there is no such {kind}", {"kind": kind})}
            for field, kind, value, known in named
            if value is not None and value not in known
        ]
        if errors:
            raise Unprocessable("See errors.", errors=errors)

    def as_rule(self, rule_id: UUID) -> CompetenceRule:
        """The rule as decisions read it."""
        return CompetenceRule(
            id=rule_id,
            organisation_id=self.organisation,
            **self.model_dump(include=_SHARED_FIELDS),
        )


_SHARED_FIELDS = set(RuleFields.model_fields) & set(CompetenceRule.__dataclass_fields__)


class NewRule(RuleFields):
    """A rule to create."""

    region: RegionCode


class ChangedRule(RuleTerms, Replacement):
    """The rule as it shall be; `organisation` as an id or as GET gives it."""

    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: ChosenById
    role: Role = "lead"
    comment: Note = ""
    active: bool = True
    id: ReadOnly[UUID] = None
    region: ReadOnly[str] = None
    sentence: ReadOnly[str] = None
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
    """A competence rule; `sentence`: as people read it."""

    id: UUID
    region: str
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: OrganisationRef
    role: Role
    comment: str
    position: Position
    valid_from: FirstDay
    valid_to: DayAfter
    season_from: SeasonFrom
    season_to: SeasonTo
    service: Service | None
    sentence: str
    active: bool
    version: int

    @classmethod
    def of(cls, rule: Rule, reference: RegionReference) -> RuleView:
        """A stored rule with the name of its organisation."""
        return cls(
            **{name: getattr(rule, name) for name in _COLUMNS_SHOWN},
            group=rule.group_code,
            organisation=OrganisationRef.of(rule.organisation_id, reference),
            sentence=describe_rule(stored_rule(rule), reference),
        )


_COLUMNS_SHOWN = set(RuleView.model_fields) - {"group", "organisation", "sentence"}


def stored_rule(rule: Rule) -> CompetenceRule:
    """A row as decisions read it."""
    shared = CompetenceRule.__dataclass_fields__.keys() - {"group"}
    return CompetenceRule(**{name: getattr(rule, name) for name in shared}, group=rule.group_code)


class RulePage(BaseModel):
    """Part of the list of rules."""

    items: list[RuleView]
    next_cursor: str | None
