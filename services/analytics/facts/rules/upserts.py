"""How the halves of a row merge, whatever the order in which events bring them: the same rule in Python and in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True)
class UpsertSpec:
    """How events write a table of facts.

    `least`: each column is the least of its values (facts that come once stay as they are). `latest`: guard column →
    columns that follow the greatest guard (the aggregate's version, or the moment of the decision); what is empty under the
    same guard is filled, so that a replay brings columns that are newer than the facts.
    """

    table: str
    keys: tuple[str, ...]
    least: tuple[str, ...] = ()
    latest: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns that events write."""
        guarded = [name for guard, names in self.latest.items() for name in (guard, *names)]
        return (*self.keys, *self.least, *guarded)

    @cached_property
    def _least(self) -> frozenset[str]:
        return frozenset(self.least)

    def merge_into(self, row: Values, values: Values) -> None:
        """Add what an event says to a row of the same key."""
        for name, value in values.items():
            if value is None:
                continue
            known = row[name]
            if name in self._least:
                if known is None or value < known:
                    row[name] = value
            elif name in self.latest and (known is None or value > known):
                row[name] = value
                row.update({follower: values.get(follower) for follower in self.latest[name]})
            elif name in self.latest and value == known:
                row.update({each: values.get(each) for each in self.latest[name] if row[each] is None})

    def conflict_clause(self) -> str:
        """The SQL after ON CONFLICT that does what `merge_into` does.

        Rows without a new value are locked and not rewritten: this is how a batch takes hold of its appeals.
        """
        target = self.table
        setters = [f"{name} = least({target}.{name}, excluded.{name})" for name in self.least]
        for guard, names in self.latest.items():
            same = f"{target}.{guard} = excluded.{guard}"
            older = f"{target}.{guard} > excluded.{guard} OR excluded.{guard} IS NULL"
            setters += [
                f"{name} = CASE WHEN {same} THEN coalesce({target}.{name}, excluded.{name}) "
                f"WHEN {older} THEN {target}.{name} ELSE excluded.{name} END"
                for name in names
            ]
            setters.append(f"{guard} = greatest({target}.{guard}, excluded.{guard})")
        new_values = ", ".join(f"excluded.{name}" for name in (*self.least, *self.latest))
        keys = ", ".join(self.keys)
        return f"({keys}) DO UPDATE SET {', '.join(setters)} WHERE num_nonnulls({new_values}) > 0"


APPEAL = UpsertSpec(
    table="fact_appeal",
    keys=("region", "appeal_id"),
    least=(
        "received_at",
        "received_local",
        "received_work",
        "channel",
        "regime",
        "municipality",
        "cell",
        "withdrawn_at",
        "removed_at",
        "by_work",
    ),
    latest={"moderated_at": ("rejected",)},
)
ASSIGNMENT = UpsertSpec(
    table="fact_assignment",
    keys=("region", "appeal_id", "assignment_id"),
    least=(
        "created_at",
        "received_at",
        "received_local",
        "received_work",
        "role",
        "channel",
        "regime",
        "municipality",
        "first_reaction_at",
        "first_reaction_work",
        "redirected_at",
        "cancelled_at",
        "by_hand",
        "by_work",
    ),
    latest={
        "topic_sequence": ("topic", "topic_group"),
        "organisation_sequence": ("organisation_id",),
        "deadline_sequence": ("due_at", "first_due_at", "first_due_on", "clock_met", "clock_breached"),
    },
)
ANSWER = UpsertSpec(
    table="fact_answer",
    keys=("region", "appeal_id", "answer_id"),
    least=("assignment_id", "answered_at", "answered_work", "outcome", "promised_on", "cycle", "reopened_at"),
    latest={"rated_at": ("score", "solved", "reached", "satisfied")},
)
BREACH = UpsertSpec(
    table="fact_breach",
    keys=("region", "appeal_id", "deadline_id", "clock", "cycle", "version"),
    least=("due_at", "fired_at", "corrected_at"),
)
REFERENCE = UpsertSpec(
    table="reference", keys=("region", "kind", "key"), latest={"version": ("name", "population")}
)
BELOW_APPEAL = (ASSIGNMENT, ANSWER, BREACH)
