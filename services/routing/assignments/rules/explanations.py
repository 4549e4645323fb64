"""Why an assignment is where it is, as it is stored: JSON of which every source gives what it knows."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from services.routing.reference.rules.competence import Choice, CompetenceRule

Source = Literal["citizen", "model", "none", "redirect", "coordinator", "rule", "import"]


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


class ExplainedHop(TypedDict):
    """An organisation that has passed the question on, with one of the reasons, and when (RFC 3339)."""

    organisation: str
    reason_code: str
    at: str


class StoredExplanation(TypedDict, total=False):
    """`score`: the classifier's confidence, null when a person chose the topic. `hops`: who has passed the question on
    before, the first one first."""

    source: Source
    score: float | None
    threshold: float
    terms: list[str]
    alternatives: list[ExplainedTopic]
    municipality: str | None
    municipality_found_in: Literal["appeal", "address", "text"] | None
    rule: ExplainedRule | None
    suggested_organisation: str | None
    note: str
    hops: list[ExplainedHop]


def add_hop(explanation: StoredExplanation, hop: ExplainedHop) -> StoredExplanation:
    """An explanation that knows of one more organisation which has passed the question on."""
    return {**explanation, "hops": [*explanation.get("hops", ()), hop]}


def explain_choice(choice: Choice) -> StoredExplanation:
    """The rule that decided, and whom it names."""
    suggested = choice.organisation_id
    return {
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
