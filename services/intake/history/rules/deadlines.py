"""The deadline of an appeal's answer, as readings of its clocks give it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from services.intake.history.rules.entries import HistoryEntry


@dataclass(frozen=True, slots=True)
class Due:
    """The deadline of the answer: not known (yet), a day, standing still without one, or over without an answer."""

    state: Literal["unknown", "set", "paused", "over"]
    on: date | None = None
    reason: str | None = None

    def sentence(self) -> str:
        """For officials and citizens."""
        return _SENTENCES[self.state].format(on=self.on)


UNKNOWN: Final = Due("unknown")
_SENTENCES: Final = {
    "unknown": "Срок ответа уточняется",
    "paused": "Срок ответа приостановлен",
    "over": "Срок ответа больше не действует",
    "set": "Срок ответа – до {on:%d.%m.%Y}",
}


class ClockReadings:
    """What was last published of the clocks of each assignment, and (None) of the appeal itself."""

    def __init__(self, history: Iterable[HistoryEntry] = ()) -> None:
        self._newest: dict[UUID | None, HistoryEntry] = {}
        for entry in history:
            if entry.kind == "deadline_set":
                self.add(entry)

    def add(self, entry: HistoryEntry) -> None:
        """Take in one reading."""
        known = self._newest.get(entry.assignment_id)
        if known is None or (known.sequence, known.event_id) < (entry.sequence, entry.event_id):
            self._newest[entry.assignment_id] = entry

    def due(self, leading: UUID | None) -> Due:
        """The answer clock of the leading assignment, of the appeal itself while there is none."""
        readings = [self._newest[key] for key in (leading, None) if key in self._newest]
        return next((due for due in map(due_in, readings) if due.state != "unknown"), UNKNOWN)


def due_in(reading: HistoryEntry) -> Due:
    """The deadline of the answer in one reading of clocks. A clock that was cancelled has no date any more."""
    answers = [clock for clock in reading.data["clocks"] if clock["clock"] == "answer"]
    live = [clock for clock in answers if clock.get("state") != "cancelled"]
    if not live:
        return Due("over") if answers else UNKNOWN
    clock: Mapping[str, str] = max(live, key=lambda clock: int(clock["cycle"]))
    on = read_date(clock["due_on"])
    return Due("set" if on else "paused", on, clock["reason"] or None)


def read_date(day: str | None) -> date | None:
    """A day as entries keep it."""
    return date.fromisoformat(day) if day else None
