"""The assignments behind an appeal, as its history shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.intake.history.rules.entries import HistoryEntry
from services.intake.history.rules.kinds import AFTER, ANSWERS
from services.intake.history.rules.statuses import AssignmentStatus

_NEW, _ANSWERED = AssignmentStatus.NEW, AssignmentStatus.ANSWERED
_BY_OUTCOME: Final = {"postponed": AssignmentStatus.POSTPONED, "refused": AssignmentStatus.REFUSED}


@dataclass(slots=True)
class AssignmentProjection:
    """One question given to one organisation, after some entries of the history. `holders`: all who have ever had it."""

    id: UUID
    lead: bool = True
    created_at: datetime | None = None
    status: AssignmentStatus = AssignmentStatus.NEW
    topic: Mapping[str, Any] | None = None
    organisation: Mapping[str, Any] | None = None
    municipality: str | None = None
    holders: set[str] = field(default_factory=set)
    answer_id: str | None = None
    promised_on: str | None = None

    def apply(self, entry: HistoryEntry) -> None:
        """One more thing that happened to it."""
        data = entry.data
        if entry.kind == "created":
            self.lead = data.get("role", "lead") == "lead"
            self.created_at = entry.at
            self.municipality = data.get("municipality")
        if organisation := data.get("organisation"):
            self.organisation = organisation
            self.holders.add(organisation["id"])
        if previous := data.get("previous_organisation_id"):
            self.holders.add(previous)
            # Without a new one it went back to triage.
            self.organisation = self.organisation if organisation else None
        self.topic = data.get("topic") or self.topic
        if entry.kind in ANSWERS:
            self.promised_on = data.get("promised_on")
        self.status = self._status_after(entry)

    def _status_after(self, entry: HistoryEntry) -> AssignmentStatus:
        status = AFTER[entry.kind]
        if status is _NEW and not self.organisation:
            return AssignmentStatus.TRIAGE
        if status is _ANSWERED:
            self.answer_id = entry.data["answer_id"]
            return _BY_OUTCOME.get(entry.data["outcome"], status)
        return status


def fold_assignment(
    assignment_id: UUID, entries: Iterable[HistoryEntry], poor: Collection[str]
) -> AssignmentProjection:
    """An assignment after all of its entries. `poor`: answers that the citizen's rating returned to work."""
    found = AssignmentProjection(assignment_id)
    for entry in sorted(entries, key=by_version):
        found.apply(entry)
    # The citizen's verdict counts at once, also before the organisation has taken the question up again.
    if found.status.is_final and found.answer_id in poor:
        found.status = AssignmentStatus.REOPENED
    return found


def by_version(entry: HistoryEntry) -> tuple[int, datetime, UUID]:
    """The order of facts about one assignment: the publisher's version beats the clock."""
    return entry.sequence, entry.at, entry.event_id


def changed_assignment(entry: HistoryEntry) -> UUID | None:
    """The assignment that an entry changes, if it changes one."""
    return entry.assignment_id if entry.kind in AFTER else None


def fold_assignments(history: Sequence[HistoryEntry]) -> list[AssignmentProjection]:
    """All assignments of a history, by id."""
    own: dict[UUID, list[HistoryEntry]] = defaultdict(list)
    for entry in history:
        if key := changed_assignment(entry):
            own[key].append(entry)
    poor = {entry.data["answer_id"] for entry in history if entry.kind == "appeal_reopened"}
    return [fold_assignment(key, entries, poor) for key, entries in sorted(own.items())]


def speaking(assignments: Iterable[AssignmentProjection]) -> list[AssignmentProjection]:
    """Leading assignments that go on, the newest first; without any, whatever there was."""
    newest_first = sorted(
        assignments, key=lambda item: (item.created_at is not None, item.created_at, item.id), reverse=True
    )
    leads = [item for item in newest_first if item.lead]
    return [item for item in leads if not item.status.has_ended] or leads or newest_first
