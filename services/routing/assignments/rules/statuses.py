"""The life of an assignment as data: which action is allowed in which status, and where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

Status = Literal[
    "triage",
    "new",
    "accepted",
    "clarifying",
    "interim",
    "in_review",
    "answered",
    "postponed",
    "redirected",
    "cancelled",
    "reopened",
]
Change = Literal["entered", "changed", "left"]
Moment = Literal["accepted_at", "answered_at", "asked_at", "offered_at"]


class Action(StrEnum):
    """What may be done with an assignment."""

    CLAIM = "claim"
    ACCEPT = "accept"
    REDIRECT = "redirect"
    INTERIM = "interim"
    ANSWER = "answer"
    POSTPONE = "postpone"
    CLARIFY = "clarify"
    CLARIFIED = "clarified"
    REQUEST_EXTENSION = "request_extension"
    DOCUMENTS = "documents"
    CORRECT = "correct"
    RECLASSIFY = "reclassify"
    # An answer that does not go out at once, and what becomes of it.
    SUBMIT = "submit"
    SIGN = "sign"
    APPROVE = "approve"
    APPROVE_POSTPONED = "approve_postponed"
    APPROVE_INTERIM = "approve_interim"
    RETURN = "return"
    REOPEN = "reopen"
    CANCEL = "cancel"
    NOTE = "note"
    GIVE = "give"


CLAIMABLE: Final[frozenset[Status]] = frozenset({"new", "reopened"})
# Nobody has begun to work on it.
UNATTENDED: Final[frozenset[Status]] = CLAIMABLE | {"triage"}
# What stands in an organisation's queue; the rest has left it.
IN_QUEUE: Final[frozenset[Status]] = frozenset(
    {"new", "accepted", "clarifying", "interim", "in_review", "postponed", "reopened"}
)
# Of these nobody waits for the organisation's answer: it has promised a day, or waits for the citizen itself.
STANDING_STILL: Final[frozenset[Status]] = frozenset({"clarifying", "postponed"})
OPEN: Final[frozenset[Status]] = IN_QUEUE | {"triage"}
# Where an organisation's reach ends (404, see `is_with`): from then on its feed's `left` is all it reads. What it has sent
# away is another's. What was cancelled is nobody's: there is nothing to read any more, but whoever was about to act on
# it is answered 409 (not in status cancelled), and does not look for a wrong id.
SENT_AWAY: Final[frozenset[Status]] = frozenset({"redirected"})
UNREADABLE: Final[frozenset[Status]] = SENT_AWAY | {"cancelled"}

_WORKING: Final[tuple[Status, ...]] = ("new", "accepted", "interim", "reopened")
_CORRECTED: Final[Mapping[Status, Status]] = {
    "triage": "new",
    "new": "new",
    "accepted": "new",
    "reopened": "reopened",
    "interim": "new",
}


def _lead_to(after: Status, *before: Status) -> Mapping[Status, Status]:
    return dict.fromkeys(before, after)


def _stay(statuses: Iterable[Status]) -> Mapping[Status, Status]:
    return {status: status for status in statuses}


# Action → the statuses it is allowed in, and the status after it.
TRANSITIONS: Final[Mapping[Action, Mapping[Status, Status]]] = {
    Action.CLAIM: _stay(CLAIMABLE),
    Action.ACCEPT: _lead_to("accepted", *CLAIMABLE),
    # Out of triage leads a correction: there is no organisation yet that could say "not ours".
    Action.REDIRECT: _lead_to("redirected", *_WORKING, "clarifying"),
    Action.INTERIM: _lead_to("interim", *_WORKING),
    # A postponed solution is closed by a real answer when the promised day has come.
    Action.ANSWER: _lead_to("answered", *_WORKING, "postponed"),
    Action.POSTPONE: _lead_to("postponed", *_WORKING),
    Action.SUBMIT: _lead_to("in_review", *_WORKING, "postponed"),
    Action.SIGN: _stay(["in_review"]),
    Action.APPROVE: _lead_to("answered", "in_review"),
    Action.APPROVE_POSTPONED: _lead_to("postponed", "in_review"),
    Action.APPROVE_INTERIM: _lead_to("interim", "in_review"),
    # Or to where it was before, see `RETURNED_TO`.
    Action.RETURN: _lead_to("accepted", "in_review"),
    Action.CLARIFY: _lead_to("clarifying", *_WORKING),
    Action.CLARIFIED: {"clarifying": "accepted"},
    Action.REQUEST_EXTENSION: _stay((*_WORKING, "clarifying")),
    Action.DOCUMENTS: _stay((*_WORKING, "clarifying")),
    Action.CORRECT: _CORRECTED,
    # A correction that leaves the assignment where it is.
    Action.RECLASSIFY: _stay(_CORRECTED),
    # A promised solution may be in review when the citizen says that nothing was solved.
    Action.REOPEN: _lead_to("reopened", "answered", "postponed", "in_review"),
    Action.CANCEL: _lead_to("cancelled", *sorted(OPEN)),
    # What an organisation notes for itself: its own system's number, also of what is done, and who works on it.
    Action.NOTE: _stay((*sorted(IN_QUEUE), "answered")),
    Action.GIVE: _stay(sorted(IN_QUEUE)),
}
# Status an answer was submitted in → status after it was returned: whoever has answered has taken the question to work.
RETURNED_TO: Final[Mapping[Status, Status]] = {
    "new": "accepted",
    "accepted": "accepted",
    "interim": "interim",
    "postponed": "postponed",
    "reopened": "accepted",
}
# Actions whose time is kept.
MOMENTS: Final[Mapping[Action, Moment]] = {
    Action.ACCEPT: "accepted_at",
    Action.ANSWER: "answered_at",
    Action.POSTPONE: "answered_at",
    Action.APPROVE: "answered_at",
    Action.APPROVE_POSTPONED: "answered_at",
    Action.CLARIFY: "asked_at",
    # Whoever gets it, or gets it back, has to accept it.
    Action.CORRECT: "offered_at",
    Action.REOPEN: "offered_at",
}
KEEPS_LEASE: Final = frozenset({Action.RECLASSIFY})
# What takes an answer in review along: nobody decides on it any more.
ENDS_REVIEW: Final = frozenset({Action.REOPEN, Action.CANCEL})
# Actions after which an organisation has nothing to do with it any more: nobody's absence matters.
ENDS_HERE: Final = frozenset({Action.REDIRECT, Action.CANCEL})


def is_allowed(action: Action, status: Status) -> bool:
    """Whether an action is possible in a status."""
    return status in TRANSITIONS[action]


def status_after(action: Action, status: Status) -> Status:
    """The status an allowed action leads to; KeyError for one that is not allowed."""
    return TRANSITIONS[action][status]


def is_with(organisation: UUID, holder: UUID | None, status: Status, *, gone: frozenset[Status]) -> bool:
    """Whether an assignment is still an organisation's: it holds it, in no status in which that ends (`gone`)."""
    return holder == organisation and status not in gone


def queue_of(organisation_id: UUID | None, status: Status) -> UUID | None:
    """In whose queue an assignment stands; None for none."""
    return organisation_id if status in IN_QUEUE else None


def queue_changes(before: UUID | None, after: UUID | None) -> list[tuple[UUID, Change]]:
    """What the followers of queues see when an assignment goes from one queue (or none) to another, or changes in it."""
    if before == after:
        return [(after, "changed")] if after else []
    left: list[tuple[UUID, Change]] = [(before, "left")] if before else []
    entered: list[tuple[UUID, Change]] = [(after, "entered")] if after else []
    return left + entered
