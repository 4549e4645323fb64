"""What routing knows of appeals as such: that they came, how they ended before they came, which were taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import NOW, SMALL, Key, Partition, default, define_table
from services.routing.tables.base import metadata


@dataclass(frozen=True, slots=True)
class RoutedAppeal:
    """Makes routing safe against a replay even when the inbox was emptied.

    A row without `routed_at` is an appeal whose end (withdrawn, rejected) was announced before its registration.
    `import_id`: with what a legacy case came; `born_version`: of its assignment, a higher one was worked on. `text_hash`: of
    its masked text in the normal form, where that is long enough to come again for a reason. `admitted_at`: when a moderator
    let it go on, also before its registration came. `decided_at`: of the newest decision of a moderator that is known;
    `ended_ids`: assignments that a rejection ended, and that go on where it is taken back.
    """

    region: Key[str]
    appeal_id: Key[UUID]
    client_id: str | None
    routed_at: Annotated[datetime | None, NOW]
    end_reason: str | None
    ended_at: datetime | None
    import_id: UUID | None
    born_version: Annotated[int | None, SMALL]
    text_hash: bytes | None
    admitted_at: datetime | None
    decided_at: datetime | None
    ended_ids: Annotated[list[UUID], ARRAY(Uuid()), default("'{}'")]


@dataclass(frozen=True, slots=True)
class UndoneImport:
    """An import that was taken back, for ever: what comes of its cases later is not placed. `pending`: some are still here."""

    region: Key[str]
    import_id: Key[UUID]
    pending: bool


routed_appeal = define_table(
    metadata,
    "routed_appeal",
    RoutedAppeal,
    Index(
        "routed_appeal_import_ix",
        "region",
        "import_id",
        "appeal_id",
        postgresql_where=text("import_id IS NOT NULL"),
    ),
    Index(
        "routed_appeal_text_ix",
        "region",
        "text_hash",
        "appeal_id",
        postgresql_where=text("text_hash IS NOT NULL"),
    ),
    partition=Partition("month", "appeal_id"),
)
undone_import = define_table(
    metadata,
    "undone_import",
    UndoneImport,
    Index("undone_import_pending_ix", "region", "import_id", postgresql_where=text("pending")),
)
