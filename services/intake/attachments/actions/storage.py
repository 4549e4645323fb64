"""Where files of attachments are: while they come in, and afterwards."""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Final

from chassis.blobs import Blobs
from chassis.blobs.folder import FolderBlobs
from chassis.blobs.s3 import Bucket, S3Blobs
from chassis.problems import Unavailable
from chassis.sealing import Keyring
from services.intake.settings import IntakeSettings

LEFT_OVER_SECONDS: Final = 3600.0
MOST_WAITING: Final = 20


class Line:
    """Files that wait until one of so many children looks into them; whoever comes when the line is long is not let wait."""

    def __init__(self, children: int) -> None:
        self._children = asyncio.Semaphore(children)
        self._waiting = 0

    def require_room(self) -> None:
        """503 where too many wait."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many files are being looked into; send it again.")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A child's time."""
        self.require_room()
        self._waiting += 1
        try:
            await self._children.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._children.release()


@dataclass(frozen=True, slots=True)
class Storage:
    """`incoming`: a folder for what is being looked into. `scanner`: the address of an antivirus, empty for none."""

    blobs: Blobs | None
    incoming: Path
    keyring: Keyring
    scanner: str
    scan_required: bool
    line: Line

    @property
    def place(self) -> Blobs:
        """Of the blobs; 503 where none is configured."""
        if self.blobs is None:
            raise Unavailable("No place for attachments is configured here.")
        return self.blobs

    def clear_left_over(self) -> None:
        """Of uploads that a process has not lived to end."""
        oldest = time() - LEFT_OVER_SECONDS
        for path in self.incoming.glob("*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def make_storage(settings: IntakeSettings, keyring: Keyring) -> Storage:
    """As the settings say. ValueError where an antivirus is required and none named."""
    if settings.clamd_required and not settings.clamd:
        raise ValueError("OTKLIK_CLAMD_REQUIRED needs OTKLIK_CLAMD")
    folder = Path(settings.attachments_folder) if settings.attachments_folder else None
    incoming = (
        folder / "incoming" if folder else Path(tempfile.gettempdir()) / f"otklik-incoming-{os.getuid()}"
    )
    if settings.s3_bucket:
        _make_private(incoming)
    return Storage(
        _blobs_of(settings, folder),
        incoming,
        keyring,
        settings.clamd,
        settings.clamd_required,
        Line(settings.attachment_children),
    )


def _make_private(folder: Path) -> None:
    """The same folder after every start, so that what is left over there is found. ValueError where it is not ours alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise ValueError("the folder of incoming files is not this process's alone: " + str(folder))


def _blobs_of(settings: IntakeSettings, folder: Path | None) -> Blobs | None:
    if settings.s3_bucket:
        return S3Blobs(
            Bucket(
                settings.s3_bucket,
                settings.s3_endpoint,
                settings.s3_region,
                settings.s3_access_key.get_secret_value(),
                settings.s3_secret_key.get_secret_value(),
            )
        )
    return FolderBlobs(folder) if folder else None
