"""What was changed in reference data."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.routing.tables.reference import Changed


class ReferenceChangeView(BaseModel):
    """A change: who, when, and the row before (null: it is new) and after (null: it was removed), with the columns it had.

    `client_id` is null for what the service adds by itself for legacy cases; `person`: who acted through the client.
    """

    what: Changed
    id: str
    at: datetime
    client_id: str | None
    person: UUID | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ReferenceChangePage(BaseModel):
    """Part of the history, newest first."""

    items: list[ReferenceChangeView]
    next_cursor: str | None
