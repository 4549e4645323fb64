"""Which parts' tables are at their newest revision already, and bringing the others there."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg

from infra.local.child import Child
from infra.local.database import connect, parse_url
from infra.local.errors import StartError

# Names that a migration sets to a string; Alembic writes them with and without a type.
_IDENTIFIER = re.compile(r"""^(revision|down_revision)\b[^=\n]*=\s*["']([^"']+)["']""", re.MULTILINE)


async def parts_up_to_date(admin_url: str, parts: Iterable[str], project: Path) -> set[str]:
    """The parts whose schema is at the newest revision in `project`; any doubt means: not up to date. StartError for a schema at
    a revision that `project` does not know: a newer version has worked with it."""
    folders = {part: _folder_of(part, project) for part in parts}
    found = await _stored_revisions(admin_url, folders)
    for part, stored in found.items():
        unknown = sorted(set(stored) - _revisions_in(folders[part]).keys())
        if unknown:
            raise StartError(
                f"The tables of {part} are at revision {unknown[0]}, which this version of Otklik does not know: a newer one has "
                f"worked with them. Start that version, or restore a backup from before the update."
            )
    wanted = {part: newest_revision(folder) for part, folder in folders.items()}
    return {part for part, revision in wanted.items() if revision and found.get(part) == [revision]}


async def _stored_revisions(admin_url: str, parts: Iterable[str]) -> dict[str, list[str]]:
    """By part, of those whose schema can be asked."""
    try:
        connection = await connect(admin_url, parse_url(admin_url)[0].database)
    except (StartError, asyncpg.PostgresError):
        return {}
    found: dict[str, list[str]] = {}
    try:
        for part in parts:
            with suppress(
                asyncpg.PostgresError
            ):  # no such schema or table yet, or none of our business to read it
                stored = await connection.fetch(f'SELECT version_num FROM "{part}".alembic_version')
                found[part] = [version for (version,) in stored]
    finally:
        await connection.close()
    return found


async def run_migrations(migrations: Sequence[Child], grace: float) -> None:
    """All of them side by side, to their end; StartError with the log's end when one fails."""
    try:
        for migration in migrations:
            migration.start()
        codes = await asyncio.gather(*(migration.exited() for migration in migrations))
    finally:
        await asyncio.gather(*(migration.stop(grace) for migration in migrations))
    for migration, code in zip(migrations, codes, strict=True):
        if code != 0:
            tail = migration.log_tail()
            raise StartError(f"The {migration.name} failed. The end of {migration.log}:\n{tail}")


def newest_revision(folder: Path) -> str | None:
    """The one revision in a folder of migrations that no other builds upon; None when there is not exactly one.

    Read without Alembic, which would cost the supervisor a second and ten megabytes for as long as it runs.
    """
    revisions = _revisions_in(folder)
    newest = revisions.keys() - set(revisions.values())
    return newest.pop() if len(newest) == 1 else None


def _revisions_in(folder: Path) -> dict[str, str | None]:
    """Each revision in a folder, and which it builds upon."""
    migrations = [dict(_IDENTIFIER.findall(file.read_text(encoding="utf-8"))) for file in folder.glob("*.py")]
    return {names["revision"]: names.get("down_revision") for names in migrations if "revision" in names}


def _folder_of(part: str, project: Path) -> Path:
    return project / ("gateway" if part == "gateway" else f"services/{part}") / "migrations" / "versions"
