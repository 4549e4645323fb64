"""Rules that are tried on what was stored, and what they would have done."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.rules import RuleFields
from services.routing.reference.schemas.types import RegionCode

MOST_TRIED = 5000


class TriedChange(RuleFields):
    """A stored rule, by its id, as it would be."""

    id: UUID


class DryRun(Body):
    """Rules to add, to change and to leave out, tried on the assignments of the last days."""

    region: RegionCode
    days: Annotated[int, Field(ge=1, le=366)] = 30
    add: Annotated[list[RuleFields], Field(max_length=MOST_TRIED)] = Field(default_factory=list)
    change: Annotated[list[TriedChange], Field(max_length=MOST_TRIED)] = Field(default_factory=list)
    remove: Annotated[list[UUID], Field(max_length=MOST_TRIED)] = Field(default_factory=list)


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


class RuleMention(BaseModel):
    """A rule as people read it: `id` of a stored one, or its place in `add`."""

    id: UUID | None
    added: int | None
    sentence: str


class DecidingRule(BaseModel):
    """A rule, and about how many of the period's assignments it would have decided."""

    rule: RuleMention
    assignments: int


class DeadRule(BaseModel):
    """A rule that no appeal of the period could reach, and why (in Russian)."""

    rule: RuleMention
    reason: str


class ShadowedRule(BaseModel):
    """A rule before which another one decides: `always`, by what both say, or in every case of the period where it matched
    (`assignments`)."""

    rule: RuleMention
    by: RuleMention
    always: bool
    assignments: int


class ConflictingRules(BaseModel):
    """Two equally specific rules that name different organisations for the same subject on a same day; the first decides."""

    first: RuleMention
    second: RuleMention


class RuleCounts(BaseModel):
    """How many rules there would be, and how many of each kind; lists hold the first 500 of them."""

    rules: int
    deciding: int
    untouched: int
    dead: int
    shadowed: int
    conflicts: int


class DryRunResult(BaseModel):
    """What the changed rules would have done; nothing was stored. `untouched`: rules that could decide and had nothing to
    decide in the period. Houses are not known of the past: a rule with a service stands for its organisation."""

    region: str
    days: int
    examined: int
    would_move: int
    would_go_to_triage: int
    flows: list[Flow]
    examples: list[WouldMove]
    counts: RuleCounts
    deciding: list[DecidingRule]
    untouched: list[RuleMention]
    dead: list[DeadRule]
    shadowed: list[ShadowedRule]
    conflicts: list[ConflictingRules]
