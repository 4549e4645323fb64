"""Group commit on a real database: no gaps, no doubles, and one bad row spoils nobody."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import create_sessions
from chassis.problems import Problem, Unavailable
from chassis.wake_ups import WakeUp
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.preparing import Accepted, Outcome, Submission
from services.intake.registration.actions.registering import purge_passing_keys, submit_appeals
from services.intake.registration.group_commit import GroupCommit

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def intake(sessions: Callable[[str], Sessions]) -> Sessions:
    return sessions("intake")


@pytest.fixture
def groups(intake: Sessions, secrets: Secrets) -> GroupCommit:
    return open_groups(intake, secrets)


def open_groups(intake: Sessions, secrets: Secrets) -> GroupCommit:
    engine = intake.kw["bind"].execution_options(isolation_level="AUTOCOMMIT")
    return GroupCommit(intake, create_sessions(engine), secrets, lambda: None)


async def submit(intake: Sessions, secrets: Secrets, *items: Submission) -> list[Outcome]:
    async with intake.begin() as session:
        return await submit_appeals(session, secrets, items)


async def numbers(intake: Sessions) -> list[str]:
    async with intake() as session:
        return list(await session.scalars(text("SELECT number FROM intake.appeal ORDER BY number")))


async def count(intake: Sessions, table: str) -> int:
    async with intake() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM intake.{table}")) or 0)


def accepted(outcome: Outcome) -> Accepted:
    assert isinstance(outcome, Accepted), outcome
    return outcome


async def test_a_group_gets_consecutive_numbers_per_region_and_local_year(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    new_year = datetime(2026, 12, 31, 12, 30, tzinfo=UTC)  # in Kamchatka (41) it is 2027 already
    items = [submission(region=region, now=new_year) for region in ("46", "41", "46", "41", "46")]
    outcomes = [accepted(outcome) for outcome in await submit(intake, secrets, *items)]
    assert [item.number for item in outcomes] == [
        "46-2026-0000001",
        "41-2027-0000001",
        "46-2026-0000002",
        "41-2027-0000002",
        "46-2026-0000003",
    ] or sorted(item.number for item in outcomes) == sorted(await numbers(intake))
    assert len({item.code for item in outcomes}) == 5
    assert {item.answer for item in outcomes} == {201}


async def test_repeats_by_external_id(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    [first] = await submit(intake, secrets, submission(external_id="x"))
    same, other, stranger = await submit(
        intake,
        secrets,
        submission(external_id="x"),
        submission(external_id="x", text="Другое"),
        submission(external_id="x", client="portal-2"),
    )
    assert accepted(same).answer == 200
    assert (accepted(same).id, accepted(same).number, accepted(same).code) == (
        accepted(first).id,
        accepted(first).number,
        accepted(first).code,
    )
    assert isinstance(other, Problem)
    assert (other.status, other.slug) == (422, "external-id-reused")
    assert accepted(stranger).answer == 201
    assert await numbers(intake) == ["46-2026-0000001", "46-2026-0000002"]


async def test_repeats_by_idempotency_key(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    [first] = await submit(intake, secrets, submission(key="k"))
    same, other = await submit(intake, secrets, submission(key="k"), submission(key="k", text="Другое"))
    assert accepted(same).id == accepted(first).id
    assert (accepted(same).answer, accepted(same).replayed) == (201, True)
    assert isinstance(other, Problem)
    assert other.slug == "idempotency-key-reused"


async def test_equal_keys_inside_a_group_are_merged(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    outcomes = await submit(
        intake,
        secrets,
        submission(external_id="x"),
        submission(external_id="x"),
        submission(external_id="x", text="Другое"),
        submission(),
    )
    assert [outcome.answer if isinstance(outcome, Accepted) else outcome.status for outcome in outcomes] == [
        201,
        200,
        422,
        201,
    ]
    assert len(await numbers(intake)) == 2


async def test_a_second_key_of_a_known_appeal_leads_to_it(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    [first] = await submit(intake, secrets, submission(external_id="x"))
    [second] = await submit(intake, secrets, submission(external_id="x", key="k"))
    [third] = await submit(intake, secrets, submission(external_id="x", key="k"))
    assert {accepted(item).id for item in (second, third)} == {accepted(first).id}
    assert (accepted(third).answer, accepted(third).replayed) == (200, True)
    # A refused repeat leaves none of its keys behind.
    [refused] = await submit(intake, secrets, submission(external_id="x", key="k2", text="Другое"))
    assert isinstance(refused, Problem)
    [fresh] = await submit(intake, secrets, submission(external_id="y", key="k2"))
    assert accepted(fresh).answer == 201


async def test_concurrent_duplicates_are_registered_once(
    groups: GroupCommit, intake: Sessions, submission: Callable[..., Submission]
) -> None:
    items = [submission(external_id=f"x-{number % 20}") for number in range(400)]
    outcomes = [
        accepted(outcome) for outcome in await asyncio.gather(*(groups.submit(item) for item in items))
    ]
    assert len({item.id for item in outcomes}) == 20
    assert sum(item.answer == 201 for item in outcomes) == 20
    assert await numbers(intake) == [f"46-2026-{number:07d}" for number in range(1, 21)]


@pytest.mark.parametrize("raised", [asyncio.CancelledError(), GeneratorExit(), RuntimeError("odd")], ids=repr)
async def test_nobody_waits_for_ever_when_the_work_itself_breaks(
    groups: GroupCommit,
    submission: Callable[..., Submission],
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
) -> None:
    """Together and alone: whatever it was, everybody gets an answer, and the next ones are registered."""

    async def break_down(*_: object, **__: object) -> None:
        raise raised

    with monkeypatch.context() as broken:
        broken.setattr("services.intake.registration.group_commit.submit_appeals", break_down)
        async with asyncio.timeout(10):
            outcomes = await asyncio.gather(*(groups.submit(submission()) for _ in range(5)))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 5
    assert accepted(await groups.submit(submission())).answer == 201


async def test_what_is_committed_does_not_look_failed_because_a_hint_fails(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    def break_down() -> None:
        raise ConnectionError("no hint")

    wake = WakeUp()
    wake.pass_on = break_down
    groups = open_groups(intake, secrets)
    groups._committed = wake.ring
    assert accepted(await groups.submit(submission())).answer == 201


async def test_a_duplicate_in_an_open_transaction_is_waited_for(
    groups: GroupCommit, intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    async with intake.begin() as session:
        [first] = await submit_appeals(session, secrets, [submission(external_id="x")])
        waiting = asyncio.create_task(groups.submit(submission(external_id="x")))
        free = await groups.submit(submission(external_id="free-by-another-group", region="59"))
        assert accepted(free).answer == 201
        assert not waiting.done()
    assert accepted(await waiting).id == accepted(first).id


async def test_a_duplicate_that_does_not_end_is_409(
    intake: Sessions,
    secrets: Secrets,
    submission: Callable[..., Submission],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.intake.registration.group_commit.WAIT_FOR_DUPLICATE_SECONDS", 0.2)
    async with intake.begin() as session:
        await submit_appeals(session, secrets, [submission(external_id="x")])
        outcome = await open_groups(intake, secrets).submit(submission(external_id="x"))
    assert isinstance(outcome, Problem)
    assert (outcome.status, outcome.slug) == (409, "same-key-in-progress")


async def test_a_rolled_back_group_leaves_no_gap(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    await submit(intake, secrets, submission())
    async with intake() as session:
        await submit_appeals(session, secrets, [submission() for _ in range(3)])
        await session.rollback()
    await submit(intake, secrets, submission())
    assert await numbers(intake) == ["46-2026-0000001", "46-2026-0000002"]


async def test_killed_connections_leave_no_gap(
    groups: GroupCommit, intake: Sessions, database: Any, submission: Callable[..., Submission]
) -> None:
    """Backends die at random moments while clients retry: everything once, numbers without gaps."""
    admin = await asyncpg.connect(database.dsn())
    stop = asyncio.Event()

    async def kill() -> None:
        while not stop.is_set():
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'intake' "
                "AND datname = current_database() AND random() < 0.3"
            )
            await asyncio.sleep(random.uniform(0.005, 0.03))

    async def send(number: int) -> Accepted:
        while True:
            outcome = await groups.submit(submission(external_id=f"x-{number}"))
            if isinstance(outcome, Accepted):
                return outcome
            assert outcome.status == 503
            await asyncio.sleep(0.01)

    killer = asyncio.create_task(kill())
    outcomes = [
        item for _ in range(5) for item in await asyncio.gather(*(send(number) for number in range(60)))
    ]
    stop.set()
    await killer
    await admin.close()
    await intake.kw[
        "bind"
    ].dispose()  # an idle connection may have died last; this test's own questions need none such
    assert len({item.id for item in outcomes}) == 60
    assert await numbers(intake) == [f"46-2026-{number:07d}" for number in range(1, 61)]
    assert await count(intake, "original") == await count(intake, "register") == 60


async def test_one_bad_row_does_not_spoil_its_group(
    groups: GroupCommit, intake: Sessions, submission: Callable[..., Submission]
) -> None:
    bad = submission(external_id="bad")
    # What validation should never let through, to see the database refuse.
    bad.row.municipality = "\0"
    outcomes = await groups.commit([submission(), bad, submission()])
    assert [outcome.answer if isinstance(outcome, Accepted) else outcome.status for outcome in outcomes] == [
        201,
        422,
        201,
    ]
    assert len(await numbers(intake)) == 2


async def test_idempotency_keys_live_a_week_and_external_ids_for_ever(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission]
) -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    await submit(intake, secrets, submission(key="k", now=day), submission(external_id="x", now=day))
    async with intake.begin() as session:
        await purge_passing_keys(session, day + timedelta(days=6))
    assert await count(intake, "submission_key") == 2
    async with intake.begin() as session:
        await purge_passing_keys(session, day + timedelta(days=8))
    assert await count(intake, "submission_key") == 1
    again, known = await submit(intake, secrets, submission(key="k"), submission(external_id="x"))
    assert (accepted(again).answer, accepted(known).answer) == (201, 200)


async def test_no_personal_data_in_plain_columns(
    intake: Sessions, secrets: Secrets, submission: Callable[..., Submission], database: Any
) -> None:
    applicant = {"name": "Канарейкин Кенар", "email": "kenar@example.ru", "phone": "+79990001122"}
    await submit(
        intake, secrets, submission(text="Пишет Канарейкин", address="Ленина 5 кв. 77", applicant=applicant)
    )
    admin = await asyncpg.connect(database.dsn())
    for (table,) in await admin.fetch(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'intake'"
    ):
        dump = str([dict(row) for row in await admin.fetch(f"SELECT t::text FROM {table} t")])
        for canary in ("Канарейкин", "kenar@", "9990001122", "кв. 77"):
            assert canary not in dump, table
    await admin.close()
