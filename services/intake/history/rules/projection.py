"""An appeal's state as a pure fold of everything that happened to it, in whatever order it arrived.

Facts about one assignment are ordered by the publisher's `sequence` (the assignment's version); facts of different
assignments meet only through their creation times. So a shuffled or doubled delivery gives the same state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

Status = Literal[
    "registered",
    "on_moderation",
    "rejected",
    "in_work",
    "answered",
    "postponed",
    "refused",
    "reopened",
    "withdrawn",
    "closed",
]
ANSWERS = frozenset({"answered", "interim_answered"})
_FINAL = frozenset({"answered", "postponed", "refused"})
_AFTER = {
    "accepted": "accepted",
    "redirected": "redirected",
    "interim_answered": "interim",
    "reopened": "reopened",
    "clarification_asked": "clarifying",
    "clarification_received": "accepted",
    "cancelled": "cancelled",
}
_OUTCOME = {"postponed": "postponed", "refused": "refused"}
# Kinds that people see as a change of the appeal.
_VISIBLE = frozenset(
    {*_AFTER, "created", "corrected", "answered", "deadline_set", "appeal_reopened", "withdrawn", "moderated"}
)
# Where several leading assignments stand differently, the least advanced one speaks for the appeal.
_LEAST_FIRST: tuple[Status, ...] = ("reopened", "in_work", "registered", "postponed", "refused", "answered")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `data` holds what the kind needs, masked."""

    event_id: UUID
    kind: str
    at: datetime
    sequence: int = 0
    assignment_id: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AppealState:
    """What people see of an appeal; `version` grows with every visible fact."""

    status: Status
    topic_code: str | None = None
    topic_name: str | None = None
    organisation_id: UUID | None = None
    organisation_name: str | None = None
    due_on: date | None = None
    due_reason: str | None = None
    promised_on: date | None = None
    answers: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class Due:
    """The deadline of the answer: not known (yet), a day, standing still without one, or over without an answer."""

    state: Literal["unknown", "set", "paused", "over"]
    on: date | None = None
    reason: str | None = None


UNKNOWN = Due("unknown")


@dataclass(slots=True)
class Assignment:
    """One question given to one body, as the history shows it."""

    id: UUID
    lead: bool = True
    created_at: datetime | None = None
    status: str = "new"
    topic: Mapping[str, Any] | None = None
    organisation: Mapping[str, Any] | None = None
    past_organisations: set[str] = field(default_factory=set)
    answer_id: str | None = None
    promised_on: str | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """The state, the assignments behind it, and who holds the appeal (organisation id → still holds)."""

    state: AppealState
    assignments: tuple[Assignment, ...]
    holders: Mapping[UUID, bool]


def sort_history(entries: Iterable[Entry]) -> list[Entry]:
    """The order in which things happened, the same for every order of arrival."""
    return sorted(entries, key=lambda entry: (entry.at, entry.sequence, entry.event_id))


def fold_appeal(entries: Iterable[Entry], *, on_moderation: bool = False) -> Folded:
    """The state after everything known; `on_moderation`: the appeal was registered with a hold of moderation."""
    history = sort_history({entry.event_id: entry for entry in entries}.values())
    assignments = _fold_assignments(history)
    leads = _speaking(assignments)
    governing = leads[0] if leads else None
    due = due_of(newest_readings(history), governing)
    topic = governing.topic if governing else None
    organisation = governing.organisation if governing else None
    state = AppealState(
        status=_status(history, assignments, leads, on_moderation),
        topic_code=topic["code"] if topic else None,
        topic_name=topic["name"] if topic else None,
        organisation_id=UUID(organisation["id"]) if organisation else None,
        organisation_name=organisation["name"] if organisation else None,
        due_on=due.on,
        due_reason=due.reason,
        promised_on=_date(governing.promised_on) if governing else None,
        answers=sum(entry.kind in ANSWERS for entry in history),
        version=1 + sum(entry.kind in _VISIBLE for entry in history),
    )
    return Folded(state, tuple(assignments), _holders(assignments))


def _fold_assignments(history: Sequence[Entry]) -> list[Assignment]:
    own: dict[UUID, list[Entry]] = defaultdict(list)
    poor = {entry.data["answer_id"] for entry in history if entry.kind == "appeal_reopened"}
    for entry in history:
        if entry.assignment_id is not None and entry.kind in _OF_ASSIGNMENTS:
            own[entry.assignment_id].append(entry)
    return [_fold_assignment(key, entries, poor) for key, entries in sorted(own.items())]


_OF_ASSIGNMENTS = frozenset({*_AFTER, "created", "corrected", "answered"})


def follow_due(entries: Iterable[Entry]) -> Iterator[tuple[datetime, UUID | None, Due]]:
    """After each instant of a history: the leading assignment and the deadline people were told then.

    The last one is that of `fold_appeal`.
    """
    own: dict[UUID, list[Entry]] = defaultdict(list)
    assignments: dict[UUID, Assignment] = {}
    readings: dict[UUID | None, Entry] = {}
    for at, together in groupby(sort_history(entries), key=lambda entry: entry.at):
        for entry in together:
            if entry.kind == "deadline_set":
                _keep_newest(readings, entry)
            elif entry.assignment_id is not None and entry.kind in _OF_ASSIGNMENTS:
                _fold_next(assignments, own[entry.assignment_id], entry)
        leads = _speaking(list(assignments.values()))
        governing = leads[0] if leads else None
        yield at, governing.id if governing else None, due_of(readings, governing)


