"""Every figure equals plain arithmetic over the same histories, whatever is filtered, grouped or cut into steps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from contracts.routing import AssignmentAccepted, AssignmentAnswered, AssignmentCreated
from contracts.sla import ClockReading, DeadlineSet
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import Figures
from tests.analytics.arithmetic import (
    FROM,
    KEYS,
    TO,
    Counted,
    appeals_counted,
    assignments_counted,
    between,
    due_between,
    figures_of,
    grouped,
    of_region,
)
from tests.analytics.conftest import Ask, Project
from tests.analytics.histories import BODIES, TOPICS, ZONES, Case
from tests.analytics.stories import events_of, live_cases


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """All keys of a summary."""
    assert {key: found[key] for key in Figures.model_fields} == pytest.approx(
        {key: expected[key] for key in Figures.model_fields}
    )


def test_the_summary_shows_measures_of_the_registry_and_their_definitions_are_russian() -> None:
    """One registry for everything."""
    flows = [key for key, measure in MEASURES.items() if not measure.is_stock]
    assert [key for key in flows if key in Figures.model_fields] == list(Figures.model_fields)
    for measure in MEASURES.values():
        assert len(measure.definition) > 40
        assert set(measure.definition.lower()) & set("абвгдежзийклмнопрстуфхцчшщыьэюя")


async def test_a_summary_of_everything(ask: Ask, cases: list[Case]) -> None:
    """Without a period there is nothing before it."""
    for region in ("46", "25", None):
        found = await ask("summary", region=region)
        same(found, figures_of(of_region(appeals_counted(cases), region)))
        assert found["previous"] is None
        assert (found["region"], found["from"], found["to"]) == (region, None, None)
        assert found["definition"].keys() == Figures.model_fields.keys()


async def test_a_period_and_the_one_before(ask: Ask, cases: list[Case]) -> None:
    """`from` counts, `to` does not, days are the region's own."""
    found = await ask("summary", region="25", from_=FROM, to=TO)
    counted = of_region(appeals_counted(cases), "25")
    expected = between(counted, FROM, TO)
    assert expected
    same(found, figures_of(expected))
    same(found["previous"], figures_of(between(counted, FROM - (TO - FROM), FROM)))
    assert (found["from"], found["to"]) == (FROM.isoformat(), TO.isoformat())


async def test_days_are_local(ask: Ask, projected: Project) -> None:
    """23:30 in Vladivostok belongs to that day although it is 13:30 UTC; 00:30 belongs to the next."""
    made = live_cases(Random(1), 2, ["25"])
    registrations = [
        case.events[0].model_copy(
            update={"received_at": datetime(2026, 9, 1, 23, 30, tzinfo=ZONES["25"]) + n * timedelta(hours=1)}
        )
        for n, case in enumerate(made)
    ]
    await projected(registrations)
    for day in (date(2026, 9, 1), date(2026, 9, 2)):
        found = await ask("summary", region="25", from_=day, to=day + timedelta(days=1))
        assert found["received"] == 1
    nothing = await ask("summary", region="25", from_=date(2026, 9, 3), to=date(2026, 9, 4))
    assert nothing["received"] == nothing["backlog"] == 0
    assert nothing["in_time_share"] is nothing["satisfaction"] is nothing["median_hours_to_answer"] is None


async def test_filters(ask: Ask, cases: list[Case]) -> None:
    """Alone and together."""
    appeals = of_region(appeals_counted(cases), "46")
    topic, group = TOPICS[1].code, TOPICS[0].group
    checks: list[tuple[dict[str, str], list[Counted]]] = [
        ({"topic": topic}, [one for one in appeals if one.topic and one.topic.code == topic]),
        ({"group": group}, [one for one in appeals if one.topic and one.topic.group == group]),
        ({"channel": "vk"}, [one for one in appeals if one.case.channel == "vk"]),
        ({"municipality": "38602000"}, [one for one in appeals if (one.place or "")[:8] == "38602000"]),
        ({"municipality": "38602000101"}, [one for one in appeals if one.place == "38602000101"]),
        (
            {"channel": "phone", "group": group},
            [
                one
                for one in appeals
                if one.case.channel == "phone" and one.topic and one.topic.group == group
            ],
        ),
    ]
    for query, expected in checks:
        assert expected, query
        same(await ask("summary", region="46", **query), figures_of(expected))


