"""Where tests keep their files: in memory, where there is room for them.

Postgres copies a database for most tests, and starts and ends of servers wait for the disk: in memory that costs a third. Nothing
here outlives its processes on purpose: tests kill processes and never the machine.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

import psutil
import pytest

MEMORY: Final = Path("/dev/shm")
# What the files of all tests at once have come to, twice.
LEAST_FREE_BYTES: Final = 8 << 30


def keep_in_memory(config: pytest.Config) -> None:
    """Let pytest make its temporary folders there, unless `--basetemp` names another place; they are removed in the end."""
    if config.option.basetemp or hasattr(config, "workerinput") or not _has_room():
        return
    folder = tempfile.mkdtemp(prefix="otklik-tests-", dir=MEMORY)
    config.option.basetemp = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def _has_room() -> bool:
    """In the file system and in the machine."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < LEAST_FREE_BYTES:
        return False
    return psutil.virtual_memory().available >= LEAST_FREE_BYTES
