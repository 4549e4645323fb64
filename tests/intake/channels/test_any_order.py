"""A network's outage and what follows it – deliveries late, doubled and out of order – change nothing in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import rows
from services.intake.channels.actions.arriving import Arrived, open_evidence, prepare_arrival
from services.intake.channels.actions.late import take_late
from services.intake.channels.actions.taking import take_arrivals
from services.intake.channels.rules import vk
from services.intake.channels.rules.connection import Connection
from services.intake.channels.rules.payload import read_as
from services.intake.originals.rules import CLARIFICATION, Secrets, open_original
from tests.conftest import size
from tests.intake.channels.conftest import keep_connection, make_connection
from tests.intake.channels.payloads import Json, vk_comment, vk_deletion, vk_event

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
PATIENCE = timedelta(minutes=3)
Sessions = async_sessionmaker[AsyncSession]


def story() -> list[Json]:
    """Three messages of two persons: one changed twice and deleted, one deleted and restored, one only changed."""
    said = [
        ("wall_reply_new", vk_comment(1, 501, "Яма у дома 2")),
        ("wall_reply_edit", vk_comment(1, 501, "Яма у дома 12")),
        ("wall_reply_edit", vk_comment(1, 501, "Яма у дома 12, корпус 3")),
        ("wall_reply_delete", vk_deletion(1)),
        ("wall_reply_new", vk_comment(2, 502, "Не вывозят мусор", post=78)),
        ("wall_reply_delete", vk_deletion(2, post=78)),
        ("wall_reply_restore", vk_comment(2, 502, "Не вывозят мусор", post=78)),
        ("wall_reply_edit", vk_comment(3, 503, "Нет света", post=79)),
    ]
    return [vk_event(kind, content, f"event-{number}") for number, (kind, content) in enumerate(said)]


STORY = story()


@st.composite
def deliveries(draw: Any) -> list[list[int]]:
    """The story's events in any order, some more than once, cut into groups that are committed together."""
    order = draw(st.permutations(range(len(STORY))))
    again = draw(st.lists(st.sampled_from(range(len(STORY))), max_size=6))
    mixed = draw(st.permutations([*order, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(mixed) - 1), max_size=4)))
    return [list(mixed[start:end]) for start, end in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]


def arrival(secrets: Secrets, page: Connection, payload: Json, now: datetime) -> Arrived:
    reading = vk.read_event(read_as(vk.CallbackEvent, payload), page.page)
    return prepare_arrival(secrets, Arrived(page, now), reading, orjson.dumps(payload))


@dataclass(frozen=True, slots=True)
class _Appeal:
    id: UUID
    key_id: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _Kept:
    appeal_id: UUID | None
    event: bytes
    change: str
    key_id: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _Entry:
    appeal_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class _Words:
    appeal_id: UUID
    key_id: int
    sealed: bytes


async def end_of(sessions: Sessions, secrets: Secrets, page: Connection) -> tuple[list[Any], list[Any]]:
    """What there is in the end: each appeal with its text, evidence, clarifications and history."""
    async with sessions() as session:
        client = f"channel-{page.id}"
        appeals = await rows(
            session,
            _Appeal,
            "SELECT a.id, o.key_id, o.sealed FROM intake.appeal a JOIN intake.original o "
            "ON o.region = a.region AND o.appeal_id = a.id WHERE a.client_id = :client",
            client=client,
        )
        ids = [each.id for each in appeals]
        kept = await rows(
            session,
            _Kept,
            "SELECT appeal_id, event, change, key_id, sealed FROM intake.channel_delivery WHERE connection_id = :id",
            id=page.id,
        )
        entries = await rows(
            session,
            _Entry,
            "SELECT appeal_id, kind FROM intake.appeal_history WHERE appeal_id = ANY(:ids)",
            ids=ids,
        )
        words = await rows(
            session,
            _Words,
            "SELECT appeal_id, key_id, sealed FROM intake.clarification WHERE appeal_id = ANY(:ids)",
            ids=ids,
        )
    return sorted(
        (
            open_original(secrets.keyring, each.id, each.key_id, each.sealed).text,
            sorted(_told(secrets, row) for row in kept if row.appeal_id == each.id),
            sorted(
                secrets.keyring.open_text(CLARIFICATION, each.id, row.key_id, row.sealed)
                for row in words
                if row.appeal_id == each.id
            ),
            sorted(row.kind for row in entries if row.appeal_id == each.id),
        )
        for each in appeals
    ), sorted(_told(secrets, row) for row in kept if row.appeal_id is None)


def _told(secrets: Secrets, kept: _Kept) -> tuple[str, str]:
    delivery = open_evidence(secrets, kept.event, kept.key_id, kept.sealed).delivery
    assert delivery is not None
    return kept.change, delivery.words


EXPECTED: tuple[list[Any], list[Any]] = (
    [
        ("Не вывозят мусор", [("created", "Не вывозят мусор"), ("deleted", ""), ("restored", "Не вывозят мусор")], [],
         ["source_changed"] * 2),
        ("Нет света", [("edited", "Нет света")], [], ["source_changed"]),
        ("Яма у дома 2",
         [("created", "Яма у дома 2"), ("deleted", ""), ("edited", "Яма у дома 12"), ("edited", "Яма у дома 12, корпус 3")],
         [], ["source_changed"] * 3),
    ],
    [],
)  # fmt: skip


async def test_any_order_and_doubling_ends_the_same(
    sessions: Callable[[str], Sessions], secrets: Secrets, proof: Callable[..., None]
) -> None:
    intake = sessions("intake")
    loop = asyncio.get_running_loop()
    orders = 0

    async def deliver(groups: list[list[int]]) -> object:
        page = make_connection()
        await keep_connection(intake, secrets, page)
        for step, group in enumerate(groups):
            now = NOW + timedelta(seconds=step)
            arrived = [arrival(secrets, page, STORY[number], now) for number in group]
            async with intake.begin() as session:
                await take_arrivals(session, secrets, arrived, PATIENCE)
        async with intake.begin() as session:
            await take_late(session, secrets, NOW + timedelta(hours=1))
        return await end_of(intake, secrets, page)

    @settings(max_examples=size(20, 300), deadline=None, suppress_health_check=list(HealthCheck))
    @given(groups=deliveries())
    def any_order(groups: list[list[int]]) -> None:
        nonlocal orders
        orders += 1
        end = asyncio.run_coroutine_threadsafe(deliver(groups), loop).result(60)
        assert end == EXPECTED, groups

    await asyncio.to_thread(any_order)
    assert await deliver([list(range(len(STORY)))]) == EXPECTED
    proof(orders=orders)


@pytest.mark.parametrize("groups", [[[0], [0]], [[0, 0]], [[1], [0], [1], [0]]])
async def test_two_processes_take_the_same_page_at_once(
    sessions: Callable[[str], Sessions], secrets: Secrets, groups: list[list[int]]
) -> None:
    page = make_connection()

    async def take(group: list[int]) -> None:
        async with sessions("intake").begin() as session:
            arrived = [arrival(secrets, page, STORY[number], NOW) for number in group]
            await take_arrivals(session, secrets, arrived, PATIENCE)

    await asyncio.gather(*(take(group) for group in groups))
    appeals, waiting = await end_of(sessions("intake"), secrets, page)
    assert len(appeals) == 1
    assert waiting == []
