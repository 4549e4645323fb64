"""Which decisions are drawn for audit: at random for whoever looks at them, the same whenever they are drawn again."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final
from uuid import UUID

_BYTES: Final = 8
_ALL: Final = 2 ** (8 * _BYTES)


def is_drawn(key: bytes, appeal_id: UUID, share: float) -> bool:
    """Whether a decision belongs to the `share` (0..1) that is drawn. Without the key nobody can foresee it."""
    digest = blake2b(appeal_id.bytes, key=key[:64], digest_size=_BYTES, person=b"otklik audit").digest()
    return int.from_bytes(digest) < share * _ALL
