"""The live stream: who listens is told once of everything that concerns it, also when the line breaks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import uvicorn
from uuid_utils.compat import uuid7

from chassis.db import open_work
from chassis.moments import utc_now
from chassis.resources import resources_in
from contracts.sla import DeadlineBreached, DeadlineCorrected
from harness.databases import Database
from harness.tokens import TokenMint
from harness.waiting import eventually
from services.analytics.announcements.actions import announce, announce_breaches, purge_entries
from services.analytics.announcements.queries import broadcast
from services.analytics.announcements.rules import Announcement, Breach
from services.analytics.resources import AnalyticsResources
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period
from services.analytics.stream import actions as stream
from services.analytics.stream.queries import count_today
from tests.analytics.conftest import Project
from tests.analytics.listening import PATH, Ear, cut_all, serving
from tests.analytics.stories import Story

Tell = Callable[[Sequence[Announcement]], Awaitable[None]]
MOSCOW, KURSK = "77", "46"
ORGANISATIONS = [UUID(int=number) for number in range(1, 4)]
PLACES = ["38701000", "38620000"]


def breach_of(number: int, random: Random) -> Announcement:
    """Something to tell, somewhere."""
    region, organisation = random.choice((KURSK, MOSCOW)), random.choice(ORGANISATIONS)
    place = random.choice(PLACES) if region == KURSK else None
    now = utc_now()
    data = Breach(
        region=region,
        appeal_id=uuid7(),
        assignment_id=None,
        organisation=organisation,
        municipality=place,
        clock="answer",
        cycle=number,
        due_at=now,
        fired_at=now,
    )
    return Announcement("breach", f"test:{number}", region, place, organisation, data)


@pytest.fixture
async def app(app_client: Any) -> Any:
    """The service in this process."""
    return (await app_client("analytics"))[1]


@pytest.fixture
async def line(app: Any) -> AsyncIterator[tuple[httpx2.AsyncClient, uvicorn.Server]]:
    """The same on a socket."""
    async with serving(app) as opened:
        yield opened


@pytest.fixture
def tell(app: Any) -> Tell:
    """`await tell(announcements)`: committed by this process."""

    async def commit(announcements: Sequence[Announcement]) -> None:
        async with resources_in(app, AnalyticsResources).sessions.begin() as session:
            await open_work(session)
            await announce(session, announcements)

    return commit


async def test_everybody_hears_everything_once_though_lines_break(
    line: tuple[httpx2.AsyncClient, uvicorn.Server],
    tell: Tell,
    mint: TokenMint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Thirty who listen with different scopes, lines cut again and again while two hundred things happen, of which the process
    remembers so few that many read on from the database."""
    monkeypatch.setattr(broadcast, "REMEMBERED", 5)
    monkeypatch.setattr(stream, "REMEMBERED", 5)
    random, (client, _) = Random(46), line
    audiences: list[tuple[dict[str, str], dict[str, str], Callable[[Announcement], bool]]] = [
        (mint.headers("federal", ["*"]), {}, lambda each: True),
        (mint.headers("analyst", [KURSK]), {}, lambda each: each.region == KURSK),
        (mint.headers("federal", ["*"]), {"region": MOSCOW}, lambda each: each.region == MOSCOW),
        (
            mint.headers("agency", [KURSK], ORGANISATIONS[0]),
            {},
            lambda each: each.region == KURSK and each.organisation_id == ORGANISATIONS[0],
        ),
        (
            mint.headers("coordinator", [KURSK], municipalities=[PLACES[0]]),
            {},
            lambda each: each.municipality == PLACES[0],
        ),
    ]
    ears = [Ear(client, headers, query) for headers, query, _ in audiences for _ in range(6)]
    wanted = [wants for _, _, wants in audiences for _ in range(6)]
    for ear in ears:
        ear.open()
    await eventually(lambda: all(ear.heard for ear in ears))
    told = [breach_of(number, random) for number in range(200)]
    for start in range(0, 200, 10):
        broken = random.sample(ears, 6)
        await cut_all(broken[:3])
        await tell(told[start : start + 10])
        await cut_all(broken[3:])
        for ear in broken:
            ear.open()
    expected = [[each.data.model_dump()["cycle"] for each in told if wants(each)] for wants in wanted]
    await eventually(lambda: all(len(e.of("breach")) >= len(x) for e, x in zip(ears, expected, strict=True)))
    await cut_all(ears)
    for ear, numbers in zip(ears, expected, strict=True):
        assert sorted(data["cycle"] for data in ear.of("breach")) == numbers
        assert [event.event for event in ear.heard].count("figures") == 1, (
            "figures that have not changed come once"
        )
        assert not ear.of("reset")
        assert len({event.id for event in ear.heard}) == len(ear.heard)
    assert sum(ear.lines for ear in ears) > 100


