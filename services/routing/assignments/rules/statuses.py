"""The life of an assignment as data: which act is allowed in which status, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

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
Act = Literal[
    "claim",
    "accept",
    "redirect",
    "interim",
    "answer",
    "postpone",
    "clarify",
    "clarified",
    "request_extension",
    "documents",
    "correct",
    "reopen",
    "cancel",
]

CLAIMABLE: frozenset[Status] = frozenset({"new", "reopened"})
OPEN: frozenset[Status] = frozenset(
    {"triage", "new", "accepted", "clarifying", "interim", "in_review", "postponed", "reopened"}
)
# What stands in a body's queue; the rest has left it.
IN_QUEUE: frozenset[Status] = frozenset(
    {"new", "accepted", "clarifying", "interim", "in_review", "postponed", "reopened"}
)

# What a body has sent away is another's from then on: of its own former part it reads the feed's `left` only.
SENT_AWAY: frozenset[Status] = frozenset({"redirected"})

_WORKING: tuple[Status, ...] = ("new", "accepted", "interim", "reopened")

# Act → the statuses it is allowed in, and the status after it (None: unchanged).
MOVES: Mapping[Act, Mapping[Status, Status | None]] = {
    "claim": {"new": None, "reopened": None},
    "accept": {"new": "accepted", "reopened": "accepted"},
    # Out of triage leads a correction: there is no body yet that could say "not ours".
    "redirect": dict.fromkeys((*_WORKING, "clarifying"), "redirected"),
    "interim": dict.fromkeys(_WORKING, "interim"),
    # A postponed solution is closed by a real answer when the promised day has come.
    "answer": dict.fromkeys((*_WORKING, "postponed"), "answered"),
    "postpone": dict.fromkeys(_WORKING, "postponed"),
    "clarify": dict.fromkeys(_WORKING, "clarifying"),
    "clarified": {"clarifying": "accepted"},
    "request_extension": dict.fromkeys((*_WORKING, "clarifying"), None),
    "documents": dict.fromkeys((*_WORKING, "clarifying"), None),
    "correct": {"triage": "new", "new": "new", "accepted": "new", "reopened": "reopened", "interim": "new"},
    "reopen": {"answered": "reopened", "postponed": "reopened"},
    "cancel": dict.fromkeys(sorted(OPEN), "cancelled"),
}


def is_allowed(act: Act, status: Status) -> bool:
    """Whether an act is possible in a status."""
    return status in MOVES[act]


def status_after(act: Act, status: Status) -> Status:
    """The status an allowed act leads to; KeyError for one that is not allowed."""
    return MOVES[act][status] or status


def queue_change(before: Status | None, after: Status) -> Literal["entered", "changed", "left"] | None:
    """What a follower of the queue is told about a move; None when it does not concern the queue."""
    was, is_now = before in IN_QUEUE, after in IN_QUEUE
    if is_now:
        return "changed" if was else "entered"
    return "left" if was else None
