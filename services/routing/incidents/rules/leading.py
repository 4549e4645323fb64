"""Who holds the lead of an incident: the organisation that has most of its open questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.assignments.rules.statuses import OPEN, TRANSITIONS, Action, Status
from services.routing.reference.rules.competence import is_object
from services.routing.reference.rules.region_reference import RegionReference


@dataclass(frozen=True, slots=True)
class Question:
    """One assignment of an incident as it stands."""

    assignment_id: UUID
    received_at: datetime
    status: Status
    organisation_id: UUID | None
    complained_about: UUID | None
    leased: bool


def choose_lead(questions: Iterable[Question], reference: RegionReference) -> UUID | None:
    """The organisation in use that holds most of the open questions, of equals the one whose first came earliest; None where
    no organisation holds any."""
    held = [
        (each.organisation_id, each.received_at, each.assignment_id)
        for each in questions
        if each.status in OPEN and reference.organisation_in_use(each.organisation_id)
    ]
    counts = Counter(organisation for organisation, _, _ in held)
    first = {
        organisation: min(each[1:] for each in held if each[0] == organisation) for organisation in counts
    }
    return min(counts, key=lambda each: (-counts[each], first[each]), default=None)


def why_it_stays(
    question: Question, lead: UUID, reference: RegionReference, *, over_lease: bool
) -> str | None:
    """Why a question is not given to the lead; None for one that is. `over_lease`: also what somebody has leased.

    `lead`: it is there already; a status in which nothing is corrected; `leased`; `complaint`: it is about the lead, which must
    not get it (59-ФЗ ст. 8 ч. 6).
    """
    if question.organisation_id == lead:
        return "lead"
    if question.status not in TRANSITIONS[Action.CORRECT]:
        return question.status
    if question.leased and not over_lease:
        return "leased"
    if is_object(lead, question.complained_about, reference.organisations):
        return "complaint"
    return None


def count_staying(reasons: Sequence[str | None]) -> list[tuple[str, int]]:
    """How many stay where they are and why, the most frequent reason first; what is with the lead does not count."""
    counts = Counter(each for each in reasons if each not in {None, "lead"})
    return [
        (str(reason), count)
        for reason, count in sorted(counts.items(), key=lambda each: (-each[1], str(each[0])))
    ]
