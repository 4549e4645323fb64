"""Why an assignment is where it is, as it is stored: JSON of which every source gives what it knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from services.routing.assignments.rules.correspondence import Relation
from services.routing.reference.rules.competence import Choice, CompetenceRule

Source = Literal["citizen", "model", "none", "redirect", "coordinator", "rule", "import"]

FoundIn = Literal["appeal", "address", "text", "point"]


DecidedBy = Literal["citizen", "topic", "organisation", "level", "work"]


class ExplainedRule(TypedDict):
    """The competence rule that decided."""

    id: str
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: str
    role: str
    comment: str


class ExplainedTopic(TypedDict):
    """Another topic the classifier thought of, without its name: names are reference data.

    Rows of older versions may have a `name`.
    """

    topic: str
    score: float
    name: NotRequired[str]


class ExplainedOrganisation(TypedDict):
    """An organisation and its probability, 0..1."""

    organisation: str
    score: float


class ExplainedProposal(TypedDict):
    """What a rule of law proposes to the coordinator; `days`: calendar days from registration, null without a term."""

    rule: str
    outcome: str
    reason: str
    basis: str
    days: int | None
    holds: bool


class ExplainedWork(TypedDict):
    """The planned work that an appeal comes from."""

    id: str
    title: str


class ExplainedHop(TypedDict):
    """An organisation that has passed the question on, with one of the reasons, and when (RFC 3339)."""

    organisation: str
    reason_code: str
    at: str


class StoredExplanation(TypedDict, total=False):
    """`score`: the classifier's confidence, null when a person chose the topic; `model`: the region's own model, where it
    was not the shipped one that was asked. `decided_by`: what was sure enough; `decided_score` and `decided_threshold` of
    the organisation or level, where that was it. `suggestions`: who else it may be. `hints`: what the model learned of
    organisations. `question`: this assignment's part of a text of several. `settlement`: its code; `place_note`: what a
    person should know of the place (Russian). `served_by`: companies that serve the house alike, among which a person
    chooses. `hops`: who has passed the question on before, the first one first. `work`: the planned work it comes from."""

    source: Source
    score: float | None
    model: str
    threshold: float
    terms: list[str]
    alternatives: list[ExplainedTopic]
    municipality: str | None
    municipality_found_in: FoundIn | None
    settlement: str | None
    place_note: str
    rule: ExplainedRule | None
    suggested_organisation: str | None
    served_by: list[str]
    note: str
    decided_by: DecidedBy
    decided_score: float | None
    decided_threshold: float | None
    suggestions: list[ExplainedOrganisation]
    hints: list[ExplainedOrganisation]
    proposal: ExplainedProposal
    question: str
    relations: list[Relation]
    hops: list[ExplainedHop]
    work: ExplainedWork


def add_hop(explanation: StoredExplanation, hop: ExplainedHop) -> StoredExplanation:
    """An explanation that knows of one more organisation which has passed the question on."""
    return {**explanation, "hops": [*explanation.get("hops", ()), hop]}


def explain_choice(choice: Choice) -> StoredExplanation:
    """The rule that decided, and whom it names."""
    suggested = choice.organisation_id
    several: StoredExplanation = {"served_by": [str(each) for each in choice.suggestions]}
    return {
        **(several if choice.suggestions else {}),
        "rule": _explain_rule(choice.rule) if choice.rule else None,
        "suggested_organisation": str(suggested) if suggested else None,
        "note": choice.note,
    }


def _explain_rule(rule: CompetenceRule) -> ExplainedRule:
    return {
        "id": str(rule.id),
        "topic": rule.topic,
        "group": rule.group,
        "municipality": rule.municipality,
        "organisation": str(rule.organisation_id),
        "role": rule.role,
        "comment": rule.comment,
    }


def explain_ranked(ranked: Iterable[tuple[UUID, float]]) -> list[ExplainedOrganisation]:
    """Organisations with their probabilities, as they are stored."""
    return [{"organisation": str(organisation), "score": score} for organisation, score in ranked]