async def test_a_body_is_measured_by_its_assignments(ask: Ask, cases: list[Case]) -> None:
    """Also as co-executor, also those it redirected; not those a coordinator took away."""
    for body in BODIES:
        expected = of_region(assignments_counted(cases, body.id), "46")
        assert expected
        same(await ask("summary", region="46", organisation=body.id), figures_of(expected))


@pytest.mark.parametrize("by", KEYS)
async def test_breakdowns_of_every_measure(ask: Ask, cases: list[Case], by: str) -> None:
    """Each measure by each dimension, with shares and the period before."""
    groups = grouped(cases, by)
    for metric, measure in MEASURES.items():
        if measure.is_stock:
            continue
        lying = between if measure.dated_by == "received_local" else due_between
        found = await ask("breakdown", metric=metric, by=by, from_=FROM, to=TO)
        items = {item["key"]: item for item in found["items"]}
        now = {
            key: figures_of(part)[metric] for key, all_ in groups.items() if (part := lying(all_, FROM, TO))
        }
        before = {
            key: figures_of(part)[metric]
            for key, all_ in groups.items()
            if (part := lying(all_, FROM - (TO - FROM), FROM))
        }
        empty = 0 if measure.unit == "count" else None
        assert items.keys() == now.keys() | before.keys()
        total = sum(value or 0 for value in now.values())
        for key, item in items.items():
            assert item["value"] == pytest.approx(now.get(key, empty))
            assert item["previous"] == pytest.approx(before.get(key, empty))
            if measure.unit == "count" and total:
                assert item["share"] == pytest.approx((now.get(key) or 0) / total)
            else:
                assert item["share"] is None
        values = [item["value"] or 0 for item in found["items"]]
        assert values == sorted(values, reverse=True)
        assert found["definition"] == {metric: measure.definition}


async def test_groups_have_names(ask: Ask, cases: list[Case]) -> None:
    """From reference copies, territories and channels; what nobody named says so."""
    assert cases
    names = {
        by: {item["key"]: item["name"] for item in (await ask("breakdown", by=by))["items"]} for by in KEYS
    }
    assert names["topic"][TOPICS[0].code] == TOPICS[0].name
    assert names["topic"][None] == "Тема не определена"
    assert names["group"]["group-0"] == "Группа 0"
    assert names["organisation"][str(BODIES[0].id)] == BODIES[0].name
    assert names["region"] == {"46": "Курская область", "25": "Приморский край"}
    assert names["channel"]["portal"] == "Портал"
    assert names["municipality"]["38701000"] == "38701000"
    assert "previous" in (await ask("breakdown", by="topic"))["items"][0]
    assert (await ask("breakdown", by="topic"))["items"][0]["previous"] is None


async def test_the_registry(ask: Ask) -> None:
    """All measures with unit, name and definition."""
    found = await ask("measures")
    assert [item["key"] for item in found["items"]] == list(MEASURES)
    assert found["definition"] == {item["key"]: item["definition"] for item in found["items"]}


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(random=st.randoms(use_true_random=False))
async def test_figures_of_any_history(ask: Ask, projected: Project, look: Any, random: Random) -> None:
    """Not only of the one above."""
    await look.execute("DELETE FROM analytics.fact_appeal")
    await look.execute("DELETE FROM analytics.fact_assignment")
    made = live_cases(random, 8, ["46"])
    events = events_of(made)
    random.shuffle(events)
    await projected(events)
    same(await ask("summary", region="46"), figures_of(appeals_counted(made)))
    body = random.choice(BODIES)
    same(
        await ask("summary", region="46", organisation=body.id),
        figures_of(assignments_counted(made, body.id)),
    )
    start = (datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=random.randrange(40))).date()
    end = start + timedelta(days=random.randrange(1, 30))
    found = await ask("summary", region="46", from_=start, to=end)
    same(found, figures_of(between(appeals_counted(made), start, end)))
    for metric in random.sample(BESIDE_THE_SUMMARY, 3):
        groups = grouped(made, "channel")
        items = (await ask("breakdown", region="46", metric=metric, by="channel"))["items"]
        assert {item["key"]: item["value"] for item in items} == pytest.approx(
            {key: figures_of(part)[metric] for key, part in groups.items() if _dated(metric, part)}
        ), metric


