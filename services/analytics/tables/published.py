"""What listeners and the public are told. No replay or rebuild of facts touches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint

from chassis.tables import NOW, FeedPosition, Key, Xid, define_table
from services.analytics.tables.schema import metadata


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """Something that listeners of the live stream are told of, kept for two days. `key` names what happened: whatever has been
    announced is not announced again. Where it lies (`municipality`) and whose it is may be unknown."""

    xid: Xid
    position: Key[FeedPosition]
    region: str
    municipality: str | None
    organisation_id: UUID | None
    event: str
    key: str
    data: dict[str, object]
    at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class PublicRelease:
    """What was published of a month of a region (`month`: its first day): made once, and the same for ever."""

    region: Key[str]
    month: Key[date]
    figures: dict[str, object]
    cells: dict[str, object]
    as_of: datetime


stream_entry = define_table(
    metadata,
    "stream_entry",
    StreamEntry,
    UniqueConstraint("key"),
    Index(None, "xid", "position"),
    Index(None, "at"),
)
public_release = define_table(metadata, "public_release", PublicRelease)
