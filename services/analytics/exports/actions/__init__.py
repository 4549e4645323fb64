"""Files of tables: written in a thread to a place of their own, and gone from the disk before they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from services.analytics.exports.actions.csv_files import write_csv
from services.analytics.exports.actions.parquet_files import write_parquet
from services.analytics.exports.actions.xlsx_files import write_xlsx
from services.analytics.exports.rules.naming import FileFormat
from services.analytics.exports.rules.tables import Table
from services.analytics.exports.schemas import FileStyle
from services.analytics.store.actions.folders import EXPORT
from services.analytics.store.queries.engine import FiguresBusy

WAIT_SECONDS: Final = 10.0
_PIECE: Final = 256 * 1024  # bytes
_Writer = Callable[[Table, Path, FileStyle], None]
_WRITERS: Final[Mapping[FileFormat, _Writer]] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
}


@asynccontextmanager
async def turn(turns: asyncio.Semaphore) -> AsyncIterator[None]:
    """One file after the other, so that memory is bounded; FiguresBusy when the turn does not come."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await turns.acquire()
    except TimeoutError:
        raise FiguresBusy from None
    try:
        yield
    finally:
        turns.release()


async def make_file(table: Table, style: FileStyle, folder: str) -> BinaryIO:
    """The file, open for reading, no longer in any folder. `folder`: where it is made; the system's own if empty."""
    return await asyncio.to_thread(_make, table, style, folder or None)


def _make(table: Table, style: FileStyle, folder: str | None) -> BinaryIO:
    with TemporaryDirectory(prefix=EXPORT, dir=folder) as place:
        file = Path(place) / f"file.{style.format}"
        _WRITERS[style.format](table, file, style)
        return file.open("rb")


def pieces_of(file: BinaryIO) -> Iterator[bytes]:
    """Its bytes; closed after the last one."""
    with file:
        while piece := file.read(_PIECE):
            yield piece
