"""What a batch of events says, as rows to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from contracts.intake import AppealRated, AppealReopened
from contracts.routing import AssignmentAnswered, AssignmentReopened
from contracts.sla import DeadlineBreached, DeadlineCorrected
from services.analytics.facts.rules.upserts import (
    ANSWER,
    APPEAL,
    ASSIGNMENT,
    BELOW_APPEAL,
    BREACH,
    REFERENCE,
    UpsertSpec,
    Values,
)

RowKey = tuple[Any, ...]
SPECS = (APPEAL, *BELOW_APPEAL, REFERENCE)
_TABLES_BELOW = frozenset(spec.table for spec in BELOW_APPEAL)


class AppealKey(NamedTuple):
    """Which appeal."""

    region: str
    appeal_id: UUID


class AssignmentKey(NamedTuple):
    """Which assignment, or whichever deadline may be one's."""

    region: str
    appeal_id: UUID
    assignment_id: UUID


class NameKey(NamedTuple):
    """What a name is for."""

    region: str
    kind: str
    key: str


class AboutAppeal(Protocol):
    """An event of one appeal."""

    @property
    def region(self) -> str: ...
    @property
    def appeal_id(self) -> UUID: ...


class AboutAssignment(AboutAppeal, Protocol):
    """An event of one assignment."""

    @property
    def assignment_id(self) -> UUID: ...


@dataclass
class Facts:
    """What a batch of events says, one row per key and table."""

    # Names that came along with assignments: they hold until the reference event itself arrives.
    provisional_names: dict[NameKey, str] = field(default_factory=dict)
    newest: dict[str, datetime] = field(default_factory=dict)
    # Appeals that may have been taken back, as this batch or an earlier one says.
    removable: set[AppealKey] = field(default_factory=set)
    # Assignments whose answers or breaches the batch changed.
    to_total: set[AssignmentKey] = field(default_factory=set)
    # Rows by what their keys are compared by, which is quick and orders them as the keys do.
    _by_order: dict[str, dict[RowKey, Values]] = field(
        default_factory=lambda: {spec.table: {} for spec in SPECS}, repr=False
    )

    def record(self, spec: UpsertSpec, key: RowKey, **values: Any) -> None:
        """Add to the row of a key; an appeal is touched with everything that belongs to it."""
        rows, order = self._by_order[spec.table], _order_of(key)
        row = rows.get(order)
        if row is None:
            row = rows[order] = dict.fromkeys(spec.columns)
            row.update(zip(spec.keys, key, strict=True))
            if spec.table in _TABLES_BELOW:
                self.record(APPEAL, AppealKey(*key[:2]))
        if values:
            spec.merge_into(row, values)

    def record_appeal(self, event: AboutAppeal, **values: Any) -> None:
        """Add to an appeal."""
        self.record(APPEAL, AppealKey(event.region, event.appeal_id), **values)

    def record_assignment(self, event: AboutAssignment, **values: Any) -> None:
        """Add to an assignment."""
        key = AssignmentKey(event.region, event.appeal_id, event.assignment_id)
        self.record(ASSIGNMENT, key, **values)

    def record_answer(
        self, event: AppealRated | AppealReopened | AssignmentReopened | AssignmentAnswered, **values: Any
    ) -> None:
        """Add to an answer; its assignment is touched, so that totals find a row also before its creation."""
        self.record_assignment(event)
        self.to_total.add(AssignmentKey(event.region, event.appeal_id, event.assignment_id))
        key = (event.region, event.appeal_id, event.answer_id)
        self.record(ANSWER, key, assignment_id=event.assignment_id, **values)

    def record_breach(self, event: DeadlineBreached | DeadlineCorrected, **values: Any) -> None:
        """Add to a breach, named by clock, cycle and version."""
        if event.assignment_id is not None:
            self.record(ASSIGNMENT, AssignmentKey(event.region, event.appeal_id, event.assignment_id))
        deadline = AssignmentKey(event.region, event.appeal_id, event.deadline_id)
        self.to_total.add(deadline)
        self.record(BREACH, (*deadline, event.clock, event.cycle, event.version), **values)

    def sorted_rows(self, spec: UpsertSpec) -> list[Values]:
        """Rows by key, so that two writers never wait for each other in a circle."""
        rows = self._by_order[spec.table]
        return [rows[order] for order in sorted(rows)]

    def sorted_names(self) -> list[Values]:
        """Provisional names as rows of the reference, by key.

        A reference event brings one too: all names a batch makes are made by one statement, in the order of their keys.
        """
        return [
            key._asdict() | {"version": -1, "name": name, "population": None}
            for key, name in sorted(self.provisional_names.items())
        ]

    def assignments_to_total(self) -> list[Values]:
        """Assignments whose answers or breaches the batch changed, by key."""
        return [key._asdict() for key in sorted(self.to_total)]

    def appeals_to_clear(self) -> list[Values]:
        """Appeals below which nothing may be left, if they were taken back."""
        return [key._asdict() for key in sorted(self.removable)]

    def appeals_to_total(self) -> list[Values]:
        """Appeals with anything changed below them."""
        keys = {
            order[:2]: AppealKey(row["region"], row["appeal_id"])
            for spec in BELOW_APPEAL
            for order, row in self._by_order[spec.table].items()
        }
        return [keys[order]._asdict() for order in sorted(keys)]


def _order_of(key: RowKey) -> RowKey:
    """A key with numbers for ids: they compare in the same order, at a fraction of the cost."""
    return tuple([part.int if isinstance(part, UUID) else part for part in key])
