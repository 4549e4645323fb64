"""A nation's facts for measuring: as many as were asked for, the same for a seed, whole, and asked of every store alike."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from chassis.db import open_all_rows
from harness.databases import PROJECT, Database
from infra.national.filling import AlreadyFilled, fill
from infra.national.generating import National
from otklik.measuring.questions import draw
from otklik.measuring.references import measure_parquet, measure_postgres, write_parquet
from otklik.measuring.timing import measure, summarise
from services.analytics.store.queries.engine import Engine
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period
from tests.analytics.copying import Copied, assert_copy_equals_facts

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
APPEALS = 2_000
FULL_APPEALS = 13_700_000
RECOUNTED = """
SELECT count(*) FROM analytics.fact_appeal AS t LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.role = 'lead') AS leads, coalesce(sum(x.reopenings), 0) AS reopenings,
        count(*) FILTER (WHERE x.role = 'lead' AND x.redirected_at IS NULL AND x.cancelled_at IS NULL
            AND (x.answers = 0 OR x.is_reopened)) AS open_leads,
        min(x.answered_at) FILTER (WHERE x.role = 'lead') AS answered_at, coalesce(sum(x.score_sum), 0) AS score_sum
    FROM analytics.fact_assignment AS x WHERE x.region = t.region AND x.appeal_id = t.appeal_id
) AS s ON true
WHERE (t.leads, t.open_leads, t.reopenings, t.score_sum) IS DISTINCT FROM
    (s.leads, s.open_leads, s.reopenings, s.score_sum) OR t.answered_at IS DISTINCT FROM s.answered_at
"""


def digest(folder: Path, seed: int) -> str:
    """Of all rows of the last two months."""
    national, found = National(APPEALS, seed, NOW), hashlib.sha256()
    folder.mkdir()
    for month in list(national.months())[-2:]:
        for table, file in sorted(national.write(month, folder).items()):
            found.update(table.encode() + file.read_bytes())
    national.close()
    return found.hexdigest()


async def filled_with(database: Database, appeals: int) -> None:
    """The facts of that many."""
    national = National(appeals, 1, NOW)
    seen: list[tuple[int, int]] = []
    await fill(database.dsn(), national, appeals, lambda *done: seen.append(done))
    national.close()
    assert seen[-1] == (appeals, appeals)


def test_a_seed_gives_the_same_nation_and_another_one_another(tmp_path: Path) -> None:
    """Row by row."""
    first = digest(tmp_path / "a", 1)
    assert digest(tmp_path / "b", 1) == first
    assert digest(tmp_path / "c", 2) != first


async def test_the_facts_are_whole_and_both_stores_count_them(
    database: Database, look: asyncpg.Connection, copied: Copied, tmp_path: Path
) -> None:
    """Exactly as many as asked for, in all regions, in two years; totals of appeals are those of their assignments."""
    await filled_with(database, APPEALS)
    counts = await look.fetchrow(
        "SELECT count(*) AS appeals, count(DISTINCT region) AS regions, min(received_at) AS first, "
        "max(received_at) AS last FROM analytics.fact_appeal"
    )
    assert (counts["appeals"], counts["regions"]) == (APPEALS, 89)
    assert NOW - timedelta(days=732) < counts["first"]
    assert counts["last"] < NOW
    assert await look.fetchval(RECOUNTED) == 0
    await copied.begin()
    answers = await assert_copy_equals_facts(copied, Filter(None, EVERYTHING, Period()))
    assert answers[0][0] == APPEALS
    await assert_copy_equals_facts(copied, Filter("77", EVERYTHING, Period()))
    await answer_every_question(database, copied, tmp_path)
    national = National(APPEALS, 1, NOW)
    with pytest.raises(AlreadyFilled):
        await fill(database.dsn(), national, APPEALS, lambda *_: None)
    national.close()


async def answer_every_question(database: Database, copied: Copied, tmp_path: Path) -> None:
    """The copy, plain Postgres, Parquet: none fails."""
    questions = [
        *draw(25, 1, NOW.date(), national=True),
        *draw(15, 1, NOW.date(), national=False),
    ]
    assert questions[:25] == draw(25, 1, NOW.date(), national=True)
    assert len({question.kind for question in questions}) == 5

    async def ask(asked: Any) -> None:
        async with copied.source.sessions() as session:
            await open_all_rows(session)
            await asked.of(copied.store(session))

    serving = copied.copy.serving
    assert serving is not None
    assert (await measure(ask, questions, 4))["failed"] == 0
    assert (await measure_postgres(database.url("analytics"), questions))["failed"] == 0
    await copied.copy.engine.detach(serving.name)
    (tmp_path / "other").mkdir()
    engine = Engine(tmp_path / "other", 200)
    files = await write_parquet(engine, serving.file, tmp_path)
    assert (await measure_parquet(engine, files, questions))["failed"] == 0
    engine.close()


def test_times_are_nearest_ranks() -> None:
    """A question that failed counts as the slowest."""
    assert summarise([float(each) for each in range(1, 101)], 2) == {
        "questions": 100,
        "p50": 51.0,
        "p95": 96.0,
        "max": 100.0,
        "failed": 2,
    }


@pytest.mark.full
@pytest.mark.system
def test_figures_of_thirteen_million_appeals(tmp_path: Path, proof: Callable[..., None]) -> None:
    """The whole command, at full size: its goals."""
    command = [sys.executable, "-m", "otklik", "bench", "analytics", "--home", str(tmp_path / "home")]
    done = subprocess.run(
        [*command, "--appeals", str(FULL_APPEALS)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    proof(**found)
    for phase in ("alone", "four_at_once", "while_fed"):
        for name, goal in found["goals"][phase].items():
            scope, _, what = name.partition("_")
            reached = found[phase][scope]["p95"] if what == "p95_ms" else max(found[phase][name])
            assert reached <= goal, (phase, name)
    assert found["memory_mb"] <= found["goals"]["memory_mb"]
    assert found["ready_seconds"] <= found["goals"]["ready_seconds"]
