"""A queue in figures."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel

from services.routing.assignments.rules.counting import (
    CountedWork,
    count_persons,
    count_statuses,
    count_topics,
)
from services.routing.assignments.rules.statuses import Status
from services.routing.reference.rules.region_reference import RegionReference


class StatusCount(BaseModel):
    """How many stand in one status."""

    status: Status
    assignments: int


class TopicCount(BaseModel):
    """How many are about one topic; `topic`: the region's code."""

    topic: str
    topic_name: str
    assignments: int


class PersonCount(BaseModel):
    """How many one person works on, and how many of them are overdue; `person` is null for those that nobody has."""

    person: UUID | None
    assignments: int
    overdue: int


class QueueCounts(BaseModel):
    """What needs work, counted. `whole`: false where there is more than is counted: then the figures are of the `assignments`
    most urgent ones. `due_today`: until the end of the region's day, without the overdue ones."""

    assignments: int
    whole: bool
    overdue: int
    due_today: int
    statuses: list[StatusCount]
    topics: list[TopicCount]
    persons: list[PersonCount]

    @classmethod
    def of(cls, counted: Sequence[CountedWork], whole: bool, reference: RegionReference) -> QueueCounts:
        """With the names of the topics."""
        return cls.model_validate(
            {
                "assignments": sum(each.assignments for each in counted),
                "whole": whole,
                "overdue": sum(each.overdue for each in counted),
                "due_today": sum(each.due_today for each in counted),
                "statuses": [
                    {"status": status, "assignments": count} for status, count in count_statuses(counted)
                ],
                "topics": [
                    {"topic": code, "topic_name": topic.name if topic else code, "assignments": count}
                    for code, count in count_topics(counted)
                    for topic in [reference.topic(code)]
                ],
                "persons": count_persons(counted),
            },
            from_attributes=True,
        )
