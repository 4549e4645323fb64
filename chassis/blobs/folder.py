"""Blobs in a folder of this machine, spread over 256 folders by the last byte of their ids."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from uuid import UUID

from chassis.blobs import BlobMissing

PIECE: Final = 256 * 1024  # bytes read at once


class FolderBlobs:
    """`folder` is made where it is missing, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, blob_id: UUID, file: Path) -> None:
        """Moved to its place when all of it is on the disk: there are no halves."""
        await asyncio.to_thread(self._put, self._path(blob_id), file)

    async def read(self, blob_id: UUID) -> AsyncIterator[bytes]:
        """Piece by piece, read in threads."""
        try:
            descriptor = await asyncio.to_thread(os.open, self._path(blob_id), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            raise BlobMissing from None
        try:
            while piece := await asyncio.to_thread(os.read, descriptor, PIECE):
                yield piece
        finally:
            os.close(descriptor)

    async def delete(self, blob_id: UUID) -> None:
        """Gone, or never there."""
        await asyncio.to_thread(self._path(blob_id).unlink, missing_ok=True)

    def _path(self, blob_id: UUID) -> Path:
        return self.folder / blob_id.hex[-2:] / str(blob_id)

    def _put(self, place: Path, file: Path) -> None:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync(file)
        os.replace(file, place)
        _sync(place.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
