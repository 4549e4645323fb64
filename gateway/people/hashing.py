"""Passwords are kept as argon2id hashes, made and compared in threads of their own, and few at once."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from prometheus_client import Counter

from chassis.problems import Unavailable
from gateway.people.rules.passwords import normal_password
from gateway.settings import GatewaySettings

SALT_BYTES, HASH_BYTES, LANES = 16, 32, 1
HASHED: Final = Counter(
    "otklik_passwords_hashed_total", "Passwords hashed or compared, by what one costs", ("cost",)
)


class PasswordHashing:
    """Hashes by the parameters of the settings.

    A flood of sign-ins takes no more threads and memory than the settings say, and waits no longer than `places` take:
    whoever comes after that is asked to repeat.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.password_rounds,
            memory_cost=settings.password_memory_kib,
            parallelism=LANES,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        self._threads = ThreadPoolExecutor(settings.password_threads, "passwords")
        self._places = settings.signing_in_at_once
        self._done = HASHED.labels(f"m={self._hasher.memory_cost},t={self._hasher.time_cost}")
        self._nobodys = self._hash_of_nothing()

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those who are signing in; 503 where all are taken."""
        if self._places == 0:
            raise Unavailable("Too many people are signing in at once; repeat the request.")
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    async def make(self, password: str) -> str:
        """A new hash."""
        self._done.inc()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hasher.hash, normal_password(password))

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether a password is that of a hash; None, where there is none, costs as much and is false."""
        self._done.inc()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._compare, stored or self._nobodys, password)

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made by other parameters."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """No more; what is being done ends."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _compare(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, normal_password(password))
        except (VerificationError, InvalidHashError):
            return False

    def _hash_of_nothing(self) -> str:
        """Looks like a hash by the same parameters, and is that of no password."""
        parts = [base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (SALT_BYTES, HASH_BYTES)]
        cost = f"m={self._hasher.memory_cost},t={self._hasher.time_cost},p={LANES}"
        return "$".join(("", "argon2id", "v=19", cost, *parts))
