"""Appeals that go out: nobody is to be found in them, and still they count as the figures do."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import asyncpg
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.db import open_all_rows
from harness.databases import Database
from harness.tokens import TokenMint
from services.analytics.exports.queries import appeals as appeal_queries
from services.analytics.exports.queries.appeals import DayCount, periods_of, read_appeals
from services.analytics.exports.rules.anonymity import STEPS, Description, coarsen
from services.analytics.exports.rules.tables import APPEAL_COLUMNS
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.filters import EVERYTHING, Filter, Scope
from services.analytics.store.rules.periods import Period
from tests.analytics.arithmetic import appeals_counted, figures_of, of_region
from tests.analytics.conftest import Project
from tests.analytics.copying import Copied
from tests.analytics.histories import BODIES, Case, reference_events
from tests.analytics.stories import events_of, live_cases

Rows = list[dict[str, str]]
FetchAppeals = Callable[..., Awaitable[Rows]]
# What an outsider may know of an appeal, and how much of it is withheld.
QUASI_IDENTIFIERS = [column.key for column in APPEAL_COLUMNS[:12]] + ["withheld"]
DAY = date(2026, 9, 1)


def without(description: Description, steps: int) -> Description:
    """What is left of it after so many steps."""
    withheld: dict[str, Any] = dict.fromkeys(STEPS[:steps])
    return description._replace(**withheld)


def described(day: int, **words: str | None) -> Description:
    """Of one region, answered two days later."""
    received = DAY + timedelta(days=day)
    answered = received + timedelta(days=2)
    known: dict[str, Any] = {
        "municipality": "38701000",
        "group": "g",
        "topic": "t",
        "channel": "portal",
    } | words
    return Description(
        region="46",
        received_month=received.replace(day=1),
        received_on=received,
        answered_month=answered.replace(day=1),
        answered_on=answered,
        **known,
    )


descriptions = st.builds(
    described,
    st.integers(0, 60),
    municipality=st.sampled_from([None, "38701000", "38602000"]),
    group=st.sampled_from(["g", "h", None]),
    topic=st.sampled_from(["t", "u"]),
    channel=st.sampled_from(["portal", "vk"]),
)


@given(st.dictionaries(descriptions, st.integers(1, 7), max_size=40), st.integers(1, 6))
@example({described(0): 4}, 5)
def test_whatever_is_published_is_shared_by_k(counts: dict[Description, int], k: int) -> None:
    """Nothing is said but what is true, no more is withheld than needed, almost nobody is left out, order tells nothing."""
    published = coarsen(counts, k)
    shown: Counter[tuple[Description, int]] = Counter()
    for description, number in counts.items():
        if description in published:
            shown[published[description].description, published[description].steps] += number
    assert all(number >= k for number in shown.values())
    assert sum(number for each, number in counts.items() if each not in published) < k
    for description, known in published.items():
        for word, value in known.description._asdict().items():
            assert value == (None if word in known.withheld else getattr(description, word))
        if known.steps:  # at the step before it was alike with fewer than k that were still waiting
            before = without(description, known.steps - 1)
            waiting = [each for each, other in published.items() if other.steps >= known.steps]
            waiting += [each for each in counts if each not in published]
            alike = [each for each in waiting if without(each, known.steps - 1) == before]
            assert sum(counts[each] for each in alike) < k
    assert coarsen(dict(reversed(counts.items())), k) == published


def test_words_are_withheld_in_their_order() -> None:
    """The municipality before the topic, the day before the month; alike in everything, nothing is withheld."""
    assert coarsen({described(0): 5})[described(0)].withheld == ()
    places = {described(0, municipality=f"3870{n}000"): 1 for n in range(1000, 1005)}
    assert {known.withheld for known in coarsen(places).values()} == {("answered_on", "municipality")}
    topics = {described(0, municipality=f"3870{n}000", topic=f"t{n}"): 1 for n in range(1000, 1005)}
    assert {known.withheld[-1] for known in coarsen(topics).values()} == {"topic"}
    days = {described(n, topic=f"t{n}"): 1 for n in range(5)}
    assert {known.withheld[-1] for known in coarsen(days).values()} == {"received_on"}
    assert coarsen({described(0): 4}) == {}


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 30)), max_size=20))
def test_questions_cover_every_day_once(gaps: list[tuple[int, int]]) -> None:
    """And are no larger than they must be."""
    day, days = DAY, []
    for gap, number in gaps:
        day += timedelta(days=gap)
        days.append(DayCount(day, number))
    periods = list(periods_of(days, 40))
    for one, following in pairwise(periods):
        assert one.end == following.start
    for period in periods:
        assert period.start
        assert period.end
        within = [each.number for each in days if period.start <= each.day < period.end]
        assert within
        assert sum(within) <= 40 or len(within) == 1
    assert sum(
        len([d for d in days if p.start and p.end and p.start <= d.day < p.end]) for p in periods
    ) == len(days)


@pytest.fixture
async def fetch(app_client: Any, mint: TokenMint) -> FetchAppeals:
    """`await fetch(region="46")`: the rows of the file, for an analyst unless told otherwise."""
    client, _ = await app_client("analytics")

    async def get(headers: dict[str, str] | None = None, **parameters: object) -> Rows:
        asked = {"figures": "appeals", **{name.rstrip("_"): str(value) for name, value in parameters.items()}}
        sent = headers or mint.headers("analyst")
        answer = await client.get("/api/v1/analytics/export", params=asked, headers=sent)
        assert answer.status_code == 200, answer.text
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))

    return get


async def test_rows_count_as_figures_do_and_name_nobody(
    fetch: FetchAppeals, cases: list[Case], look: asyncpg.Connection
) -> None:
    """Each is like four others; no id, number or text of the facts is among them; four at most are left out."""
    rows = await fetch(region="46")
    counted = of_region(appeals_counted(cases), "46")
    figures = figures_of(counted)
    left_out = len(counted) - len(rows)
    assert 0 <= left_out <= 4
    assert min(Counter(tuple(row[key] for key in QUASI_IDENTIFIERS) for row in rows).values()) >= 5
    for column, metric in (
        ("answered", "answered"),
        ("reopened", "reopened"),
        ("is_open", "backlog"),
        ("rated", "rated"),
    ):
        found = sum(row[column] == "true" for row in rows)
        assert found <= (figures[metric] or 0) <= found + left_out, column
    late = sum(row["in_time"] == "false" for row in rows)
    assert late <= (figures["breached"] or 0) <= late + left_out
    whole = str(rows)
    secrets = await look.fetch("SELECT appeal_id::text, row_id::text FROM analytics.fact_appeal")
    assert not [secret["appeal_id"] for secret in secrets if secret["appeal_id"] in whole]
    assert list(rows[0]) == [column.key for column in APPEAL_COLUMNS]
    assert {row["topic_name"] for row in rows} <= {"", "Тема не определена", *(f"Тема {n}" for n in range(4))}


async def test_a_filter_is_one_of_rows_and_a_scope_too(
    fetch: FetchAppeals, cases: list[Case], mint: TokenMint
) -> None:
    """A municipal centre, a topic, a period: only such rows, however coarse they are."""
    centre = mint.headers("coordinator", municipalities=["38602000"])
    narrowed: list[tuple[dict[str, str] | None, dict[str, str]]] = [
        (centre, {}),
        (None, {"topic": "topic-1"}),
        (None, {"municipality": "38602000", "channel": "vk"}),
        (None, {"from_": "2026-09-11", "to": "2026-10-01"}),
    ]
    for headers, asked in narrowed:
        (received, *_) = await fetch(headers, region="46", figures="summary", **asked)
        number = float(received["value"])
        assert 4 < number < len(cases) / 2
        found = await fetch(headers, region="46", **asked)
        assert number - 4 <= len(found) <= number
        assert {row["topic"] for row in found} <= {"", asked.get("topic", "")} or "topic" not in asked
    assert await fetch(region="46", from_="2027-01-01") == []


async def test_the_copy_of_the_facts_says_the_same(
    database: Database, copied: Copied, projected: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of everything, of an organisation, of a municipal centre; read some days at a time or all at once."""
    await projected([*reference_events(), *events_of(live_cases(Random(5), 120))])
    await copied.begin()
    monkeypatch.setattr(appeal_queries, "_AT_ONCE", 7)
    organisation = Scope(("46",), None, BODIES[0].id)
    scopes = (EVERYTHING, organisation, Scope(("46",), ("38602000",), None), Scope((), None, None))
    async with database.reading_sessions("analytics")() as session:
        await open_all_rows(session)
        for scope in scopes:
            filters = Filter(None, scope, Period())
            facts = await read_appeals(FactStore(session), filters)
            assert facts == await read_appeals(copied.store(session), filters)
            assert bool(facts) == (scope.regions != ())
