"""How long a session lasts, and what a refresh token of it still says."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from chassis.idempotency import keyed_hash

REFRESH_PREFIX = "otr_"
_MAC_BYTES = 32
_LENGTH = 16 + 4 + _MAC_BYTES
Verdict = Literal["next", "again", "reused", "over"]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """`idle`: a session not refreshed for so long ends; `whole`: every one ends so long after it began; `grace`: so long
    after a rotation the token before it gives the same next one once more, for whoever has not heard the answer."""

    idle: timedelta
    whole: timedelta
    grace: timedelta


@dataclass(frozen=True, slots=True)
class SessionState:
    """Where a session stands: `number` of its present refresh token, when that was made, and when it ended if it did."""

    number: int
    used_at: datetime
    rotated_at: datetime | None
    ends_at: datetime
    ended_at: datetime | None


def judge_refresh(state: SessionState, number: int, now: datetime, lifetimes: Lifetimes) -> Verdict:
    """What becomes of a genuine refresh token: the next one, the same answer again, or the end (RFC 9700, 4.14.2)."""
    if is_over(state, now, lifetimes):
        return "over"
    if number == state.number:
        return "next"
    is_former = number == state.number - 1 and state.rotated_at is not None
    if is_former and state.rotated_at is not None and now - state.rotated_at <= lifetimes.grace:
        return "again"
    return "reused"


def is_over(state: SessionState, now: datetime, lifetimes: Lifetimes) -> bool:
    """Whether a session has ended, by whatever."""
    return state.ended_at is not None or now >= min(state.ends_at, state.used_at + lifetimes.idle)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """The parts of one. `mac` proves the others: nothing of a token is stored."""

    session_id: UUID
    number: int
    mac: bytes

    def is_proven(self, hash_key: str, salt: bytes) -> bool:
        """Whether it was made here, of this session."""
        return hmac.compare_digest(self.mac, _mac(hash_key, salt, self.session_id, self.number))


def make_refresh_token(hash_key: str, salt: bytes, session_id: UUID, number: int) -> str:
    """The token of that number of a session; `salt`: the session's own random bytes."""
    mac = _mac(hash_key, salt, session_id, number)
    whole = session_id.bytes + number.to_bytes(4, "big") + mac
    return REFRESH_PREFIX + base64.urlsafe_b64encode(whole).decode().rstrip("=")


def read_refresh_token(text: str) -> RefreshToken | None:
    """The parts of a token; None for what is none."""
    encoded = text.removeprefix(REFRESH_PREFIX)
    try:
        whole = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        return None
    if len(whole) != _LENGTH or not text.startswith(REFRESH_PREFIX):
        return None
    return RefreshToken(UUID(bytes=whole[:16]), int.from_bytes(whole[16:20], "big"), whole[20:])


def _mac(hash_key: str, salt: bytes, session_id: UUID, number: int) -> bytes:
    return keyed_hash(hash_key, b"refresh token", session_id.bytes, number.to_bytes(4, "big"), salt)
