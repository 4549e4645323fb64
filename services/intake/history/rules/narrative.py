"""What happened, in Russian sentences for officials (history) and citizens (timeline)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from contracts.extents import LocationNote
from services.intake.history.rules.deadlines import UNKNOWN, Due, due_in
from services.intake.history.rules.entries import HistoryEntry, sort_history
from services.intake.history.rules.kinds import FOR_CITIZENS, WITHOUT_REASON, kind_of
from services.intake.history.rules.projection import follow_due

_POINTS: Final[dict[LocationNote, str]] = {
    "swapped": "Точка на карте не в регионе: вероятно, широта и долгота переставлены",
    "zero": "Вместо точки на карте присланы нули",
    "outside": "Точка на карте не в регионе обращения",
}
# Sentences that hold words which somebody wrote, without them.
_WITHOUT_WORDS: Final = {
    "documents_requested": "Запрошены документы",
    "forwarded": "Направлено по компетенции в другой орган",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of a history. `person`: who acted, for officials; citizens hear of organisations."""

    at: datetime
    kind: str
    what: str
    reason: str | None
    organisation: str | None
    assignment_id: UUID | None
    person: UUID | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """What every history begins with."""

    number: str
    received_at: datetime
    location_note: LocationNote | None = None


def narrate(entries: Iterable[HistoryEntry], registered: Registered) -> list[Sentence]:
    """Everything that happened, in order; the deadline of an assignment is shown again only when it moved."""
    lines = [_registration(registered)]
    if registered.location_note:
        what, why = _POINTS[registered.location_note], "Точка не показывается на карте"
        lines.append(Sentence(registered.received_at, "location_marked", what, why, None, None))
    return [*lines, *_narrate_all(sort_history(entries))]


def narrate_in_outline(entries: Iterable[HistoryEntry], registered: Registered) -> list[Sentence]:
    """The same for who sees the course of an appeal and nobody's words: no reasons, no addressees that officials wrote, no persons."""
    return [
        replace(line, what=_WITHOUT_WORDS.get(line.kind, line.what), reason=None, person=None)
        for line in narrate(entries, registered)
    ]


def narrate_to_citizens(entries: Iterable[HistoryEntry], registered: Registered) -> list[Sentence]:
    """What concerns the citizen; the last date shown is the appeal's `due_on`.

    Clocks of single assignments are not shown, but the deadline of the appeal, which passes from one to another. What
    organisations write to each other when they redirect is left out.
    """
    history = sort_history(entries)
    lines = [_in_public(line) for line in _narrate_all(history) if line.kind in FOR_CITIZENS]
    lines += _narrate_due(history)
    return [_registration(registered), *sorted(lines, key=lambda line: line.at)]


def _registration(registered: Registered) -> Sentence:
    what = f"Обращение зарегистрировано под номером {registered.number}"
    return Sentence(registered.received_at, "registered", what, None, None, None)


def _in_public(line: Sentence) -> Sentence:
    return replace(line, reason=None if line.kind in WITHOUT_REASON else line.reason, person=None)


def _narrate_due(history: Sequence[HistoryEntry]) -> Iterator[Sentence]:
    shown, steps = UNKNOWN, list(follow_due(history))
    for at, holder, due in steps:
        if due not in (shown, UNKNOWN):
            yield Sentence(at, "deadline_set", due.sentence(), due.reason, None, holder)
            shown = due
    for at, holder, due in steps[-1:]:
        if due == UNKNOWN != shown:  # the question has just changed hands
            yield Sentence(at, "deadline_set", due.sentence(), None, None, holder)


def _narrate_all(history: Sequence[HistoryEntry]) -> Iterator[Sentence]:
    for entry in _worth_showing(history):
        kind = kind_of(entry)
        what, reason = kind.what(entry), kind.why(entry) or None
        organisation = entry.organisation or None
        yield Sentence(entry.at, entry.kind, what, reason, organisation, entry.assignment_id, entry.person)


def _worth_showing(history: Sequence[HistoryEntry]) -> Iterator[HistoryEntry]:
    """All but readings of clocks that move no deadline, and breaches that were taken back."""
    void = {_breach_key(entry) for entry in history if entry.kind == "deadline_corrected"}
    shown: dict[UUID | None, Due] = {}
    for entry in history:
        if entry.kind == "deadline_set":
            due = due_in(entry)
            if due in (shown.get(entry.assignment_id, UNKNOWN), UNKNOWN):
                continue
            shown[entry.assignment_id] = due
        if entry.kind == "deadline_breached" and _breach_key(entry) in void:
            continue
        yield entry


def _breach_key(entry: HistoryEntry) -> tuple[object, ...]:
    return entry.assignment_id, *(entry.data.get(name) for name in ("clock", "cycle", "version"))
