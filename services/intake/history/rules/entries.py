"""Entries of an appeal's history, and the order in which things happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened. `data` holds what its kind needs (see `kinds`), masked."""

    event_id: UUID
    kind: str
    at: datetime
    sequence: int = 0
    assignment_id: UUID | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def organisation(self) -> str:
        """The name of the organisation it is about; empty where it is about none."""
        organisation = self.data.get("organisation") or {}
        return str(organisation.get("name", ""))

    @property
    def person(self) -> UUID | None:
        """Who acted through the client; None where nobody said."""
        person = self.data.get("person")
        return UUID(str(person)) if person else None


def sort_history(entries: Iterable[HistoryEntry]) -> list[HistoryEntry]:
    """The order in which things happened, the same for every order of arrival."""
    return sorted(entries, key=lambda entry: (entry.at, entry.sequence, entry.event_id))
