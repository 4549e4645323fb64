"""Which appeals of an incident its common answer reaches."""

from __future__ import annotations

from uuid import UUID

from services.routing.assignments.rules.statuses import TRANSITIONS, Action, Status
from services.routing.incidents.rules.leading import Question, why_it_stays
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.region_settings import SecondSignature


def answerable(action: Action) -> frozenset[Status]:
    """Statuses in which a question is reached: where it may be answered, and triage, out of which it goes to the lead first.

    Left to themselves are `clarifying` (the citizen is asked something), `in_review` (an answer of its own waits), and what has
    ended: `answered`, `redirected` (its successor is a question of its own), `cancelled`.
    """
    return frozenset(TRANSITIONS[action]) | {"triage"}


def is_reached(
    question: Question, lead: UUID, action: Action, reference: RegionReference, *, statutory: bool
) -> bool:
    """Whether it gets the answer. A lease keeps nothing away: the answer to all outranks the work on one.

    Not what has to be signed by another person, nor a complaint about the lead, nor a promise that another organisation gave.
    """
    if question.status not in answerable(action) or (
        statutory and needs_signature(reference.settings.second_signature)
    ):
        return False
    return why_it_stays(question, lead, reference, over_lease=True) in {None, "lead"}


def needs_signature(wanted: SecondSignature) -> bool:
    """Whether a statutory answer has to be signed by a second person."""
    return wanted in {"statutory", "all"}
