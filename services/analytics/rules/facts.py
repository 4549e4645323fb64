"""What a batch of events says, as rows to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.intake import AppealRated, AppealReopened
from contracts.routing import AssignmentAnswered, AssignmentReopened
from contracts.sla import DeadlineBreached, DeadlineCorrected
from services.analytics.rules.shapes import (
    ANSWER,
    APPEAL,
    ASSIGNMENT,
    BREACH,
    REFERENCE,
    Row,
    Shape,
    merge_into,
)

Key = tuple[Any, ...]
SHAPES = (APPEAL, ASSIGNMENT, ANSWER, BREACH, REFERENCE)


@dataclass
class Facts:
    """What a batch of events says, one row per key and table; `hints` are names that came along with assignments."""

    rows: dict[str, dict[Key, Row]] = field(default_factory=lambda: {shape.table: {} for shape in SHAPES})
    hints: dict[Key, Row] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)
    # Appeals that may have been taken back, as this batch or an earlier one says.
    removable: set[Key] = field(default_factory=set)

    def say(self, shape: Shape, key: Key, **said: Any) -> None:
        """Add to the row of a key; an appeal is touched with everything that belongs to it."""
        rows = self.rows[shape.table]
        row = rows.get(key)
        if row is None:
            row = rows[key] = dict.fromkeys(shape.columns)
            row.update(zip(shape.keys, key, strict=True))
            if "appeal_id" in shape.keys and shape is not APPEAL:
                self.say(APPEAL, key[:2])
        merge_into(row, said, shape)

    def say_answer(
        self, event: AppealRated | AppealReopened | AssignmentReopened | AssignmentAnswered, **said: Any
    ) -> None:
        """Add to an answer; its assignment is touched, so that totals find a row also before its creation."""
        self.say(ASSIGNMENT, (event.region, event.appeal_id, event.assignment_id))
        key = (event.region, event.appeal_id, event.answer_id)
        self.say(ANSWER, key, assignment_id=event.assignment_id, **said)

    def say_breach(self, event: DeadlineBreached | DeadlineCorrected, **said: Any) -> None:
        """Add to a breach, named by clock, cycle and version."""
        if event.assignment_id is not None:
            self.say(ASSIGNMENT, (event.region, event.appeal_id, event.assignment_id))
        name = (event.deadline_id, event.clock, event.cycle, event.version)
        self.say(BREACH, (event.region, event.appeal_id, *name), **said)

    def hint(self, region: str, kind: str, key: str, name: str) -> None:
        """A name for the time until the reference event itself arrives.

        That event is a hint too: all names a batch makes are made by one statement, in the order of their keys.
        """
        self.hints[(region, kind, key)] = {
            "region": region,
            "kind": kind,
            "key": key,
            "version": -1,
            "name": name,
        }

    def sorted_rows(self, shape: Shape) -> list[Row]:
        """Rows by key, so that two writers never wait for each other in a circle."""
        rows = self.rows[shape.table]
        return [rows[key] for key in sorted(rows)]

    def assignments_to_total(self) -> list[Row]:
        """Assignments whose answers or breaches the batch changed."""
        keys = {
            (row["region"], row["appeal_id"], row["assignment_id"])
            for row in self.rows[ANSWER.table].values()
        }
        keys |= {
            (row["region"], row["appeal_id"], row["deadline_id"]) for row in self.rows[BREACH.table].values()
        }
        return [dict(zip(ASSIGNMENT.keys, key, strict=True)) for key in sorted(keys)]

    def appeals_to_clear(self) -> list[Row]:
        """Appeals below which nothing may be left, if they were taken back."""
        return [dict(zip(APPEAL.keys, key, strict=True)) for key in sorted(self.removable)]

    def appeals_to_total(self) -> list[Row]:
        """Appeals with anything changed below them."""
        below = (ASSIGNMENT, ANSWER, BREACH)
        keys = {key[:2] for shape in below for key in self.rows[shape.table]}
        return [dict(zip(APPEAL.keys, key, strict=True)) for key in sorted(keys)]