async def test_a_stream_ends_with_its_token_and_with_its_server(
    line: tuple[httpx2.AsyncClient, uvicorn.Server], app: Any, mint: TokenMint
) -> None:
    """At the second at which the token does; at once when the server is to end, and when the token is taken back."""
    client, server = line
    short, revoked, long = (
        Ear(client, mint.headers("analyst", [KURSK], **more))
        for more in ({"exp": int(time.time()) + 3}, {"client": "gone"}, {})
    )
    for ear in (short, revoked, long):
        ear.open()
    await eventually(lambda: all(ear.heard for ear in (short, revoked, long)))
    began = time.monotonic()
    await short.ended()
    assert time.monotonic() - began < 4
    resources_in(app, AnalyticsResources).verifier.revocations.learn({"gone": 10**12}, time.monotonic())
    await asyncio.wait_for(revoked.ended(), 4)
    began = time.monotonic()
    server.should_exit = True
    await long.ended()
    assert time.monotonic() - began < 2, "a stream is not waited for"


async def test_whose_id_it_is_and_what_is_too_old(
    line: tuple[httpx2.AsyncClient, uvicorn.Server],
    app: Any,
    tell: Tell,
    mint: TokenMint,
    look: asyncpg.Connection,
) -> None:
    """An id of nobody's, or of another scope, is refused; behind an id that is two days old something may be gone."""
    (client, _), random = line, Random(7)
    ear = Ear(client, mint.headers("analyst", [KURSK, MOSCOW]))
    ear.open()
    await eventually(lambda: ear.heard)
    await ear.cut()
    for foreign, headers in (("nonsense", ear.headers), (ear.last_id, mint.headers("analyst", [KURSK]))):
        answer = await client.get(PATH, headers=headers, params={"last_event_id": foreign})
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-cursor")
    await tell([breach_of(number, random) for number in range(3)])
    await look.execute("UPDATE analytics.stream_entry SET at = at - interval '49 hours' WHERE key < 'test:2'")
    await purge_entries(resources_in(app, AnalyticsResources).sessions)
    assert await look.fetchval("SELECT array_agg(key ORDER BY key) FROM analytics.stream_entry") == [
        "test:1",
        "test:2",
    ]
    resources_in(app, AnalyticsResources).broadcast.rest()  # as after a new start
    ear.open()
    await eventually(lambda: ear.of("reset"))
    await tell([breach_of(3, random)])
    await eventually(lambda: ear.of("breach"))
    await ear.cut()
    assert [data["cycle"] for data in ear.of("breach")] == [3]
    ear.open()
    await tell([breach_of(4, random)])
    await eventually(lambda: len(ear.of("breach")) == 2)
    await ear.cut()
    assert len(ear.of("reset")) == 1, "whoever has been told goes on from there"


def _breached(story: Story, at: datetime) -> DeadlineBreached:
    task = story.case.tasks[0]
    return DeadlineBreached(
        region=story.case.region,
        deadline_id=task.id,
        appeal_id=story.case.id,
        assignment_id=task.id,
        clock="answer",
        due_at=at,
        fired_at=at,
    )


