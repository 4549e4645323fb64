"""What the workplace decides by itself: which acts a status allows, how urgent a day is, what a filter asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from web.desk.views import Assignment
from web.words import local

WORKING: Final = ("new", "accepted", "interim", "reopened")
ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("new", "reopened"),
    "answer": (*WORKING, "postponed"),
    "interim": WORKING,
    "clarify": WORKING,
    "resume": ("clarifying",),
    "redirect": (*WORKING, "clarifying"),
    "extension": (*WORKING, "clarifying"),
}
QUEUE_STATUSES: Final = ("new", "reopened", "accepted", "interim", "clarifying", "in_review", "postponed")
DUE: Final[Mapping[str, str]] = {"overdue": "просрочено", "today": "до конца дня", "week": "за неделю"}
REASONS: Final[Mapping[str, str]] = {
    "not_competent": "не наша компетенция",
    "other_territory": "другая территория",
    "other_topic": "другая тема",
    "duplicate": "повтор другого обращения",
    "other": "другое",
}
NEXT_NEW: Final = "next"
_NUMBER: Final = re.compile(r"^[0-9]{2}-[0-9]{4}-[0-9]{7,}$")
_ID: Final = re.compile(r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_CHOSEN: Final = re.compile(r"^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):([0-9]{1,9}):([0-9-]{0,24})$")
Urgency = Literal["overdue", "today", "soon", "later", "unknown"]
SOON_DAYS: Final = 3
_LONGEST_DAYS: Final = 3  # digits
_LONGEST_COUNT: Final = 7


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; empty: not. `person`: whose work."""

    status: str = ""
    topic: str = ""
    due: str = ""
    mine: bool = False
    person: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Filters:
        """From a query; what is not understood is left out."""
        status, due = query.get("status", ""), query.get("due", "")
        return cls(
            status=status if status in QUEUE_STATUSES else "",
            topic=query.get("topic", "")[:100],
            due=due if due in DUE else "",
            mine=query.get("mine", "") == "1",
            person=query.get("person", "") if _ID.match(query.get("person", "")) else "",
        )

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return self != Filters()

    def query(self, **more: str) -> str:
        """As a query, with more in it."""
        asked = {
            "status": self.status,
            "topic": self.topic,
            "due": self.due,
            "mine": "1" if self.mine else "",
            "person": self.person,
        }
        return urlencode({name: value for name, value in (asked | more).items() if value})

    def asked(self, now: datetime, region: str, person: UUID) -> dict[str, str | int | bool | None]:
        """As the platform is asked; `person`: whose are one's own."""
        return {
            "status": self.status,
            "topic": self.topic,
            "due_before": self.due_before(now, region),
            "person": str(person) if self.mine else self.person,
            "running": not self.status,
        }

    def due_before(self, now: datetime, region: str) -> str | None:
        """The instant before which the deadline has to lie (RFC 3339)."""
        if not self.due:
            return None
        if self.due == "overdue":
            return now.isoformat()
        days = 1 if self.due == "today" else 8
        here = local(now, region)
        return datetime.combine(here.date() + timedelta(days=days), time(), here.tzinfo).isoformat()


def filters_in(origin: str) -> Filters:
    """The filters of the queue that an appeal was opened from."""
    return Filters.of(dict(parse_qsl(origin)))


def origin_of(asked: str) -> str:
    """Where an appeal was opened from, brought to a form that may stand in our links: `next`, or filters of the queue."""
    return NEXT_NEW if asked == NEXT_NEW else filters_in(asked).query()


def urgency(due_at: datetime | None, now: datetime, region: str) -> Urgency:
    """How near a deadline is, by the region's days."""
    if due_at is None:
        return "unknown"
    if due_at < now:
        return "overdue"
    days = (local(due_at, region).date() - local(now, region).date()).days
    return "today" if days == 0 else "soon" if days <= SOON_DAYS else "later"


def may(act: str, status: str) -> bool:
    """Whether an act is possible in a status."""
    return status in ALLOWED[act]


def is_reserved(item: Assignment, now: datetime) -> bool:
    """Whether somebody has reserved it for himself at the moment."""
    return item.lease_expires_at is not None and item.lease_expires_at > now


def next_of(items: Iterable[Assignment], done: UUID, now: datetime) -> Assignment | None:
    """What is worked on after one that is done: the most urgent that waits for us and that nobody has reserved."""
    waiting = (each for each in items if each.id != done and each.status in WORKING)
    return next((each for each in waiting if not is_reserved(each, now)), None)


def number_shown(asked: str) -> str:
    """A number of an appeal as it was sent to us; empty for anything else."""
    return asked if _NUMBER.match(asked) else ""


def count_shown(asked: str) -> int | None:
    """A count as it was sent to us; None for anything else."""
    return int(asked) if asked.isdecimal() and len(asked) <= _LONGEST_COUNT else None


def days_asked(typed: str) -> int:
    """A number of days as it was typed; 0, which is refused, for what is none."""
    return int(typed) if typed.isdecimal() and len(typed) <= _LONGEST_DAYS else 0


@dataclass(frozen=True, slots=True)
class Chosen:
    """An assignment chosen in the list, in the version it was seen in."""

    id: UUID
    version: int
    number: str


def read_chosen(values: Iterable[str]) -> list[Chosen]:
    """What the boxes of the list have sent; what is not understood is left out, and nothing comes twice."""
    found: dict[UUID, Chosen] = {}
    for value in values:
        if match := _CHOSEN.match(value):
            chosen = Chosen(UUID(match[1]), int(match[2]), number_shown(match[3]))
            found[chosen.id] = chosen
    return list(found.values())
