"""Requests for more days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy import text as sql

from chassis.sealed_columns import SealedColumns
from chassis.tables import SMALL, Key, define_table
from services.sla.tables.schema import metadata

Decision = Literal["approve", "refuse"]


@dataclass(frozen=True, slots=True)
class NewExtension:
    """A request for more days, as it is written."""

    region: Key[str]
    extension_id: Key[UUID]
    appeal_id: UUID
    assignment_id: UUID
    organisation_id: UUID
    days: int
    reason: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Extension(NewExtension):
    """The request and its decision. What the coordinator wrote is sealed (`EXTENSION_WORDS`). `ended_at`: nobody decides any
    more, the clock that was to be extended has ended."""

    decision: Decision | None
    decided_days: int | None
    decision_reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    notified_at: datetime | None
    notice: str | None
    key_id: Annotated[int | None, SMALL]
    sealed: bytes | None
    ended_at: datetime | None


PENDING: Final = "decision IS NULL AND ended_at IS NULL"
"""Of a request that waits for a coordinator."""
_EXTENSIONS_IN_ORDER: Final = ("region", "requested_at", "extension_id")
extension = define_table(
    metadata,
    "extension",
    Extension,
    Index("extension_pending_ix", *_EXTENSIONS_IN_ORDER, postgresql_where=sql(PENDING)),
    Index("extension_decided_ix", *_EXTENSIONS_IN_ORDER, postgresql_where=sql("decision IS NOT NULL")),
    Index("extension_clear_ix", "region", "extension_id", postgresql_where=sql("sealed IS NULL")),
)
# What the coordinator wrote. `reason`: the organisation's, in rows that are older than `extension_reason`.
EXTENSION_WORDS: Final = SealedColumns(extension, "extension_id", ("reason", "decision_reason", "notice"))


@dataclass(frozen=True, slots=True)
class ExtensionReason:
    """Why an organisation asks for more days, as intake has masked it; comes before or after the request itself."""

    region: Key[str]
    extension_id: Key[UUID]
    reason: str


extension_reason = define_table(metadata, "extension_reason", ExtensionReason)
