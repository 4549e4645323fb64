"""Percentiles of very many values: found in a few passes, equal to what sorting all of them gives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.analytics.store.queries import percentiles as asking
from services.analytics.store.queries.engine import Answer, Engine
from services.analytics.store.queries.percentiles import ColumnStore, in_parts
from services.analytics.store.rules import percentiles
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.percentiles import value_at
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Percentile, Question, Statement, compose

EVERY_APPEAL = Question(
    Filter(None, EVERYTHING, Period()),
    "appeal",
    {
        "received": "count(*)",
        "median": Percentile(0.5, "seconds", 3600.0),
        "p90": Percentile(0.9, "seconds", 3600.0),
        "first": Percentile(0.0, "seconds"),
        "last": Percentile(1.0, "seconds"),
        "days": Percentile(0.5, "days"),
    },
)


@given(st.lists(st.integers(-5, 5).map(float), min_size=2), st.floats(0, 1), st.data())
def test_a_value_is_interpolated_where_it_is_and_nowhere_else(
    values: list[float], share: float, data: st.DataObject
) -> None:
    """Of any stretch of the sorted values: what all of them say, or nothing."""
    values.sort()
    rank = share * (len(values) - 1)
    first = int(rank)
    whole = values[first] + (rank - first) * (values[min(first + 1, len(values) - 1)] - values[first])
    start = data.draw(st.integers(0, len(values)))
    end = data.draw(st.integers(start, len(values)))
    found = value_at(Percentile(share, "x", 2.0), len(values), start, values[start:end] or None)
    last = first if rank == first else first + 1
    assert found == (whole / 2 if start <= first and last < end else None)


@pytest.fixture
def filled(tmp_path: Path) -> ColumnStore:
    """Forty thousand skewed values, a tenth of them missing, many alike; and a column that has none."""
    tosses = random.Random(3)
    seconds = [
        None if tosses.random() < 0.1 else round(tosses.lognormvariate(11, 2), 1) for _ in range(40_000)
    ]
    engine = Engine(tmp_path, 200)

    def fill(cursor: object) -> None:
        cursor.execute("ATTACH ':memory:' AS kept; CREATE TABLE kept.appeal (seconds DOUBLE, days INTEGER)")  # type: ignore[attr-defined]
        cursor.execute("INSERT INTO kept.appeal SELECT unnest($1), NULL", [seconds])  # type: ignore[attr-defined]

    asyncio.run(engine.work(fill))
    return ColumnStore(engine.ask, {"appeal": "SELECT * FROM kept.appeal"})


async def sorted_through(store: ColumnStore) -> dict[str, float]:
    """The same the plain way."""
    answer = await store.ask([compose(each, store.sources) for each in in_parts(EVERY_APPEAL)])
    return dict(zip(answer.columns, answer.rows[0], strict=True))


@pytest.mark.parametrize(
    ("margin", "asked"), [(0.02, 2), (0.0, 3)], ids=["where it was expected", "not there"]
)
async def test_a_sample_saves_work_and_decides_nothing(
    filled: ColumnStore, monkeypatch: pytest.MonkeyPatch, margin: float, asked: int
) -> None:
    """Wherever it says that a percentile lies, the answer is what sorting gives; where it was wrong, one more question is asked."""
    monkeypatch.setattr(percentiles, "MANY", 10_000)
    monkeypatch.setattr(percentiles, "_MARGIN", margin)
    monkeypatch.setattr(asking, "SAMPLE_PERCENT", 100)
    monkeypatch.setattr(percentiles, "SAMPLE_PERCENT", 100)
    statements: list[Sequence[Statement]] = []

    async def recorded(wanted: Sequence[Statement]) -> Answer:
        statements.append(wanted)
        return await filled.ask(wanted)

    expected = await sorted_through(filled)
    answer = await ColumnStore(recorded, filled.sources).answer(EVERY_APPEAL)
    found = dict(zip(answer.columns, answer.rows[0], strict=True))
    assert found.keys() == expected.keys()
    assert found.pop("days") is None is expected.pop("days")
    assert found == pytest.approx(expected, rel=1e-12)
    assert len(statements) == asked
    assert "list_sort" in statements[1][1].sql


async def test_few_values_are_sorted_at_once(filled: ColumnStore) -> None:
    """Two steps, neither of which narrows anything down."""
    answer = await filled.answer(EVERY_APPEAL)
    assert dict(zip(answer.columns, answer.rows[0], strict=True)) == await sorted_through(filled)
