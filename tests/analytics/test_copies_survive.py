"""What may befall a copy: its process is killed at any moment, what it has missed is gone, its file is damaged, the facts
change behind its back, it is made anew while questions are asked."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from chassis.db import open_all_rows
from harness.databases import PROJECT, Database
from harness.tokens import TokenMint
from harness.waiting import eventually
from services.analytics.facts.actions import purge_changes
from services.analytics.figures.queries import read_figures
from services.analytics.store.actions import building, nightly
from services.analytics.store.actions.folders import remove_retired
from services.analytics.store.actions.following import CopyBehind, follow
from services.analytics.store.queries.copies import CopyStore, FiguresNotReady, store_for
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period
from tests.analytics.conftest import Project
from tests.analytics.copying import Copied, all_answers, assert_copy_equals_facts, open_copied
from tests.analytics.stories import events_of, live_cases
from tests.analytics.test_copies import ALL

# Before the rows are deleted, before they are written, before the commit, and after it.
STATEMENTS = (2, 5, 8, 100)


async def test_a_process_killed_anywhere_in_a_batch_loses_and_doubles_nothing(
    database: Database, projected: Project, tmp_path: Path
) -> None:
    """kill -9 before and between the statements and after the commit; the next process goes on."""
    folder = tmp_path / "figures"
    opened = open_copied(database, folder)
    await projected(events_of(live_cases(Random(1), 10)))
    await opened.begin()
    opened.copy.close()
    (made,) = (folder / "0").glob("*.duckdb")
    for statement in STATEMENTS:
        await projected(events_of(live_cases(Random(statement), 10)))
        command = [sys.executable, "-m", "tests.analytics.dying_follower", database.url("analytics")]
        child = await asyncio.create_subprocess_exec(*command, str(folder), str(statement), cwd=PROJECT)
        assert await child.wait() == -signal.SIGKILL
    again = open_copied(database, folder)
    await again.begin()
    assert again.copy.serving is not None
    assert again.copy.serving.file == made
    await again.follow()
    assert (await assert_copy_equals_facts(again, ALL))[0][0] == 10 * (1 + len(STATEMENTS))
    again.copy.close()


@pytest.fixture
async def begun(projected: Project, copied: Copied) -> Copied:
    """A copy of 20 appeals."""
    await projected(events_of(live_cases(Random(5), 20)))
    await copied.begin()
    return copied


async def received(copied: Copied) -> int:
    """As the copy says."""
    async with copied.source.sessions() as session:
        await open_all_rows(session)
        return int((await all_answers(copied.store(session), ALL))[0][0])


async def test_a_copy_that_missed_changes_is_made_anew(
    database: Database, projected: Project, begun: Copied, look: asyncpg.Connection
) -> None:
    """What is older than a day is purged, whoever has read it; younger notes stay."""
    await projected(events_of(live_cases(Random(6), 5)))
    await purge_changes(database.sessions("analytics"))
    assert await look.fetchval("SELECT count(*) FROM analytics.figure_change") == 2
    await look.execute("UPDATE analytics.figure_change SET noted_at = noted_at - interval '25 hours'")
    await purge_changes(database.sessions("analytics"))
    assert await look.fetchval("SELECT count(*) FROM analytics.figure_change") == 0
    behind = begun.copy.serving
    assert behind is not None
    with pytest.raises(CopyBehind):
        await follow(begun.copy, behind, begun.source)
    begun.copy.distrust("it has missed changes")
    await begun.begin()
    assert (await assert_copy_equals_facts(begun, ALL))[0][0] == 25
    await building.replace_serving(begun.copy, begun.copy.serving or behind)
    assert not behind.file.exists()


FAULTS = {"format": "UPDATE {}.place SET format = 'older'", "incomplete": "DELETE FROM {}.place"}


def execute(sql: str, cursor: Any) -> None:
    """In the writer's thread."""
    cursor.execute(sql)


