"""Imports as a whole: what came together from another system, and how far it was taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import ARRAY

from chassis.tables import Key, default, define_table
from services.intake.tables.base import metadata


@dataclass(frozen=True, slots=True)
class NewPastImport:
    """How many cases came under one id, by region."""

    region: Key[str]
    id: Key[UUID]
    client_id: str
    began_at: datetime
    cases: int


@dataclass(frozen=True, slots=True)
class PastImport(NewPastImport):
    """And how far it was taken back. `worked_on`: how many cases stood against that when it was asked last."""

    status: Annotated[str, default("'taken_over'")]
    removed: Annotated[int, default("0")]
    kept: Annotated[int, default("0")]
    worked_on: Annotated[int, default("0")]
    worked_on_numbers: Annotated[list[str], ARRAY(Text), default("'{}'")]


past_import = define_table(metadata, "past_import", PastImport, Index(None, "id"))


@dataclass(frozen=True, slots=True)
class ImportedCase:
    """A case of an import that is still here, and what makes a repeat of it recognisable."""

    import_id: Key[UUID]
    region: Key[str]
    appeal_id: Key[UUID]
    key_hash: bytes


imported_case = define_table(metadata, "imported_case", ImportedCase)


@dataclass(frozen=True, slots=True)
class RemovedAppeal:
    """An appeal that was taken back: what arrives about it later is no longer waited for."""

    region: Key[str]
    appeal_id: Key[UUID]


removed_appeal = define_table(metadata, "removed_appeal", RemovedAppeal)