def _fold_next(assignments: dict[UUID, Assignment], earlier: list[Entry], entry: Entry) -> None:
    """One more entry of an assignment; only one that was dated too late makes the others count again."""
    assert entry.assignment_id is not None
    in_order = not earlier or _by_version(earlier[-1]) < _by_version(entry)
    earlier.append(entry)
    if in_order:
        _apply(assignments.setdefault(entry.assignment_id, Assignment(entry.assignment_id)), entry)
    else:
        earlier.sort(key=_by_version)
        assignments[entry.assignment_id] = _fold_assignment(entry.assignment_id, earlier, set())


def _by_version(entry: Entry) -> tuple[int, datetime, UUID]:
    return entry.sequence, entry.at, entry.event_id


def _fold_assignment(key: UUID, entries: list[Entry], poor: set[str]) -> Assignment:
    found = Assignment(key)
    for entry in sorted(entries, key=_by_version):
        _apply(found, entry)
    # The citizen's verdict counts at once, also before the body has taken the question up again.
    if found.status in _FINAL and found.answer_id in poor:
        found.status = "reopened"
    return found


def _apply(found: Assignment, entry: Entry) -> None:
    data = entry.data
    if entry.kind == "created":
        found.lead = data.get("role", "lead") == "lead"
        found.created_at = entry.at
    if data.get("organisation"):
        if found.organisation and found.organisation["id"] != data["organisation"]["id"]:
            found.past_organisations.add(found.organisation["id"])
        found.organisation = data["organisation"]
    if data.get("previous_organisation_id"):
        found.past_organisations.add(data["previous_organisation_id"])
    if data.get("topic"):
        found.topic = data["topic"]
    if entry.kind in ANSWERS:
        found.promised_on = data.get("promised_on")
    if entry.kind == "answered":
        found.answer_id = data["answer_id"]
        found.status = _OUTCOME.get(data["outcome"], "answered")
    elif entry.kind in ("created", "corrected"):
        found.status = "new" if found.organisation else "triage"
    else:
        found.status = _AFTER[entry.kind]


def _speaking(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Leading assignments that go on, the newest first; without any, whatever there was."""

    def newest_first(items: Iterable[Assignment]) -> list[Assignment]:
        return sorted(
            items, key=lambda item: (item.created_at is not None, item.created_at, item.id), reverse=True
        )

    leads = [item for item in assignments if item.lead]
    going_on = [item for item in leads if item.status not in ("redirected", "cancelled")]
    return newest_first(going_on) or newest_first(leads) or newest_first(assignments)


def _status(
    history: Sequence[Entry],
    assignments: Sequence[Assignment],
    leads: Sequence[Assignment],
    on_moderation: bool,
) -> Status:
    decisions = [entry.data["decision"] for entry in history if entry.kind == "moderated"]
    if decisions and decisions[-1] == "reject":
        return "rejected"
    if any(entry.kind == "withdrawn" for entry in history):
        return "withdrawn"
    if on_moderation and not decisions:
        return "on_moderation"
    if not assignments:
        return "registered"
    if "cancelled" in (ends := {item.status for item in leads}) and ends <= {"cancelled", "redirected"}:
        return "closed"
    standings = {_standing(item) for item in leads}
    return next(status for status in _LEAST_FIRST if status in standings)


def _standing(item: Assignment) -> Status:
    match item.status:
        case "triage":
            return "registered"
        case "answered" | "postponed" | "refused" | "reopened" as status:
            return status
        case _:
            return "in_work"


def newest_readings(history: Iterable[Entry]) -> dict[UUID | None, Entry]:
    """What was last said of the clocks of each assignment, and (None) of the appeal itself."""
    newest: dict[UUID | None, Entry] = {}
    for entry in history:
        if entry.kind == "deadline_set":
            _keep_newest(newest, entry)
    return newest


def _keep_newest(readings: dict[UUID | None, Entry], entry: Entry) -> None:
    known = readings.get(entry.assignment_id)
    if known is None or (known.sequence, known.event_id) < (entry.sequence, entry.event_id):
        readings[entry.assignment_id] = entry


def due_of(readings: Mapping[UUID | None, Entry], governing: Assignment | None) -> Due:
    """The answer clock of the leading assignment, of the appeal itself while there is none."""
    for key in (governing.id if governing else None, None):
        due = due_in(readings[key]) if key in readings else UNKNOWN
        if due.state != "unknown":
            return due
    return UNKNOWN


def due_in(reading: Entry) -> Due:
    """What one reading of clocks says of the answer. A clock that was cancelled has no date any more."""
    answers = [clock for clock in reading.data["clocks"] if clock["clock"] == "answer"]
    live = [clock for clock in answers if clock.get("state") != "cancelled"]
    if not live:
        return Due("over") if answers else UNKNOWN
    clock = max(live, key=lambda clock: int(clock["cycle"]))
    on = _date(clock["due_on"])
    return Due("set" if on else "paused", on, clock["reason"] or None)


def _holders(assignments: Sequence[Assignment]) -> dict[UUID, bool]:
    holders: dict[UUID, bool] = {}
    for item in assignments:
        for past in item.past_organisations:
            holders.setdefault(UUID(past), False)
        if item.organisation:
            key = UUID(item.organisation["id"])
            holders[key] = holders.get(key, False) or item.status not in ("redirected", "cancelled")
    return holders


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
