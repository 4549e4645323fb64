"""Networks that have to be asked, against a stand-in: OK for comments, MAX whether it still delivers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.db import run
from chassis.moments import utc_now
from harness.networks import TOKEN, Networks, networks_running
from harness.resources import worker_session
from services.intake.channels.actions import polling
from services.intake.channels.actions.asking import TIMEOUT_SECONDS
from services.intake.workers import ask_some_network
from tests.intake.channels.conftest import Watched
from tests.intake.channels.payloads import SECRET

Watch = Callable[..., Any]
TEXTS = "SELECT channel, status FROM intake.appeal ORDER BY id"


async def ask(page: Watched, networks: Networks) -> float:
    """One step of the worker, with whatever is due made due now."""
    resources = page.app.state.resources
    settings = resources.settings
    settings.ok_api_url = f"{networks.url}/fb.do"
    settings.max_api_url = networks.url
    settings.public_url = "https://otklik.example.ru/"
    async with worker_session(page.app) as session:
        await run(
            session,
            "UPDATE intake.channel_poll SET next_at = now() - interval '1 s', lease_until = now() - interval '1 s'",
        )
    return await ask_some_network(resources)


async def test_comments_of_ok_are_read_once_however_often_they_are_asked_for(watch: Watch) -> None:
    page = await watch("ok")
    assert page.view["webhook"] is None
    now = time.time()
    async with networks_running() as networks:
        for number in range(7):
            networks.comment(
                number, f"Яма у дома {number}", now - 600 + number, author=f"59000000000{number}"
            )
        networks.comment(8, "Спасибо за обращение", now - 500, author="53000000000001")
        networks.comment(9, "Старое", now - 90 * 86_400, author="590000000099")
        networks.comments.sort(key=lambda each: -each["date_ms"])
        for _ in range(3):
            await ask(page, networks)
        assert await page.counts() == {"registered": 7}
        networks.comments[-2]["text"] = "Яма у дома 5, корпус 2"
        networks.comment(10, "И фонарь не горит", now, author="590000000001")
        await ask(page, networks)
        assert await page.counts() == {"registered": 7, "edited": 1, "joined": 1}
    assert {row["channel"] for row in await page.rows(TEXTS)} == {"ok"}


async def test_an_outage_of_ok_loses_nothing_and_is_asked_less_and_less(watch: Watch) -> None:
    page = await watch("ok")
    async with networks_running() as networks:
        networks.comment(1, "Не вывозят мусор", time.time() - 60)
        networks.is_away = True
        rests = []
        for _ in range(3):
            await ask(page, networks)
            [poll] = await page.rows("SELECT next_at - now() AS rest, failures FROM intake.channel_poll")
            rests.append(poll["rest"])
        assert rests == sorted(rests)
        assert poll["failures"] == 3
        networks.is_away = False
        await ask(page, networks)
        assert await page.counts() == {"registered": 1}
        [poll] = await page.rows("SELECT failures FROM intake.channel_poll")
        assert poll["failures"] == 0


@pytest.mark.parametrize("failures", [40, 500, 32_767])
async def test_a_page_that_fails_for_years_is_asked_every_hour(watch: Watch, failures: int) -> None:
    page = await watch("ok")
    async with networks_running() as networks:
        await ask(page, networks)
        async with worker_session(page.app) as session:
            await run(session, "UPDATE intake.channel_poll SET failures = :failures", failures=failures)
        networks.is_away = True
        await ask(page, networks)
    [poll] = await page.rows("SELECT next_at - lease_until AS rest FROM intake.channel_poll")
    assert poll["rest"] == polling.LONGEST_REST


async def test_a_wrong_signature_is_an_outage_like_any_other(watch: Watch) -> None:
    wrong = {"access_token": "other", "application_key": "KEY1", "application_secret": "no"}
    page = await watch("ok", credentials=wrong)
    async with networks_running() as networks:
        await ask(page, networks)
    [poll] = await page.rows("SELECT failures, read_to FROM intake.channel_poll")
    assert (poll["failures"], poll["read_to"]) == (1, None)


async def test_many_discussions_with_many_comments_are_read_to_the_end(watch: Watch) -> None:
    page, now = await watch("ok"), time.time()
    async with networks_running() as networks:
        for number in range(80):  # 27 pages
            networks.comment(number, f"Яма у дома {number}", now - 600 + number, author=f"59{number:010}")
        for number in range(100, 108):
            networks.comment(number, "Темно", now - 300, author=f"59{number:010}", topic=f"7{number}")
        networks.comment(200, "Старое", now - 90 * 86_400, topic="7999")
        networks.calls.clear()
        await ask(page, networks)
        assert await page.counts() == {"registered": 88}
        # Nobody asks for comments where nothing was written since.
        assert networks.calls.count("discussions.getComments") == 27 + 8
        assert networks.calls.count("discussions.getList") == 4


@pytest.mark.parametrize(("bound", "value"), [("MOST_CALLS", 2), ("LOOK_SECONDS", 0.0)])
async def test_what_a_look_does_not_reach_is_read_by_a_later_one(
    watch: Watch, monkeypatch: pytest.MonkeyPatch, bound: str, value: float
) -> None:
    page, now = await watch("ok"), time.time()
    reached = "SELECT read_to, failures FROM intake.channel_poll"
    async with networks_running() as networks:
        await ask(page, networks)
        [before] = await page.rows(reached)
        for number in range(9):
            networks.comment(number, f"Яма у дома {number}", now - number, author=f"59000000000{number}")
        with monkeypatch.context() as bounded:
            bounded.setattr(polling, bound, value)
            await ask(page, networks)
        assert await page.rows(reached) == [before]
        await ask(page, networks)
        [after] = await page.rows(reached)
        assert after["read_to"] > before["read_to"]
    assert (await page.counts())["registered"] == 9


async def test_a_first_look_that_does_not_reach_the_end_begins_there_again(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await watch("ok")
    monkeypatch.setattr(polling, "MOST_CALLS", 1)
    async with networks_running() as networks:
        networks.comment(1, "Не вывозят мусор", time.time() - 60)
        reached = []
        for _ in range(2):
            await ask(page, networks)
            [poll] = await page.rows("SELECT read_to FROM intake.channel_poll")
            reached.append(poll["read_to"])
    assert reached[0] == reached[1] is not None


def test_a_look_ends_before_its_lease_does() -> None:
    assert polling.LEASE.total_seconds() > polling.LOOK_SECONDS + 2 * TIMEOUT_SECONDS


async def test_a_lease_that_ran_out_frees_nobody_elses(watch: Watch) -> None:
    page, now = await watch("ok"), utc_now()
    every = timedelta(minutes=1)
    async with worker_session(page.app) as session:
        first = await polling.lease_page(session, now)
        second = await polling.lease_page(session, now + polling.LEASE)
        assert first is not None
        assert second is not None
        await polling.free_page(session, first[0], now, every, now)
        assert await polling.lease_page(session, now + polling.LEASE + every) is None
        await polling.free_page(session, second[0], now, every, now)
        assert await polling.lease_page(session, now + polling.LEASE + every) is not None


@pytest.mark.parametrize("network", ["ok", "max"])
async def test_an_answer_without_an_end_is_an_outage(watch: Watch, network: str) -> None:
    credentials = {} if network == "ok" else {"credentials": {"secret": SECRET, "access_token": TOKEN}}
    page = await watch(network, **credentials)
    async with networks_running() as networks:
        networks.is_endless = True
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await ask(page, networks)
    [poll] = await page.rows("SELECT failures FROM intake.channel_poll")
    assert poll["failures"] == 1


async def test_an_author_whose_name_is_longer_than_any_is_taken(watch: Watch) -> None:
    page = await watch("ok")
    async with networks_running() as networks:
        networks.comment(1, "Не вывозят мусор", time.time() - 60)
        networks.comments[0]["author_name"] = "Анна\x00 " + "я" * 5_000
        await ask(page, networks)
    assert await page.counts() == {"registered": 1}


async def test_one_process_at_a_time_asks_a_page(watch: Watch) -> None:
    page = await watch("ok")
    now = utc_now()
    async with worker_session(page.app) as session:
        leased = await polling.lease_page(session, now)
    assert leased is not None
    async with worker_session(page.app) as session:
        assert await polling.lease_page(session, now) is None
        assert await polling.lease_page(session, now + polling.LEASE - timedelta(seconds=1)) is None
        again = await polling.lease_page(session, now + polling.LEASE)
        assert again is not None
        await polling.free_page(session, again[0], now, timedelta(minutes=1), now)
        assert await polling.lease_page(session, now + timedelta(seconds=59)) is None
        assert await polling.lease_page(session, now + timedelta(seconds=60)) is not None


async def test_a_subscription_that_max_ended_is_made_again(watch: Watch) -> None:
    page = await watch("max", credentials={"secret": SECRET, "access_token": TOKEN})
    async with networks_running() as networks:
        await ask(page, networks)
        [made] = networks.subscriptions
        assert made["url"] == f"https://otklik.example.ru/channels/max/{page.view['id']}"
        assert made["secret"] == SECRET
        assert set(made["update_types"]) == {"message_created", "message_edited", "message_removed"}
        await ask(page, networks)
        assert networks.calls.count("POST subscriptions") == 1
        networks.subscriptions.clear()  # after eight hours without a success
        await ask(page, networks)
        assert len(networks.subscriptions) == 1


@pytest.mark.parametrize("credentials", [{"secret": SECRET}, {"secret": SECRET, "access_token": "wrong"}])
async def test_without_a_token_that_works_max_is_left_alone(
    watch: Watch, credentials: dict[str, str]
) -> None:
    page = await watch("max", credentials=credentials)
    async with networks_running() as networks:
        await ask(page, networks)
        assert networks.subscriptions == []
