"""A file that is taken: sealed, kept as a blob, and known by its row."""

from __future__ import annotations

import asyncio
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.blobs.sealed import seal_file
from chassis.db import insert_rows, run
from chassis.outbox import emit
from chassis.partitions import uuid7_time
from chassis.sealing import NONCE_BYTES
from contracts.intake import AttachmentStored
from services.intake.attachments.actions.admitting import Sender
from services.intake.attachments.actions.storage import Storage
from services.intake.attachments.rules.messages import Verdict, write_message
from services.intake.attachments.schemas import AttachmentView
from services.intake.originals.rules import EVIDENCE
from services.intake.tables import attachment, blob_removal
from services.intake.tables.attachments import Attachment, BlobRemoval

# An upload that has got no row by then never will.
GIVEN_UP_AFTER: Final = timedelta(hours=1)
_PIECE: Final = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Examined:
    """A file that may be kept: at `path`, with what was found in it."""

    path: Path
    verdict: Verdict
    is_scanned: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A file whose blob is kept, and who has no row yet."""

    id: UUID
    region: str
    sender: Sender
    examined: Examined
    size: int
    sha256: bytes
    key_id: int


def new_id() -> UUID:
    """Of a file; its time is when the file came."""
    return uuid7()


async def announce_blob(session: AsyncSession, region: str, attachment_id: UUID, now: datetime) -> None:
    """Before a blob is put: should nobody come back to it, it is deleted."""
    await insert_rows(session, blob_removal, [BlobRemoval(region, attachment_id, now + GIVEN_UP_AFTER)])


async def put_blob(
    storage: Storage, region: str, attachment_id: UUID, sender: Sender, examined: Examined
) -> Stored:
    """Seal the file and put it where blobs are."""
    sealed = examined.path.with_suffix(".sealed")
    key_id = storage.keyring.current
    try:
        await asyncio.to_thread(seal_file, storage.keyring, attachment_id, examined.path, sealed)
        size, digest = await asyncio.to_thread(_measure, examined.path)
        await storage.place.put(attachment_id, sealed)
    finally:
        sealed.unlink(missing_ok=True)
    return Stored(attachment_id, region, sender, examined, size, digest, key_id)


def _measure(path: Path) -> tuple[int, bytes]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return path.stat().st_size, digest.digest()


async def store_attachment(session: AsyncSession, storage: Storage, stored: Stored) -> AttachmentView:
    """The row of a file, and the word to others that there is one."""
    verdict, sender = stored.examined.verdict, stored.sender
    kept = Attachment(
        region=stored.region,
        id=stored.id,
        client_id=sender.client_id,
        organisation_id=sender.organisation_id,
        person=sender.person,
        media_type=verdict.media_type,
        size=stored.size,
        sha256=stored.sha256,
        is_scanned=stored.examined.is_scanned,
        key_id=stored.key_id,
        evidence=_seal_evidence(storage, stored),
        appeal_id=None,
        used_at=None,
    )
    await insert_rows(session, attachment, [kept])
    await run(
        session,
        "DELETE FROM intake.blob_removal WHERE region = :region AND id = :id",
        region=stored.region,
        id=stored.id,
    )
    event = AttachmentStored(
        region=stored.region,
        attachment_id=stored.id,
        client_id=sender.client_id,
        organisation_id=sender.organisation_id,
        media_type=verdict.media_type,
        signs=tuple(verdict.signs),
        stored_at=uuid7_time(stored.id),
    )
    await emit(session, event)
    return AttachmentView(
        id=stored.id, media_type=kept.media_type, size=kept.size, sha256=kept.sha256.hex(), status="ready"
    )


def _seal_evidence(storage: Storage, stored: Stored) -> bytes | None:
    evidence = stored.examined.verdict.evidence
    if not evidence:
        return None
    plain = write_message(evidence)
    return storage.keyring.seal(EVIDENCE, stored.id, plain, os.urandom(NONCE_BYTES))
