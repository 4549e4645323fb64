"""Trials to sign in, counted by login and by address before they are judged, whether there is such a login or not.

An address from which a login has signed in before has a count of its own: who guesses from elsewhere shuts its owner out
nowhere but elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows, run, scalar, update_rows
from chassis.idempotency import keyed_hash
from chassis.limits import TooMany, address_key
from gateway import tables
from gateway.people.rules.pauses import Allowance, Attempts, count_trial, take_back, wait_of
from gateway.settings import GatewaySettings

BY_LOGIN, BY_ADDRESS = timedelta(days=1), timedelta(hours=1)  # so long failures are remembered
KNOWN_DAYS = 90

_OPEN = """
INSERT INTO gateway.sign_in_attempts (key, failures, since, locked_until)
SELECT key, 0, now(), now() FROM unnest(:keys::bytea[]) AS asked (key) ORDER BY key ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT key, failures, since, locked_until, clock_timestamp() AS now FROM gateway.sign_in_attempts
WHERE key = ANY(:keys::bytea[]) ORDER BY key FOR UPDATE
"""
_PURGE = "DELETE FROM gateway.sign_in_attempts WHERE key = ANY(:keys::bytea[])"
_IS_KNOWN = """
SELECT EXISTS (
    SELECT FROM gateway.person p JOIN gateway.person_session s ON s.person_id = p.id
    WHERE p.login_key = :login AND s.address_hash = :address AND s.started_at > now() - make_interval(days => :days)
)
"""

_KNOWN = "SELECT DISTINCT address_hash FROM gateway.person_session WHERE person_id = :id"


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial to sign in. `login`, `address`: what it counts for; `origin`: the address, as sessions keep it."""

    login: bytes
    address: bytes
    origin: bytes


@dataclass(frozen=True, slots=True)
class Locked:
    """A count, locked, and the time of the database."""

    key: bytes
    failures: int
    since: datetime
    locked_until: datetime
    now: datetime

    @property
    def attempts(self) -> Attempts:
        """The count alone."""
        return Attempts(self.failures, self.since, self.locked_until)


def origin_of(hash_key: str, address: str | None) -> bytes:
    """An address as sessions keep it."""
    return keyed_hash(hash_key, b"address of a session", address_key(address).encode())


async def begin_trial(
    session: AsyncSession, hash_key: str, settings: GatewaySettings, login: str, address: str | None
) -> Trial:
    """Count a trial by a login (as logins are compared) from an address; 429 while either has to wait."""
    origin = origin_of(hash_key, address)
    is_known = await scalar(session, bool, _IS_KNOWN, login=login, address=origin, days=KNOWN_DAYS)
    by_login = _login_hash(hash_key, login, origin if is_known else b"")
    trial = Trial(by_login, keyed_hash(hash_key, b"trials of an address", origin), origin)
    allowances = {
        trial.login: Allowance(settings.sign_in_failures_per_login, BY_LOGIN),
        trial.address: Allowance(settings.sign_in_failures_per_address, BY_ADDRESS),
    }
    found = await _lock(session, list(allowances))
    wait = max((wait_of(each.attempts, each.now) for each in found), default=0.0)
    if wait > 0:
        raise TooMany(wait)
    await _keep(
        session, {each.key: count_trial(each.attempts, allowances[each.key], each.now) for each in found}
    )
    return trial


async def end_trial(session: AsyncSession, trial: Trial) -> None:
    """It was good: the login's failures are forgotten, the address has one less. Both are locked in the order of all."""
    found = await _lock(session, [trial.login, trial.address])
    await run(session, _PURGE, keys=[trial.login])
    await _keep(
        session, {each.key: take_back(each.attempts, each.now) for each in found if each.key == trial.address}
    )


async def take_trial_back(session: AsyncSession, keys: list[bytes]) -> None:
    """It was neither good nor bad."""
    found = await _lock(session, keys)
    await _keep(session, {each.key: take_back(each.attempts, each.now) for each in found})


async def purge_failures(session: AsyncSession, hash_key: str, person_id: UUID, login: str) -> None:
    """Whoever has a new password need not wait for the old one's failures, wherever they were made."""
    known = await column(session, bytes, _KNOWN, id=person_id)
    await run(session, _PURGE, keys=sorted(_login_hash(hash_key, login, origin) for origin in (b"", *known)))


async def _lock(session: AsyncSession, keys: list[bytes]) -> list[Locked]:
    await run(session, _OPEN, keys=keys)
    return await rows(session, Locked, _LOCK, keys=keys)


async def _keep(session: AsyncSession, counts: Mapping[bytes, Attempts]) -> None:
    changed = [
        tables.SignInAttempts(key, count.failures, count.since, count.locked_until)
        for key, count in counts.items()
    ]
    await update_rows(session, tables.sign_in_attempts, changed, keys=["key"])


def _login_hash(hash_key: str, login: str, origin: bytes) -> bytes:
    return keyed_hash(hash_key, b"trials of a login", login.encode("utf-8", "replace"), origin)