async def test_a_damaged_file_or_one_of_another_format_is_never_read(
    database: Database, projected: Project, tmp_path: Path
) -> None:
    """Garbage, half of a file, another version's: each is removed and a new one made."""
    folder = tmp_path / "figures"
    await projected(events_of(live_cases(Random(7), 10)))
    for damage in ("garbage", "half", *FAULTS):
        copied = open_copied(database, folder)
        await copied.begin()
        serving = copied.copy.serving
        assert serving is not None
        assert await received(copied) == 10
        if damage in FAULTS:
            await copied.copy.engine.work(partial(execute, FAULTS[damage].format(serving.name)))
        copied.copy.close()
        if damage == "garbage":
            serving.file.write_bytes(b"garbage" * 10_000)
        if damage == "half":
            content = serving.file.read_bytes()
            serving.file.write_bytes(content[: len(content) // 2])
        again = open_copied(database, folder)
        await again.begin()
        assert again.copy.serving is not None
        assert again.copy.serving.file != serving.file, damage
        assert not serving.file.exists()
        assert await received(again) == 10
        again.copy.close()


async def test_every_night_the_copy_is_compared_and_sorted(
    projected: Project, begun: Copied, look: asyncpg.Connection
) -> None:
    """A new file of the same rows; one whose counts differ from the facts answers no more."""
    old = begun.copy.serving
    assert old is not None
    made_at = datetime.fromtimestamp(int(old.file.stem) / 1e9, UTC)
    assert not nightly.is_due(old, made_at)
    assert nightly.is_due(old, made_at + timedelta(days=1))
    await projected(events_of(live_cases(Random(8), 10)))
    await nightly.renew(begun.copy, begun.source)
    assert begun.copy.serving not in (None, old)
    assert not old.file.exists()
    assert (await assert_copy_equals_facts(begun, ALL))[0][0] == 30
    await look.execute("UPDATE analytics.fact_appeal SET reopenings = reopenings + 1 WHERE region = '46'")
    await nightly.renew(begun.copy, begun.source)
    assert begun.copy.serving is None
    assert "46" in str(begun.copy.doubt)


async def test_a_file_that_cannot_be_sorted_goes_on_answering(begun: Copied) -> None:
    """No room for a second file: the first one is not to blame; an hour later there is."""
    old, folder = begun.copy.serving, begun.copy.folder
    night = datetime.now(UTC) + timedelta(days=1)
    begun.copy.folder = folder / "no such folder"
    assert not await nightly.renew_if_due(begun.copy, begun.source, night)
    begun.copy.folder = folder
    assert not await nightly.renew_if_due(begun.copy, begun.source, night + timedelta(minutes=59))
    assert begun.copy.serving is old
    assert await received(begun) == 20
    assert await nightly.renew_if_due(begun.copy, begun.source, night + timedelta(hours=1))
    assert begun.copy.serving not in (None, old)


async def test_a_copy_is_made_anew_while_questions_are_asked(projected: Project, begun: Copied) -> None:
    """Every answer is whole: what the old file said, or what the new one says."""
    stop, seen = asyncio.Event(), set[int]()

    async def ask() -> None:
        while not stop.is_set():
            seen.add(await received(begun))

    asking = [asyncio.create_task(ask()) for _ in range(2)]
    for number in range(3):
        await projected(events_of(live_cases(Random(number), 10)))
        await building.replace_serving(begun.copy, await building.build(begun.copy, begun.source))
    stop.set()
    await asyncio.gather(*asking)
    assert len(seen) > 1, "they were asked all the while"
    assert seen <= {20, 30, 40, 50}
    assert await received(begun) == 50


async def test_a_request_of_many_questions_outlives_the_file_it_began_with(begun: Copied) -> None:
    """A report at one in the morning: its first answers are the old file's, the next ones the sorted file's, and where a file was
    distrusted meanwhile Postgres answers, or somebody is told to come again. What is kept ready is no longer renewed from it."""
    everything, region = Filter(None, EVERYTHING, Period()), Filter("46", EVERYTHING, Period())
    async with begun.source.sessions() as session:
        await open_all_rows(session)
        store, old = begun.store(session), begun.copy.serving
        assert old is not None
        before = [await read_figures(store, each) for each in (everything, region)]
        await nightly.renew(begun.copy, begun.source)
        assert not old.file.exists()
        begun.copy.kept.clear()
        assert [await read_figures(store, each) for each in (everything, region)] == before
        await begun.copy.renew_kept(old)
        begun.copy.distrust("somebody damaged it")
        await remove_retired(begun.copy)
        assert await read_figures(store, region) == before[1]
        begun.copy.is_small = False
        with pytest.raises(FiguresNotReady):
            await read_figures(store, region)


async def test_without_a_copy_a_small_register_is_counted_by_postgres_and_a_large_one_waits(
    projected: Project, copied: Copied
) -> None:
    """503 with the time to come again; never an answer of a part."""
    await projected(events_of(live_cases(Random(9), 5)))
    async with copied.source.sessions() as session:
        await open_all_rows(session)
        with pytest.raises(FiguresNotReady) as refused:
            store_for(copied.copy, session)
        assert refused.value.status == 503
        assert int(refused.value.headers["Retry-After"]) > 0
        copied.copy.is_small = True
        assert (await all_answers(store_for(copied.copy, session), ALL))[0][0] == 5
        await copied.begin()
        assert isinstance(store_for(copied.copy, session), CopyStore)


async def test_the_service_answers_from_its_copy(
    app_client: Any, mint: TokenMint, projected: Project, tmp_path: Path
) -> None:
    """Switched on by a setting: it makes the file, follows what comes, and says how fresh the figures are."""
    await projected(events_of(live_cases(Random(10), 20, ["46"])))
    client, _ = await app_client(
        "analytics",
        background=True,
        OTKLIK_FIGURES_COPY="on",
        OTKLIK_FIGURES_FOLDER=str(tmp_path / "figures"),
    )
    headers = mint.headers("federal", ["*"])

    async def ready() -> bool:
        notes = (await client.get("/health/ready")).json().get("notes", {})
        return "figures" not in notes and [*tmp_path.glob("figures/0/*.duckdb")] != []

    await eventually(ready)
    await projected(events_of(live_cases(Random(11), 5, ["25"])))
    for query, expected in (("", 25), ("?region=25", 5)):

        async def shown(query: str = query, expected: int = expected) -> bool:
            found = await client.get(f"/api/v1/analytics/summary{query}", headers=headers)
            return bool(found.json()["received"] == expected)

        await eventually(shown)
    for path in (
        "timeseries?region=46",
        "breakdown?by=organisation&region=46",
        "heatmap?region=46",
        "measures",
    ):
        assert (await client.get(f"/api/v1/analytics/{path}", headers=headers)).status_code == 200
