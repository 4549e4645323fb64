"""How much waits."""

from __future__ import annotations

from pydantic import BaseModel


class Waiting(BaseModel):
    """Entries of the coordinator's lists; each is counted up to `most`."""

    dangers: int
    triage: int
    reviews: int
    incidents: int
    audits: int
    unaccepted: int
    most: int


class _Entry(BaseModel):
    """Only that there is one."""


class Entries(BaseModel):
    """The first entries of a list."""

    items: list[_Entry]
    next_cursor: str | None


class DeadlineCounts(BaseModel):
    """Open deadlines of a region, and how many ask for more days."""

    due_soon: int
    due_soon_hours: int
    extensions_pending: int
    overdue: list[OverdueOf]

    @property
    def late(self) -> int:
        """How many are overdue, whoever has them."""
        return sum(each.count for each in self.overdue)


class OverdueOf(BaseModel):
    """How many an organisation has let pass."""

    count: int
