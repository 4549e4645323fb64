"""What the platform answers to acts, on one assignment and on many."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel


class Acted(BaseModel):
    """An assignment after an act."""

    id: UUID
    number: str
    status: str
    version: int


class Problem(BaseModel):
    """Why an item of many was refused."""

    type: str
    status: int


class BulkItem(BaseModel):
    """What became of one of many."""

    id: UUID
    status: int
    assignment: Acted | None = None
    problem: Problem | None = None


class BulkResult(BaseModel):
    """What became of each."""

    items: list[BulkItem]
