"""Keys of the Open311 standard: a client's secret, sent as `api_key` in the query or the form, in place of a token."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.limits import TooMany
from chassis.principals import principal_of
from gateway.clients.queries import find_rights_by_secret
from gateway.settings import GatewaySettings
from gateway.shared_limits import SharedLimits
from gateway.tokens.authenticator import SHORTEST_TOKEN_SECONDS, Authenticator
from gateway.tokens.failed_logins import limit_of_address
from gateway.tokens.forms import is_plausible_secret
from gateway.tokens.issuing import Rights, issue_token
from gateway.tokens.known_results import AuthResult, KnownResults
from gateway.tokens.secrets import hash_secret


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
        self._known = KnownResults(authenticator.own.revocations)

    @property
    def _settings(self) -> GatewaySettings:
        return self.authenticator.settings

    async def authenticate(self, key: str, host: str | None) -> AuthResult | None:
        """Whose key it is; None for nobody's. `host`: the caller's, who may try so many wrong ones a minute; 429."""
        if not is_plausible_secret(key):
            return None
        hashed = hash_secret(self._hash_key, key)
        known = self._known.recall(hashed, self._clock() + SHORTEST_TOKEN_SECONDS)
        if known is not None:
            return known
        tries, per_minute = limit_of_address(host, self._settings)
        wait = await self._limits.wait(tries, per_minute)
        if wait > 0:
            raise TooMany(wait)
        async with self._sessions() as session:
            rights = await find_rights_by_secret(session, hashed)
        if rights is None:
            self._limits.count(tries, per_minute)
            return None
        return self._known.remember(hashed, self._exchange(rights))

    def _exchange(self, rights: Rights) -> AuthResult:
        now = self._clock()
        expires_at = now + self._settings.token_seconds
        token = issue_token(self.authenticator.ring, self._settings, datetime.fromtimestamp(now, UTC), rights)
        principal = principal_of({**rights.claims(), "exp": expires_at})
        return AuthResult(principal, expires_at, b"Bearer " + token.encode())