BESIDE_THE_SUMMARY = sorted(
    key for key, measure in MEASURES.items() if key not in Figures.model_fields and not measure.is_stock
)


def _dated(metric: str, part: list[Counted]) -> bool:
    """Whether any of them has the day that the measure's period is of."""
    return MEASURES[metric].dated_by == "received_local" or any(one.due_on for one in part)


async def test_hours_are_never_negative(ask: Ask, projected: Project) -> None:
    """The body's clock is two seconds behind ours: reaction and answer count as zero hours."""
    at = datetime(2026, 9, 1, 12, tzinfo=UTC)
    (case,) = live_cases(Random(2), 1, ["46"])
    registered = case.events[0].model_copy(update={"received_at": at})
    about = {"region": "46", "appeal_id": case.id, "assignment_id": uuid7()}
    behind = at - timedelta(seconds=2)
    created = AssignmentCreated(
        **about, number="46-2026-0000001", regime="message", channel="portal", organisation=BODIES[0],
        topic=TOPICS[0], received_at=at, created_at=behind,
    )  # fmt: skip
    accepted = AssignmentAccepted(**about, organisation=BODIES[0], accepted_at=behind)
    answered = AssignmentAnswered(
        **about,
        answer_id=uuid7(),
        organisation=BODIES[0],
        outcome="solved",
        text="Сделано",
        answered_at=behind,
    )
    await projected([registered, created, accepted, answered])
    found = await ask("summary", region="46")
    hours = {key: found[key] for key in found if "hours" in key}
    assert len(hours) == 3
    assert set(hours.values()) == {0}, hours
    assert (await ask("breakdown", region="46", metric="p90_hours_to_answer", by="topic"))["items"][0][
        "value"
    ] == 0


async def test_the_last_second_of_a_term_is_in_time(ask: Ask, projected: Project) -> None:
    """As whoever keeps the deadlines says: within the second of the term an answer is in time, after it it is late."""
    at, due = datetime(2026, 9, 1, 12, tzinfo=UTC), datetime(2026, 9, 10, 20, 59, 59, tzinfo=UTC)
    for late, state in ((timedelta(milliseconds=400), "met"), (timedelta(seconds=1), "breached")):
        (case,) = live_cases(Random(2), 1, ["46"])
        about = {"region": "46", "appeal_id": uuid7(), "assignment_id": uuid7()}
        registered = case.events[0].model_copy(update={"received_at": at, "appeal_id": about["appeal_id"]})
        created = AssignmentCreated(
            **about, number="n", regime="message", channel="portal", organisation=BODIES[0], topic=TOPICS[0],
            received_at=at, created_at=at,
        )  # fmt: skip
        clock = ClockReading(clock="answer", state=state, due_at=due, due_on=due.date(), met_at=due + late)
        reading = DeadlineSet(**about, deadline_id=about["assignment_id"], sequence=1, clocks=(clock,))
        answered = AssignmentAnswered(
            **about, answer_id=uuid7(), organisation=BODIES[0], outcome="solved", text="", answered_at=due + late
        )  # fmt: skip
        await projected([registered, created, reading, answered])
    found = await ask("summary", region="46")
    assert (found["answered"], found["breached"], found["in_time_share"]) == (2, 1, 0.5)
    by_due_day = await ask("breakdown", region="46", metric="in_time_share_of_due", by="region")
    assert [item["value"] for item in by_due_day["items"]] == [0.5]
