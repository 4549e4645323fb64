"""A file under AES-256-GCM, frame by frame, so that neither sealing nor opening ever holds more than a frame of it.

Every frame is bound to the blob's id, to its place and to whether it is the last: none can be taken out, moved or cut off.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from uuid import UUID

from chassis.sealing import NONCE_BYTES, Keyring, SealBroken

FRAME: Final = 64 * 1024  # bytes in clear
_TAG_BYTES: Final = 16
SEALED_FRAME: Final = NONCE_BYTES + FRAME + _TAG_BYTES


def seal_file(keyring: Keyring, blob_id: UUID, source: Path, target: Path) -> None:
    """Seal a file into another one, with the current key."""
    with source.open("rb") as plain, target.open("xb") as sealed:
        frame, number = plain.read(FRAME), 0
        while True:
            following = plain.read(FRAME)
            place = _place(number, is_last=not following)
            sealed.write(keyring.seal(place, blob_id, frame, os.urandom(NONCE_BYTES)))
            if not following:
                return
            frame, number = following, number + 1


async def open_blob(
    keyring: Keyring, blob_id: UUID, key_id: int, pieces: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """The file in clear, from the blob's bytes in pieces of any size. SealBroken as soon as a frame is not what was sealed."""
    buffer, number = bytearray(), 0
    async for piece in pieces:
        buffer += piece
        while len(buffer) > SEALED_FRAME:  # a whole one that is not the last
            frame = bytes(buffer[:SEALED_FRAME])
            del buffer[:SEALED_FRAME]
            yield keyring.open(_place(number, is_last=False), blob_id, key_id, frame)
            number += 1
    if not buffer:
        raise SealBroken("the sealed data is cut short")
    yield keyring.open(_place(number, is_last=True), blob_id, key_id, bytes(buffer))


def _place(number: int, *, is_last: bool) -> str:
    return f"blob {number}{' last' if is_last else ''}"
