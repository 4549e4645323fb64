"""Officials' words where they were written: columns of a table that hold nothing in clear, sealed by the service's key.

Rows written before that are sealed by a background task, a batch a transaction.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import orjson
import structlog
from fastapi import Request, Response
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import open_work, update_rows
from chassis.db.driver import fetch
from chassis.problems import Problem, problem_response
from chassis.resources import Resources
from chassis.sealing import NONCE_BYTES, SealBroken
from chassis.words import seals_of
from chassis.workers import Worker

log = structlog.get_logger()
AT_ONCE = 200
LOOK_AGAIN_SECONDS = 3600.0
NOT_AVAILABLE = "[текст недоступен]"


class SealedRow(Protocol):
    """A row that has sealed columns, and whatever its table names."""

    @property
    def key_id(self) -> int | None: ...

    @property
    def sealed(self) -> bytes | None: ...


@dataclass(frozen=True)
class SealedColumns:
    """The columns of a table that are kept sealed together. `id` names the column of the row's id."""

    table: Table
    id: str
    columns: tuple[str, ...]

    def seal(self, session: AsyncSession, row_id: UUID, words: Mapping[str, str | None]) -> dict[str, Any]:
        """The row's values: its words sealed, and empty in clear."""
        own = seals_of(session).own
        plain = orjson.dumps(dict(words))
        empty = {name: None if words[name] is None else "" for name in words}
        sealed = own.seal(self.table.name, row_id, plain, os.urandom(NONCE_BYTES))
        return {**empty, "key_id": own.current, "sealed": sealed}

    def open(self, session: AsyncSession, row: SealedRow) -> dict[str, str | None]:
        """The words of a row with its `key_id` and `sealed`; SealBroken when they do not open."""
        clear = {name: getattr(row, name) for name in self.columns}
        if row.sealed is None or row.key_id is None:
            return clear
        plain = seals_of(session).own.open(self.table.name, getattr(row, self.id), row.key_id, row.sealed)
        try:
            words: dict[str, str | None] = orjson.loads(plain)
        except ValueError:
            raise SealBroken("the sealed data is damaged") from None
        return clear | words

    def show(self, session: AsyncSession, row: SealedRow) -> dict[str, str | None]:
        """The same for pages: words that do not open must not take the others along."""
        try:
            return self.open(session, row)
        except SealBroken as error:
            log.error("kept words cannot be opened", table=self.table.name, problem=str(error))
            return {name: None if getattr(row, name) is None else NOT_AVAILABLE for name in self.columns}

    async def seal_old(self, session: AsyncSession) -> int:
        """Seal some rows that are in clear; how many there were."""
        names = ", ".join(self.columns)
        clear = await fetch(
            session,
            f"SELECT region, {self.id}, {names} FROM {self.table.fullname} "
            f"WHERE sealed IS NULL AND concat({names}) <> '' ORDER BY region, {self.id} LIMIT {AT_ONCE} "
            "FOR NO KEY UPDATE SKIP LOCKED",
        )
        sealed = [
            {
                "region": each["region"],
                self.id: each[self.id],
                **self.seal(session, each[self.id], {name: each[name] for name in self.columns}),
            }
            for each in clear
        ]
        await update_rows(session, self.table, sealed, keys=("region", self.id))
        return len(clear)


def sealing(*tables: SealedColumns) -> Worker[Resources]:
    """The worker that seals rows in clear: at the start and every hour, as a restored backup may hold some."""

    async def seal_some(resources: Resources) -> float:
        async with resources.sessions.begin() as session:
            await open_work(session)
            sealed = [await each.seal_old(session) for each in tables]
        return 0 if any(sealed) else LOOK_AGAIN_SECONDS

    return Worker("sealing", seal_some)


def sealing_statements(schema: str, table: str, row_id: str) -> list[str]:
    """DDL for a table that has words in clear: the columns, and an index of the rows that still do."""
    return [
        f"ALTER TABLE {schema}.{table} ADD COLUMN key_id smallint, ADD COLUMN sealed bytea",
        f"CREATE INDEX {table}_clear_ix ON {schema}.{table} (region, {row_id}) WHERE sealed IS NULL",
    ]


def unsealing_statements(schema: str, table: str) -> list[str]:
    """DDL for a downgrade: possible as long as nothing is sealed, which only the service could open."""
    return [
        "SELECT set_config('app.scope', 'service', true)",
        f"DO $$ BEGIN IF EXISTS (SELECT FROM {schema}.{table} WHERE sealed IS NOT NULL) THEN "
        f"RAISE EXCEPTION 'words in {schema}.{table} are sealed: restore a backup instead'; END IF; END $$",
        f"DROP INDEX {schema}.{table}_clear_ix",
        f"ALTER TABLE {schema}.{table} DROP COLUMN key_id, DROP COLUMN sealed",
    ]


class WordsSealed(Problem):
    status, slug, title = 503, "words-sealed", "The words cannot be opened with the keys in use"


async def on_broken_seal(_: Request, error: Exception) -> Response:
    """Wherever kept words are needed: 503 until their key, or their row, is restored."""
    log.error("kept words cannot be opened", problem=str(error) if isinstance(error, SealBroken) else "")
    return problem_response(WordsSealed("The administrator restores the key or the row from a backup."))
