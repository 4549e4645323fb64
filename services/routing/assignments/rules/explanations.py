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


class StoredExplanation(TypedDict, total=False):
    """`score`: the classifier's confidence, null when a person chose the topic. `served_by`: companies that serve the house
    alike, among which a person chooses."""

    source: Source
    score: float | None
    threshold: float
    terms: list[str]
    alternatives: list[ExplainedTopic]
    municipality: str | None
    municipality_found_in: Literal["appeal", "address", "text"] | None
    rule: ExplainedRule | None
    suggested_organisation: str | None
    served_by: list[str]
    note: str


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
