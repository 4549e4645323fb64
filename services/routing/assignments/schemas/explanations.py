"""Why an assignment is where it is, as an organisation or a coordinator is shown it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pydantic import BaseModel

from services.routing.assignments.rules.correspondence import Relation
from services.routing.assignments.rules.explanations import (
    DecidedBy,
    ExplainedOrganisation,
    FoundIn,
    Source,
    StoredExplanation,
)
from services.routing.assignments.rules.steps import render_steps
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef


class RuleUsed(BaseModel):
    """The competence rule that decided."""

    id: UUID
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: UUID
    role: str
    comment: str


class RankedTopic(BaseModel):
    """Another topic the classifier thought of."""

    topic: str
    name: str
    score: float


class RankedOrganisation(BaseModel):
    """An organisation and the probability that the question is its, 0..1."""

    organisation: OrganisationRef
    score: float


class Proposal(BaseModel):
    """What a rule of law (R1 to R14) proposes to the coordinator. `days`: calendar days from registration, null where the
    law sets none; `holds`: nobody gets the appeal before a person has decided."""

    rule: str
    outcome: str
    reason: str
    basis: str
    days: int | None
    holds: bool


class WorkUsed(BaseModel):
    """The planned work that the appeal comes from."""

    id: UUID
    title: str


class Explanation(BaseModel):
    """Why the assignment is where it is. `score`: the classifier's confidence, null when a person chose the topic; `model`:
    the region's own model that was asked, null for the shipped one. `decided_by`: what was sure enough, null where a person
    decides; its probability and threshold beside it where it was the organisation or the level. `suggestions`: who else it
    may be; `hints`: what the model learned of organisations. `question`: this assignment's part of a text of several.
    `relations`: to appeals of the same text. `served_by`: companies that serve the house alike, among which a person
    chooses. `work`: the planned work it comes from, whose organisation has it. `steps`: all of it in sentences."""

    source: Source
    score: float | None = None
    model: UUID | None = None
    threshold: float | None = None
    terms: list[str] = []
    alternatives: list[RankedTopic] = []
    municipality: str | None = None
    municipality_found_in: FoundIn | None = None
    settlement: str | None = None
    settlement_name: str | None = None
    place_note: str = ""
    rule: RuleUsed | None = None
    suggested_organisation: UUID | None = None
    served_by: list[OrganisationRef] = []
    note: str = ""
    decided_by: DecidedBy | None = None
    decided_score: float | None = None
    decided_threshold: float | None = None
    suggestions: list[RankedOrganisation] = []
    hints: list[RankedOrganisation] = []
    proposal: Proposal | None = None
    question: str | None = None
    relations: list[Relation] = []
    work: WorkUsed | None = None
    steps: list[str] = []

    @classmethod
    def of(cls, stored: StoredExplanation, reference: RegionReference, topic: str | None) -> Explanation:
        """With the names of the topics and organisations that were thought of; `topic`: the assignment's."""
        alternatives = [
            {"name": known.name if (known := reference.topic(each["topic"])) else each["topic"], **each}
            for each in stored.get("alternatives", ())
        ]
        settlement = reference.directory.by_code.get(stored.get("settlement") or "")
        return cls.model_validate(
            {
                **stored,
                "alternatives": alternatives,
                "served_by": [
                    OrganisationRef.of(UUID(each), reference) for each in stored.get("served_by", ())
                ],
                "suggestions": rank_named(stored.get("suggestions", ()), reference),
                "hints": rank_named(stored.get("hints", ()), reference),
                "steps": render_steps(stored, reference, topic),
                "settlement_name": settlement.called if settlement else None,
            }
        )


def rank_named(
    ranked: Iterable[ExplainedOrganisation], reference: RegionReference
) -> list[RankedOrganisation]:
    """Stored organisations with their names."""
    return [
        RankedOrganisation(
            organisation=OrganisationRef.of(UUID(each["organisation"]), reference), score=each["score"]
        )
        for each in ranked
    ]
