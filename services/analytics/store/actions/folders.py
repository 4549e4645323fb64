"""The files of a process's copy. Each process has a folder of its own below the one it is given; a file counts once it
says up to where it follows the facts, so that one that is only half made never answers."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from chassis.feeds import FeedPlace
from services.analytics.store.queries.copies import Catalog, FigureCopy
from services.analytics.store.queries.engine import Engine
from services.analytics.store.rules.copies import FORMAT, create_statements

MOST_PROCESSES = 64
EXPORT = "export-"  # how folders of files begin that are being written
_SUFFIX = ".duckdb"
log = structlog.get_logger()


def claim_folder(folder: Path) -> tuple[Path, int]:
    """The first of the folder's places that no other process holds, and the lock that holds it while it is open."""
    for number in range(MOST_PROCESSES):
        place = folder / str(number)
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(place / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return place, lock
    raise RuntimeError(f"{MOST_PROCESSES} processes hold copies of the figures in {folder}")


def open_copy(folder: Path, memory_mb: int) -> FigureCopy:
    """What a process has of copies, its files not yet opened."""
    place, lock = claim_folder(folder)
    temporary = place / "temporary"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(mode=0o700)
    return FigureCopy(Engine(temporary, memory_mb), place, lock)


def clear_exports(folder: Path) -> None:
    """Make the folder that files which go out are written in; what a killed process left in it is removed, and nothing else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob(f"{EXPORT}*"):
        shutil.rmtree(left, ignore_errors=True)


async def create_catalog(copy: FigureCopy) -> Catalog:
    """A new file with empty tables."""
    number = time.time_ns()
    catalog = Catalog(f"copy_{number}", copy.folder / f"{number}{_SUFFIX}", FeedPlace(), None)
    await copy.engine.attach(catalog.file, catalog.name)
    await copy.engine.work(lambda cursor: _create(cursor, catalog.name))
    return catalog


def _create(cursor: Any, name: str) -> None:
    for statement in create_statements(name):
        cursor.execute(statement)


async def adopt_newest(copy: FigureCopy) -> Catalog | None:
    """The newest complete file of an earlier run; all others are removed."""
    for log_file in copy.folder.glob(f"*{_SUFFIX}.wal"):
        if not log_file.with_suffix("").exists():
            log_file.unlink()
    found: Catalog | None = None
    for file in sorted(copy.folder.glob(f"*{_SUFFIX}"), reverse=True):
        if found is None:
            found = await _open(copy, file)
        if found is None or found.file != file:
            remove(file)
    return found


async def _open(copy: FigureCopy, file: Path) -> Catalog | None:
    name = f"copy_{file.stem}"
    try:
        await copy.engine.attach(file, name)
    except copy.engine.errors as error:
        log.warning("figures copy not readable", error=type(error).__name__)
        return None
    try:
        kept = await copy.engine.work(
            lambda cursor: cursor.execute(
                f"SELECT xid, position, history, as_of FROM {name}.place WHERE format = $1", [FORMAT]
            ).fetchone()
        )
    except copy.engine.errors as error:
        log.warning("figures copy not readable", error=type(error).__name__)
        kept = None
    if kept is None:
        await copy.engine.detach(name)
        return None
    return Catalog(
        name, file, FeedPlace(*kept[:3]), None if kept[3] is None else datetime.fromisoformat(kept[3])
    )


def write_place(cursor: Any, catalog: Catalog, place: FeedPlace, as_of: str | None) -> None:
    """Up to where the file follows the facts: in the transaction that wrote what this is about."""
    cursor.execute(f"DELETE FROM {catalog.name}.place")
    cursor.execute(
        f"INSERT INTO {catalog.name}.place VALUES ($1, $2, $3, $4, $5)",
        [FORMAT, place.xid, place.position, place.history, as_of],
    )


async def remove_retired(copy: FigureCopy) -> None:
    """Files that answer no more, once nobody reads them."""
    for catalog in list(copy.retired):
        if not catalog.readers:
            copy.retired.remove(catalog)
            await drop(copy, catalog)


async def drop(copy: FigureCopy, catalog: Catalog) -> None:
    """Close a file and remove it."""
    catalog.is_closed = True
    with suppress(copy.engine.errors):
        await copy.engine.detach(catalog.name)
    remove(catalog.file)


def remove(file: Path) -> None:
    """A file and the log beside it."""
    file.unlink(missing_ok=True)
    Path(f"{file}.wal").unlink(missing_ok=True)
