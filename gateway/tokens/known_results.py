"""What has been checked of whoever asks, remembered for as long as it holds."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.principals import Principal
from chassis.revocations import Revocations

CACHED_RESULTS = 20_000


@dataclass(frozen=True, slots=True)
class AuthResult:
    """A token, or a key, that has been checked. `expires_at`: UNIX time.

    `forwarded_as` replaces the Authorization header when what came was no token of ours.
    """

    principal: Principal
    expires_at: float
    forwarded_as: bytes | None = None


class KnownResults:
    """Results by what they were found for. Full, it forgets the older half; what was taken back it does not give."""

    def __init__(self, revocations: Revocations) -> None:
        self._revocations = revocations
        self._known: dict[bytes, AuthResult] = {}

    def recall(self, asked: bytes, until: float) -> AuthResult | None:
        """The result that holds beyond a moment (UNIX time)."""
        known = self._known.get(asked)
        if known is None or known.expires_at <= until:
            return None
        return None if self._revocations.voids(known.principal) else known

    def remember(self, asked: bytes, result: AuthResult) -> AuthResult:
        """Keep a result, and give it back."""
        if len(self._known) >= CACHED_RESULTS:
            for oldest in list(self._known)[: CACHED_RESULTS // 2]:
                del self._known[oldest]
        self._known[asked] = result
        return result
