"""Many rows out of the database in its own fast form, past Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import copy_out
from chassis.db.statements import compile_statement


async def copy_to_file(session: AsyncSession, path: Path, sql: str, /, **named: Any) -> None:
    """Write a query's rows to a file as CSV without a head: null is nothing, an empty text is `""`. The query reads the
    snapshot of the session's transaction."""
    statement = compile_statement(sql)
    await copy_out(session, path, statement.sql, *statement.arguments(named))
