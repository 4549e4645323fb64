"""Keys of the Open311 standard: a client's secret, sent as `api_key` in the query or the form, in place of a token."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.limits import TooMany, address_key
from chassis.principals import principal_of
from gateway.clients.queries import find_rights_by_secret
from gateway.settings import GatewaySettings
from gateway.shared_limits import SharedLimits
from gateway.tokens.authenticator import CACHED_RESULTS, SHORTEST_TOKEN_SECONDS, Authenticator, AuthResult
from gateway.tokens.forms import is_plausible_secret
from gateway.tokens.issuing import Rights, issue_token
from gateway.tokens.secrets import hash_secret

_TIMES_PER_ADDRESS: Final = 10  # as with failed logins of whichever client (`tokens.api.Attempts`)


class ApiKeys:
    """Exchanges keys for tokens of ours, which services trust, and remembers them as long as a token lives.

    A revoked client's tokens are void, remembered or not.
    """

    def __init__(
        self,
        authenticator: Authenticator,
        sessions: async_sessionmaker[AsyncSession],
        limits: SharedLimits,
        hash_key: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.authenticator = authenticator
        self._sessions = sessions
        self._limits = limits
        self._hash_key = hash_key
        self._clock = clock
        self._known: dict[bytes, AuthResult] = {}

    @property
    def _settings(self) -> GatewaySettings:
        return self.authenticator.settings

    async def authenticate(self, key: str, host: str | None) -> AuthResult | None:
        """Whose key it is; None for nobody's. `host`: the caller's, who may try so many wrong ones a minute; 429."""
        if not is_plausible_secret(key):
            return None
        hashed = hash_secret(self._hash_key, key)
        known = self._recall(hashed)
        if known is not None:
            return known
        tries, per_minute = (
            f"login {address_key(host)}",
            self._settings.failed_logins_per_minute * _TIMES_PER_ADDRESS,
        )
        wait = await self._limits.wait(tries, per_minute)
        if wait > 0:
            raise TooMany(wait)
        async with self._sessions() as session:
            rights = await find_rights_by_secret(session, hashed)
        if rights is None:
            self._limits.count(tries, per_minute)
            return None
        return self._remember(hashed, self._exchange(rights))

    def _recall(self, hashed: bytes) -> AuthResult | None:
        known = self._known.get(hashed)
        if known is None or known.expires_at <= self._clock() + SHORTEST_TOKEN_SECONDS:
            return None
        principal = known.principal
        is_void = self.authenticator.own.revocations.void(principal.client_id, principal.generation)
        return None if is_void else known

    def _exchange(self, rights: Rights) -> AuthResult:
        now = self._clock()
        expires_at = now + self._settings.token_seconds
        token = issue_token(self.authenticator.ring, self._settings, datetime.fromtimestamp(now, UTC), rights)
        principal = principal_of({**rights.claims(), "exp": expires_at})
        return AuthResult(principal, expires_at, b"Bearer " + token.encode())

    def _remember(self, hashed: bytes, result: AuthResult) -> AuthResult:
        if len(self._known) >= CACHED_RESULTS:
            for oldest in list(self._known)[: CACHED_RESULTS // 2]:
                del self._known[oldest]
        self._known[hashed] = result
        return result
