"""How much work of which kind lies in a queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CountedWork:
    """Assignments that are alike in status, topic and person: how many, how many of them overdue, and due until the end of today."""

    status: str
    topic: str | None
    person: UUID | None
    assignments: int
    overdue: int
    due_today: int


@dataclass(frozen=True, slots=True)
class PersonsWork:
    """What one person works on; nobody in particular where `person` is None."""

    person: UUID | None
    assignments: int
    overdue: int


def count_statuses(counted: Iterable[CountedWork]) -> list[tuple[str, int]]:
    """By status, the most frequent first."""
    found: Counter[str] = Counter()
    for each in counted:
        found[each.status] += each.assignments
    return found.most_common()


def count_topics(counted: Iterable[CountedWork]) -> list[tuple[str, int]]:
    """By topic, the most frequent first; without those that have none."""
    found: Counter[str] = Counter()
    for each in counted:
        if each.topic is not None:
            found[each.topic] += each.assignments
    return found.most_common()


def count_persons(counted: Iterable[CountedWork]) -> list[PersonsWork]:
    """By person, who has most of what is overdue first."""
    assignments: Counter[UUID | None] = Counter()
    overdue: Counter[UUID | None] = Counter()
    for each in counted:
        assignments[each.person] += each.assignments
        overdue[each.person] += each.overdue
    found = [PersonsWork(person, count, overdue[person]) for person, count in assignments.items()]
    return sorted(found, key=lambda each: (-each.overdue, -each.assignments, str(each.person)))
