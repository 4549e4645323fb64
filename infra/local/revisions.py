"""Which parts' tables are at their newest revision already, and bringing the others there."""

import ast
import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import asyncpg

from infra.local.child import Child
from infra.local.database import connect, parse_url
from infra.local.errors import StartError


async def parts_up_to_date(admin_url: str, parts: Iterable[str], project: Path) -> set[str]:
    """The parts whose schema says that it is at the newest revision in `project`; any doubt means: not up to date."""
    wanted = {part: newest_revision(_folder_of(part, project)) for part in parts}
    try:
        connection = await connect(admin_url, parse_url(admin_url)[0].database)
    except (StartError, asyncpg.PostgresError):
        return set()
    found = set()
    try:
        for part, revision in wanted.items():
            try:
                stored = await connection.fetch(f'SELECT version_num FROM "{part}".alembic_version')
            except asyncpg.PostgresError:
                continue  # no such schema or table yet, or none of our business to read it
            if revision is not None and [row["version_num"] for row in stored] == [revision]:
                found.add(part)
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
    revisions: set[str] = set()
    followed: set[str] = set()
    for file in folder.glob("*.py"):
        names = dict(_strings(ast.parse(file.read_text(encoding="utf-8"))))
        if "revision" in names:
            revisions.add(names["revision"])
            followed.add(names.get("down_revision", ""))
    newest = revisions - followed
    return newest.pop() if len(newest) == 1 else None


def _strings(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Names that a module sets to a string; Alembic writes them with and without a type."""
    for node in module.body:
        targets = (
            node.targets
            if isinstance(node, ast.Assign)
            else [node.target]
            if isinstance(node, ast.AnnAssign)
            else []
        )
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from ((target.id, value.value) for target in targets if isinstance(target, ast.Name))


def _folder_of(part: str, project: Path) -> Path:
    return project / ("gateway" if part == "gateway" else f"services/{part}") / "migrations" / "versions"
