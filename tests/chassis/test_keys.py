"""A process proves its keys before it serves: the first start stores a check, every later one is compared with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.keys import KeyProof, NamedKey
from harness.databases import Database

RIGHT, WRONG = "the right key of this house", "another key altogether"


@pytest.fixture
def parts() -> tuple[str, ...]:
    return ("sla",)


@pytest.fixture
def sessions(database: Database) -> async_sessionmaker[AsyncSession]:
    """As the service itself, which may add a check and change none."""
    return database.sessions("sla")


def seal(secret: str, key_id: int = 1) -> NamedKey:
    return NamedKey("encryption key", "OTKLIK_ENCRYPTION_KEY", secret, key_id)


async def proof_of(sessions: async_sessionmaker[AsyncSession], *keys: NamedKey) -> KeyProof:
    """What a start with these keys comes to."""
    proof = KeyProof("sla", lambda: keys)
    assert await proof.attempt(sessions), "the database answers"
    return proof


async def stored(sessions: async_sessionmaker[AsyncSession]) -> Sequence[tuple[str, int]]:
    async with sessions() as session:
        rows = await session.execute(text("SELECT name, key_id FROM sla.key_check ORDER BY 1, 2"))
        return [(row.name, row.key_id) for row in rows]


async def test_the_first_start_stores_and_a_later_one_with_another_key_stays_closed(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    assert (await proof_of(sessions, seal(RIGHT))).is_open
    closed = await proof_of(sessions, seal(WRONG))
    assert not closed.is_open
    assert "OTKLIK_ENCRYPTION_KEY" in closed.problems()["secrets"]
    assert "Restore secrets.json" in closed.problems()["secrets"]
    assert closed.refuses({"type": "http", "path": "/api/v1/appeals"})
    assert not closed.refuses({"type": "http", "path": "/health/ready"})
    assert (await proof_of(sessions, seal(RIGHT))).is_open, "the wrong start has changed nothing"


async def test_a_wrong_start_stores_nothing_not_even_its_other_keys(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    await proof_of(sessions, seal(RIGHT))
    await proof_of(sessions, NamedKey("cursor key", "OTKLIK_CURSOR_KEY", WRONG), seal(WRONG))
    assert await stored(sessions) == [("encryption key", 1)]


async def test_of_many_first_starts_with_different_keys_exactly_one_wins(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    proofs = await asyncio.gather(*(proof_of(sessions, seal(f"key of start {n}")) for n in range(8)))
    assert sum(proof.is_open for proof in proofs) == 1


async def test_many_first_starts_with_one_key_all_open(sessions: async_sessionmaker[AsyncSession]) -> None:
    proofs = await asyncio.gather(*(proof_of(sessions, seal(RIGHT)) for _ in range(8)))
    assert all(proof.is_open for proof in proofs)


async def test_a_rotated_key_needs_the_one_before_it(sessions: async_sessionmaker[AsyncSession]) -> None:
    await proof_of(sessions, seal(RIGHT))
    assert (await proof_of(sessions, seal(RIGHT), seal("the next", 2))).is_open
    without = await proof_of(sessions, seal("the next", 2))
    assert "encryption key 1" in without.problems()["secrets"], "data sealed with it could not be opened"
    exchanged = await proof_of(sessions, seal("the next", 1), seal(RIGHT, 2))
    assert not exchanged.is_open


@pytest.mark.parametrize(("says", "opens"), [(True, True), (None, True), (False, False)])
async def test_data_from_before_the_checks_prove_a_key(
    sessions: async_sessionmaker[AsyncSession], says: bool | None, opens: bool
) -> None:
    async def evidence(_: AsyncSession) -> bool | None:
        return says

    key = NamedKey("encryption key", "OTKLIK_ENCRYPTION_KEY", RIGHT, evidence=evidence)
    assert (await proof_of(sessions, key)).is_open is opens
    assert bool(await stored(sessions)) is opens, "a key that data speak against is not stored"


async def test_the_service_itself_cannot_change_a_check(sessions: async_sessionmaker[AsyncSession]) -> None:
    await proof_of(sessions, seal(RIGHT))
    for statement in ("DELETE FROM sla.key_check", "UPDATE sla.key_check SET check_value = ''"):
        with pytest.raises(Exception, match="permission denied"):
            async with sessions.begin() as session:
                await session.execute(text(statement))


async def test_without_the_database_nothing_is_decided(database: Database) -> None:
    nobody = database.sessions("routing")  # a role that may not read this schema, as good as no database
    proof = KeyProof("sla", lambda: (seal(RIGHT),))
    assert not await proof.attempt(nobody)
    assert "start" in proof.problems()
