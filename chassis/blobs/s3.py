"""Blobs in a bucket of S3, or of whatever speaks like it. The library is imported where a bucket is configured only."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from chassis.blobs import BlobMissing, PlaceAway

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

log = structlog.get_logger()
PIECE: Final = 256 * 1024  # bytes
PART: Final = 5 * 1024 * 1024  # the least that S3 takes as a part of several
PATIENCE: Final = timedelta(seconds=20)  # with repeats


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is and who may use it. `endpoint`: empty for Amazon's own."""

    name: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str


class S3Blobs:
    """One object a blob, named as its id below `attachments/`."""

    def __init__(self, bucket: Bucket) -> None:
        self._store = _open(bucket)

    async def put(self, blob_id: UUID, file: Path) -> None:
        """In parts of 5 MiB. The file stays where it is."""
        with _reaching():
            await self._store.put_async(_key(blob_id), file, chunk_size=PART, max_concurrency=1)

    async def read(self, blob_id: UUID) -> AsyncIterator[bytes]:
        """As it comes."""
        with _reaching():
            found = await self._store.get_async(_key(blob_id))
            async for piece in found.stream(min_chunk_size=PIECE):
                yield bytes(piece)

    async def delete(self, blob_id: UUID) -> None:
        """Gone, or never there."""
        with suppress(BlobMissing), _reaching():
            await self._store.delete_async(_key(blob_id))


def _key(blob_id: UUID) -> str:
    return f"attachments/{blob_id.hex[-2:]}/{blob_id}"


@contextmanager
def _reaching() -> Iterator[None]:
    """The library's errors as ours, without what they quote."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise BlobMissing from None
    except BaseError as error:
        log.warning("the place of blobs is away", error=type(error).__name__)
        raise PlaceAway from None


def _open(bucket: Bucket) -> S3Store:
    from obstore.store import S3Store

    config: S3Config = {
        "region": bucket.region,
        "access_key_id": bucket.access_key,
        "secret_access_key": bucket.secret_key,
    }
    if bucket.endpoint:
        config["endpoint"] = bucket.endpoint
    return S3Store(
        bucket.name,
        config=config,
        client_options={"allow_http": bucket.endpoint.startswith("http://"), "timeout": PATIENCE},
        retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
    )
