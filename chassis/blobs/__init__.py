"""Blobs: files that are kept outside of the database, under the id of the row that knows of them.

They lie in a folder, or in S3 where that is configured, and never in clear (see `sealed`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol
from uuid import UUID


class BlobMissing(Exception):
    """There is no blob under this id."""


class PlaceAway(OSError):
    """The place of blobs cannot be reached, or does not do what it is asked: a passing trouble outside of us."""


class Blobs(Protocol):
    """A place of blobs. Whatever is asked of it may raise PlaceAway, or another OSError."""

    async def put(self, blob_id: UUID, file: Path) -> None:
        """Keep a file, durably once this returns; it may be moved away."""
        ...

    def read(self, blob_id: UUID) -> AsyncIterator[bytes]:
        """Its bytes, in pieces of any size. BlobMissing where there is none."""
        ...

    async def delete(self, blob_id: UUID) -> None:
        """Delete it, if it is there."""
        ...
