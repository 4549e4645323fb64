"""What is wrong with one message, or with what is kept of it, keeps no other back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.db import column, run, scalar
from harness.resources import worker_session
from services.intake.channels.actions.arriving import Arrival, Arrived, prepare_arrival
from services.intake.channels.actions.late import take_late
from services.intake.channels.actions.taking import take_arrivals
from services.intake.channels.rules.connection import Connection
from services.intake.channels.rules.reading import Author, Change, Delivery
from services.intake.originals.rules import Secrets
from tests.intake.channels.conftest import keep_connection, make_connection

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FILLER = "\u3164"  # words as an older version read them, which no appeal may consist of


def arrived(
    secrets: Secrets, page: Connection, number: int, words: str, change: Change = "edited"
) -> Arrival:
    """A delivery about a message of its own, by a person of its own."""
    author = Author(str(number))
    delivery = Delivery(f"{change}{number}", f"i{number}", change, NOW, f"t{number}", author, words)
    made = prepare_arrival(secrets, Arrived(page, NOW), delivery, b"{}")
    assert isinstance(made, Arrival)
    return made


async def wait_for_messages(sessions: Any, secrets: Secrets, *waiting: Arrival) -> None:
    """Changes that wait for their messages, which never come."""
    for page in {each.connection.id: each.connection for each in waiting}.values():
        await keep_connection(sessions, secrets, page)
    async with sessions.begin() as session:
        outcomes = await take_arrivals(session, secrets, waiting, timedelta(minutes=3))
    assert outcomes == ["waiting"] * len(waiting)


async def appeals_of(sessions: Any, page: Connection) -> int:
    """How many a page's messages have become."""
    sql = "SELECT count(*) FROM intake.appeal WHERE client_id = :client"
    async with sessions.begin() as session:
        return int(await scalar(session, int, sql, client=f"channel-{page.id}") or 0)


async def take_all_late(sessions: Any, secrets: Secrets) -> list[int]:
    """Two steps of the worker: the second finds nothing that still waits."""
    taken = []
    for _ in range(2):
        async with sessions.begin() as session:
            taken.append(await take_late(session, secrets, LATER))
    return taken


async def test_a_late_message_that_cannot_be_taken_waits_no_more(
    sessions: Callable[[str], Any], secrets: Secrets
) -> None:
    intake, page, other = sessions("intake"), make_connection(), make_connection()
    bad = arrived(secrets, page, 1, FILLER)
    good = [arrived(secrets, page, 2, "Яма"), arrived(secrets, other, 3, "Мусор")]
    await wait_for_messages(intake, secrets, bad, *good)
    assert await take_all_late(intake, secrets) == [3, 0]
    assert (await appeals_of(intake, page), await appeals_of(intake, other)) == (1, 1)
    async with intake.begin() as session:
        kept = await column(
            session,
            UUID,
            "SELECT connection_id FROM intake.channel_delivery WHERE event = :event AND appeal_id IS NULL",
            event=bad.event,
        )
    assert kept == [page.id]  # as evidence


@pytest.mark.parametrize("what", ["delivery", "connection"])
async def test_what_does_not_open_keeps_no_late_message_back(
    sessions: Callable[[str], Any], secrets: Secrets, what: str
) -> None:
    intake, page, other = sessions("intake"), make_connection(), make_connection()
    damaged = arrived(secrets, page, 1, "Яма")
    await wait_for_messages(intake, secrets, damaged, arrived(secrets, other, 2, "Мусор"))
    column_of = {"delivery": "connection_id", "connection": "id"}[what]
    async with intake.begin() as session:
        await run(
            session,
            f"UPDATE intake.channel_{what} SET sealed = :sealed WHERE {column_of} = :id",
            sealed=b"damaged",
            id=page.id,
        )
    assert await take_all_late(intake, secrets) == [2, 0]
    assert await appeals_of(intake, other) == 1
    # Credentials have nothing to do with what was delivered already.
    assert await appeals_of(intake, page) == (1 if what == "connection" else 0)


async def test_late_messages_are_counted(sessions: Callable[[str], Any], secrets: Secrets) -> None:
    intake, page = sessions("intake"), make_connection()
    await wait_for_messages(
        intake, secrets, arrived(secrets, page, 1, "Яма"), arrived(secrets, page, 2, "Мусор")
    )
    await take_all_late(intake, secrets)
    sql = (
        "SELECT outcome || ' ' || count FROM intake.channel_count WHERE connection_id = :id ORDER BY outcome"
    )
    async with intake.begin() as session:
        assert await column(session, str, sql, id=page.id) == ["registered 2", "waiting 2"]


async def test_a_delivery_that_cannot_be_taken_is_kept_and_acknowledged(watch: Callable[..., Any]) -> None:
    page = await watch("vk")
    resources = page.app.state.resources
    connection = await resources.connections.find(UUID(page.view["id"]))
    group = [
        arrived(resources.secrets, connection, number, words, "created")
        for number, words in enumerate(("Яма", FILLER, "Мусор"))
    ]
    assert await resources.deliveries.commit(group) == ["registered", "unread", "registered"]
    assert await resources.deliveries.commit(group) == ["repeated"] * 3
    alone = arrived(resources.secrets, connection, 9, FILLER, "created")
    assert await resources.deliveries.submit(alone) == "unread"
    # What is written there later is taken as of any message that is not known.
    edited = arrived(resources.secrets, connection, 9, "Нет света")
    assert await resources.deliveries.submit(edited) == "waiting"
    async with worker_session(page.app) as session:
        assert await take_late(session, resources.secrets, LATER) == 1
    assert (await page.counts())["registered"] == 3
