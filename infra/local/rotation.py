"""Logs do not grow for ever: what is longer than `LOG_LIMIT` is moved aside, and the oldest of those goes.

Processes keep their log open and may not look into its folder, so it is copied and then emptied; they append, and so go on at
its beginning. What is written between the two (microseconds) is lost.
"""

import asyncio
import os
import shutil
from contextlib import suppress
from pathlib import Path

LOG_LIMIT = 20 * 1024 * 1024
KEPT = 5  # of each log, beside the one that is written to
LOOK_SECONDS = 10.0


async def rotate_logs(folder: Path) -> None:
    """Look for ever; a disk that is full is no reason to end."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await asyncio.to_thread(rotate_all, folder)


def rotate_all(folder: Path) -> None:
    """Every log of the folder that is too long."""
    for log in sorted(folder.glob("*.log")):
        with suppress(OSError):
            if log.stat().st_size > LOG_LIMIT:
                rotate(log)


def rotate(log: Path) -> None:
    """`x.log` becomes `x.log.1`, what that was `x.log.2` … Where there is no room for the copy, the oldest makes it."""
    for number in range(KEPT, 1, -1):
        with suppress(FileNotFoundError):
            _kept(log, number - 1).replace(_kept(log, number))
    try:
        shutil.copyfile(log, _kept(log, 1))
    except OSError:
        _kept(log, 1).unlink(missing_ok=True)
        _kept(log, KEPT).unlink(missing_ok=True)
        raise
    _kept(log, 1).chmod(0o600)
    os.truncate(log, 0)


def _kept(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
