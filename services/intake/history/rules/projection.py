"""An appeal's state as a pure fold of everything that happened to it, in whatever order it arrived.

Facts about one assignment are ordered by the publisher's `sequence` (the assignment's version); facts of different
assignments meet only through their creation times. So a shuffled or doubled delivery gives the same state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from uuid import UUID

from services.intake.history.rules.assignments import (
    AssignmentProjection,
    by_version,
    changed_assignment,
    fold_assignment,
    fold_assignments,
    speaking,
)
from services.intake.history.rules.deadlines import ClockReadings, Due, read_date
from services.intake.history.rules.entries import HistoryEntry, sort_history
from services.intake.history.rules.kinds import ANSWERS, VISIBLE
from services.intake.history.rules.statuses import LEAST_ADVANCED_FIRST, AppealStatus, AssignmentStatus

_CANCELLED = AssignmentStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class AppealState:
    """What people see of an appeal; `version` grows with every visible fact."""

    status: AppealStatus
    topic_code: str | None = None
    topic_name: str | None = None
    organisation_id: UUID | None = None
    organisation_name: str | None = None
    routed_municipality: str | None = None
    due_on: date | None = None
    due_reason: str | None = None
    promised_on: date | None = None
    answers: int = 0
    version: int = 1


@dataclass(frozen=True, slots=True)
class AppealProjection:
    """The state, the assignments behind it, and who holds the appeal (organisation id → still holds)."""

    state: AppealState
    assignments: tuple[AssignmentProjection, ...]
    holders: Mapping[UUID, bool]


def fold_appeal(entries: Iterable[HistoryEntry], *, on_moderation: bool = False) -> AppealProjection:
    """The state after everything known; `on_moderation`: the appeal was registered with a hold of moderation."""
    history = sort_history({entry.event_id: entry for entry in entries}.values())
    assignments = fold_assignments(history)
    leads = speaking(assignments)
    # Without any assignment an empty one speaks: it has no topic, organisation or promise either.
    governing = leads[0] if leads else AssignmentProjection(UUID(int=0))
    topic = governing.topic or {}
    organisation = governing.organisation or {}
    due = ClockReadings(history).due(governing.id)
    state = AppealState(
        status=_status(history, leads, on_moderation),
        topic_code=topic.get("code"),
        topic_name=topic.get("name"),
        organisation_id=_read_id(organisation["id"]) if organisation else None,
        organisation_name=organisation.get("name"),
        routed_municipality=governing.municipality,
        due_on=due.on,
        due_reason=due.reason,
        promised_on=read_date(governing.promised_on),
        answers=sum(entry.kind in ANSWERS for entry in history),
        version=1 + sum(entry.kind in VISIBLE for entry in history),
    )
    return AppealProjection(state, tuple(assignments), _holders(assignments))


@lru_cache(maxsize=4096)
def _read_id(written: str) -> UUID:
    """Of an organisation: the same few over and over."""
    return UUID(written)


def _status(
    history: Sequence[HistoryEntry], leads: Sequence[AssignmentProjection], on_moderation: bool
) -> AppealStatus:
    verdict = _last_verdict(history)
    if verdict == "reject":
        return "rejected"
    if any(entry.kind == "withdrawn" for entry in history):
        return "withdrawn"
    if verdict == "objected" or (on_moderation and verdict is None):
        return "on_moderation"
    if not leads:
        return "registered"
    if all(item.status.has_ended for item in leads) and any(item.status is _CANCELLED for item in leads):
        return "closed"
    statuses = {item.status.appeal for item in leads}
    return next(status for status in LEAST_ADVANCED_FIRST if status in statuses)


def _last_verdict(history: Sequence[HistoryEntry]) -> str | None:
    """What the moderator decided last; `objected`: against a rejection, so that the appeal waits again."""
    verdict = None
    for entry in history:
        if entry.kind == "moderated":
            verdict = entry.data["decision"]
        elif entry.kind == "objected" and verdict == "reject":
            verdict = "objected"
    return verdict


def _holders(assignments: Sequence[AssignmentProjection]) -> dict[UUID, bool]:
    holders: dict[UUID, bool] = {}
    for item in assignments:
        present = item.organisation["id"] if item.organisation and not item.status.has_ended else None
        for holder in item.holders:
            key = _read_id(holder)
            holders[key] = holders.get(key, False) or holder == present
    return holders


def follow_due(entries: Iterable[HistoryEntry]) -> Iterator[tuple[datetime, UUID | None, Due]]:
    """After each instant of a history: the leading assignment and the deadline people were shown then.

    The last one is that of `fold_appeal`.
    """
    assignments = _Assignments()
    readings = ClockReadings()
    for at, together in groupby(sort_history(entries), key=lambda entry: entry.at):
        for entry in together:
            if entry.kind == "deadline_set":
                readings.add(entry)
            assignments.add(entry)
        leads = speaking(assignments.found.values())
        leading = leads[0].id if leads else None
        yield at, leading, readings.due(leading)


class _Assignments:
    """The assignments of a history that is read entry by entry."""

    def __init__(self) -> None:
        self.found: dict[UUID, AssignmentProjection] = {}
        self._entries: dict[UUID, list[HistoryEntry]] = defaultdict(list)

    def add(self, entry: HistoryEntry) -> None:
        """One more; only one that was dated too late makes the others count again."""
        key = changed_assignment(entry)
        if key is None:
            return
        earlier = self._entries[key]
        in_order = not earlier or by_version(earlier[-1]) < by_version(entry)
        earlier.append(entry)
        if in_order:
            self.found.setdefault(key, AssignmentProjection(key)).apply(entry)
        else:
            earlier.sort(key=by_version)
            self.found[key] = fold_assignment(key, earlier, ())
