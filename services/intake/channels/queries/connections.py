"""Connections with their credentials opened, as deliveries are taken for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import open_all_rows, rows
from chassis.sealing import Keyring, SealBroken
from services.intake.channels.rules.connection import Connection, Credentials, State
from services.intake.channels.rules.reading import Network, Page

SEALED_AS: Final = "channel_connection"
REMOVED: Final[Literal["removed"]] = "removed"
SELECT: Final = (
    "SELECT c.id, c.region, c.network, c.page_id, c.page_url, c.municipality, c.state, c.key_id, c.sealed "
    "FROM intake.channel_connection c "
)
_BY_ID: Final = SELECT + "WHERE c.id = ANY(:ids)"


@dataclass(frozen=True, slots=True)
class KeptConnection:
    """As it is kept."""

    id: UUID
    region: str
    network: Network
    page_id: str
    page_url: str
    municipality: str | None
    state: State | Literal["removed"]
    key_id: int
    sealed: bytes

    def open(self, keyring: Keyring) -> Connection:
        """With its credentials. SealBroken where they do not open."""
        return self.with_credentials(open_credentials(keyring, self.id, self.key_id, self.sealed))

    def with_credentials(self, credentials: Credentials) -> Connection:
        """With these. Without any it proves nothing and asks nobody, and shows whose page it is."""
        return Connection(
            self.id,
            self.region,
            self.network,
            Page(self.page_id, self.page_url),
            self.municipality,
            self.state,
            credentials,
        )


def open_credentials(keyring: Keyring, connection_id: UUID, key_id: int, sealed: bytes) -> Credentials:
    """A connection's credentials; SealBroken where they do not open."""
    try:
        return Credentials(**orjson.loads(keyring.open_text(SEALED_AS, connection_id, key_id, sealed)))
    except (TypeError, ValueError):
        raise SealBroken("the sealed credentials are damaged") from None


async def read_connections(
    session: AsyncSession, keyring: Keyring, ids: list[UUID]
) -> dict[UUID, Connection]:
    """Connections by id, removed ones too."""
    found = await rows(session, KeptConnection, _BY_ID, ids=ids)
    return {each.id: each.open(keyring) for each in found}


async def read_pages(session: AsyncSession, ids: list[UUID]) -> dict[UUID, Connection]:
    """The same with their credentials left closed, for what is known of their deliveries already."""
    found = await rows(session, KeptConnection, _BY_ID, ids=ids)
    return {each.id: each.with_credentials(Credentials()) for each in found}


class ConnectionDirectory:
    """Connections as webhooks look them up: asked of the database once in `seconds`, so that a change is in force then.

    Ids that mean nothing are remembered as well; at most `MOST` of all.
    """

    MOST: Final = 10_000

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        keyring: Keyring,
        seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._keyring = keyring
        self._seconds = seconds
        self._clock = clock
        self._known: dict[UUID, tuple[float, Connection | None]] = {}
        self._asked: dict[UUID, asyncio.Task[Connection | None]] = {}

    async def find(self, connection_id: UUID) -> Connection | None:
        """The connection; None for one that is not there, or was removed. Whoever asks at the same time asks once."""
        until, known = self._known.get(connection_id, (0.0, None))
        if self._clock() < until:
            return known
        task = self._asked.get(connection_id)
        if task is None:
            task = asyncio.create_task(self._ask(connection_id))
            self._asked[connection_id] = task
            task.add_done_callback(lambda _: self._asked.pop(connection_id, None))
        return await asyncio.shield(task)

    async def _ask(self, connection_id: UUID) -> Connection | None:
        began = self._clock()
        async with self._sessions() as session:
            await open_all_rows(session)  # whoever delivers proves itself by what is found here
            found = (await read_connections(session, self._keyring, [connection_id])).get(connection_id)
        connection = None if found is None or found.state == REMOVED else found
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[connection_id] = (began + self._seconds, connection)
        return connection