async def test_breaches_are_told_once_and_only_while_they_are_news(
    database: Database, projected: Project, named: None, look: asyncpg.Connection
) -> None:
    """Not again when the log is sent again, not of days ago, not one that did not happen after all."""
    sessions = database.sessions("analytics")

    async def handle(*events: DeadlineBreached | DeadlineCorrected) -> None:
        await projected(events)
        async with sessions.begin() as session:
            await open_work(session)
            await announce_breaches(session, [each for each in events if isinstance(each, DeadlineBreached)])

    story = Story(Random(1), [KURSK])
    story.register()
    story.assign(lead=True, body=None)
    other = Story(Random(2), [KURSK])
    other.register()
    other.assign(lead=True, body=None)
    await projected([*story.case.events, *other.case.events])
    now = utc_now()
    happened = _breached(story, now - timedelta(hours=1))
    await handle(happened)
    await handle(happened, _breached(other, now - timedelta(days=3)))
    corrected = DeadlineCorrected(
        **_breached(other, now).model_dump(
            include={"region", "deadline_id", "appeal_id", "assignment_id", "clock"}
        ),
        reason="",
        corrected_at=now,
    )
    await handle(corrected, _breached(other, now))
    found = await look.fetch("SELECT region, data FROM analytics.stream_entry")
    assert [row["region"] for row in found] == [KURSK]
    assert str(story.case.id) in found[0]["data"]
    assert "Текст" not in found[0]["data"]


async def test_figures_are_those_of_the_summary(
    line: tuple[httpx2.AsyncClient, uvicorn.Server], projected: Project, named: None, mint: TokenMint
) -> None:
    """They come at once and again when they change, and are what the summary says of the day."""
    client, _ = line
    headers = mint.headers("analyst", [KURSK])
    ear = Ear(client, headers, {"region": KURSK})
    ear.open()
    await eventually(lambda: ear.heard)
    assert ear.of("figures")[0]["received"] == 0
    story = Story(Random(1), [KURSK])
    story.case.received_at = utc_now()
    story.register()
    await projected(story.case.events)
    await eventually(lambda: len(ear.of("figures")) == 2)
    await ear.cut()
    figures = ear.of("figures")[-1]
    day = datetime.fromisoformat(figures["day"])
    days = {"from": f"{day:%Y-%m-%d}", "to": f"{day + timedelta(days=1):%Y-%m-%d}"}
    answer = await client.get("/api/v1/analytics/summary", headers=headers, params={"region": KURSK, **days})
    summary = answer.json()
    assert figures["received"] == 1
    assert all(figures[key] == summary[key] for key in ("received", "answered", "breached", "backlog"))


def _audience(region: str) -> Filter:
    return Filter(region, EVERYTHING, Period(utc_now().date(), utc_now().date()))


async def test_figures_are_counted_again_until_they_have_been_and_while_somebody_comes(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One count that fails, or that goes on while facts change, loses no change for anybody."""
    resources = resources_in(app, AnalyticsResources)
    shared, whole = resources.broadcast, count_today
    there, coming = [_audience(region) for region in (MOSCOW, "47")], _audience(KURSK)
    counted: list[Filter] = []

    async def fails(_store: Any, audience: Filter, *_: Any) -> Any:
        counted.append(audience)
        raise TimeoutError

    async def changes_meanwhile(store: Any, audience: Filter, *more: Any) -> Any:
        counted.append(audience)
        figures = await whole(store, audience, *more)
        if len(counted) == 1:
            stream._mark_stale(shared, {KURSK}, utc_now())
        return figures

    with shared.listening(there[0]), shared.listening(there[1]), shared.listening(coming):
        shared.stale = set(there)
        monkeypatch.setattr(stream, "count_today", fails)
        with pytest.raises(TimeoutError):
            await stream._count_stale(resources)
        assert shared.stale == set(there)
        counted.clear()
        monkeypatch.setattr(stream, "count_today", changes_meanwhile)
        await stream.find_figures(resources, coming)
        await stream._count_stale(resources)
        assert counted[0] == coming
        assert sorted(each.region or "" for each in counted[1:]) == sorted([KURSK, "47", MOSCOW])
        assert shared.stale == set()
