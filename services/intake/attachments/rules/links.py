"""Links that open one file to whoever has them, for five minutes."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

VALID: Final = timedelta(minutes=5)
_BYTES: Final = 24


def make_link(hash_key: str, attachment_id: UUID, now: datetime) -> str:
    """Path and query of a link that holds from now on."""
    until = int((now + VALID).timestamp())
    return f"/api/v1/attachments/{attachment_id}/content?until={until}&proof={_proof(hash_key, attachment_id, until)}"


def is_valid(hash_key: str, attachment_id: UUID, until: int, proof: str, now: datetime) -> bool:
    """Whether a link was made here and still holds."""
    expected = _proof(hash_key, attachment_id, until)
    return hmac.compare_digest(expected.encode(), proof.encode()) and now.timestamp() <= until


def _proof(hash_key: str, attachment_id: UUID, until: int) -> str:
    message = b"attachment link" + attachment_id.bytes + until.to_bytes(8, "big")
    return base64.urlsafe_b64encode(hmac.digest(hash_key.encode(), message, "sha256")[:_BYTES]).decode()
