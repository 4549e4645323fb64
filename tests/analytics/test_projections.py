"""The order of deliveries does not matter, nor how often they come, nor how they are cut into batches."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import asyncpg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from contracts.event import Event
from contracts.intake import AppealRated
from contracts.routing import AssignmentAccepted, AssignmentCorrected, AssignmentCreated
from contracts.sla import DeadlineBreached, DeadlineCorrected
from harness.databases import Database
from harness.waiting import eventually
from services.analytics.facts.actions import project_events
from services.analytics.facts.rules.projections import fold
from services.analytics.facts.rules.upserts import APPEAL, ASSIGNMENT
from tests.analytics.conftest import Ask, Project, clear, dump
from tests.analytics.histories import BODIES, START, TOPICS, reference_events
from tests.analytics.stories import Story, events_of, live_cases


def cut(random: Random, events: list[Event]) -> list[list[Event]]:
    """Into batches of 1 to 40, small ones as likely as large ones."""
    batches, rest = [], events
    while rest:
        size = random.choice((1, 2, 5, 15, 40))
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(random=st.randoms(use_true_random=False))
async def test_shuffled_and_doubled_deliveries_end_in_the_same_tables(
    random: Random, projected: Project, look: asyncpg.Connection
) -> None:
    """In order and appeal by appeal, or shuffled, doubled and in batches of any size: the same rows."""
    cases = live_cases(random, 6)
    events = [*random.sample(reference_events(), 6), *events_of(cases)]
    await clear(look)
    await projected(events[:6])
    for case in cases:
        await projected(case.events)
    expected = await dump(look)
    assert len(expected["fact_appeal"]) == 6

    doubled = [*events, *random.sample(events, len(events) // 2)]
    random.shuffle(doubled)
    await clear(look)
    for batch in cut(random, doubled):
        await projected(batch)
    assert await dump(look) == expected


async def test_concurrent_batches_about_the_same_appeals_neither_deadlock_nor_lose(
    projected: Project, look: asyncpg.Connection
) -> None:
    """Eight writers, each with a part of everybody's events."""
    random = Random(7)
    events = [*reference_events(), *events_of(live_cases(random, 60))]
    await projected(events)
    expected = await dump(look)
    await clear(look)
    random.shuffle(events)
    await asyncio.wait_for(asyncio.gather(*(projected(events[part::8]) for part in range(8))), 60)
    assert await dump(look) == expected


async def test_totals_of_an_appeal_wait_for_the_other_writer(
    database: Database, projected: Project, look: asyncpg.Connection
) -> None:
    """Two transactions about two assignments of one appeal: the second must count what the first has just added."""
    story = Story(Random(8), ["46"])
    story.register()
    lead, helper = story.assign(lead=True, body=BODIES[0]), story.assign(lead=False, body=BODIES[1])
    await projected(story.case.events)
    early, late = (
        AssignmentAccepted(
            region="46",
            appeal_id=story.case.id,
            assignment_id=task.id,
            organisation=BODIES[0],
            accepted_at=START + timedelta(days=day),
        )
        for task, day in ((lead, 100), (helper, 101))
    )
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with database.sessions("analytics").begin() as first:
        await project_events(first, [early])
        second = asyncio.ensure_future(projected([late]))
        blocked: int = await eventually(lambda: look.fetchval(waiting))
        assert blocked == 1
    await second
    assert await look.fetchval("SELECT first_reaction_at FROM analytics.fact_appeal") == early.accepted_at


async def test_what_comes_before_the_registration_waits_and_is_not_counted(
    projected: Project, ask: Ask
) -> None:
    """Ratings first, assignments next, the registration last."""
    case = Story(Random(11), ["46"]).live()
    registration, later = case.events[0], case.events[1:]
    await projected(later)
    assert (await ask("summary", region="46"))["received"] == 0
    await projected([registration])
    summary = await ask("summary", region="46")
    assert summary["received"] == 1
    assert summary["answered"] == int(any(task.answers for task in case.leads))


async def test_a_rating_alone_creates_a_row_that_its_assignment_finds(
    projected: Project, look: asyncpg.Connection
) -> None:
    """Totals must not miss answers that were there before the assignment."""
    story = Story(Random(3), ["46"])
    story.register()
    task = story.assign(lead=True, body=None)
    rated = AppealRated(
        region="46",
        appeal_id=story.case.id,
        assignment_id=task.id,
        answer_id=uuid7(),
        score=4,
        solved=True,
        rated_at=START,
    )
    await projected([rated])
    await projected(story.case.events)
    assert await look.fetchval("SELECT score_sum FROM analytics.fact_appeal") == 4


async def test_a_breach_is_void_whichever_comes_first(projected: Project, look: asyncpg.Connection) -> None:
    """`DeadlineCorrected` before `DeadlineBreached`, and another version of the same clock that stands."""
    story = Story(Random(5), ["46"])
    story.register()
    task = story.assign(lead=True, body=None)
    named = {
        "region": "46",
        "appeal_id": story.case.id,
        "assignment_id": task.id,
        "deadline_id": task.id,
        "clock": "answer",
    }
    breached = "SELECT breached FROM analytics.fact_appeal"
    await projected(
        [*story.case.events, DeadlineCorrected(**named, version=1, reason="", corrected_at=START)]
    )
    await projected([DeadlineBreached(**named, version=1, due_at=START, fired_at=START)])
    assert await look.fetchval(breached) is False
    await projected([DeadlineBreached(**named, version=2, due_at=START, fired_at=START)])
    assert await look.fetchval(breached) is True
    await projected([DeadlineBreached(**{**named, "clock": "react"}, due_at=START, fired_at=START)])
    await projected([DeadlineCorrected(**named, version=2, reason="", corrected_at=START)])
    assert await look.fetchval(breached) is False, "another clock's breach is no breach of the answer"


async def test_what_went_back_to_triage_is_nobodys(projected: Project, look: asyncpg.Connection) -> None:
    story = Story(Random(5), ["46"])
    story.register()
    task = story.assign(lead=True, body=BODIES[0])
    back = AssignmentCorrected(
        region="46",
        appeal_id=story.case.id,
        assignment_id=task.id,
        sequence=100,
        previous_organisation_id=BODIES[0].id,
        corrected_at=START,
    )
    await projected([*story.case.events, back])
    assert await look.fetchval("SELECT organisation_id FROM analytics.fact_assignment") is None


async def test_nothing_personal_and_no_exact_place_is_kept(
    projected: Project, look: asyncpg.Connection
) -> None:
    """Neither text nor client nor coordinates reach the tables."""
    case = Story(Random(1), ["46"]).live()
    await projected(case.events)
    columns = {
        row["column_name"]
        for row in await look.fetch(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'analytics' AND (table_name LIKE 'fact%' OR table_name = 'reference')"
        )
    }
    assert not columns & {"text", "address", "lat", "lon", "location", "client_id", "number", "comment"}


def test_a_batch_is_folded_into_one_row_per_key() -> None:
    """One statement can't touch a row twice."""
    case = Story(Random(2), ["46"]).live()
    facts = fold([*case.events, *case.events])
    assert [(row["region"], row["appeal_id"]) for row in facts.sorted_rows(APPEAL)] == [("46", case.id)]
    assert len(facts.sorted_rows(ASSIGNMENT)) == len(case.tasks)


async def test_an_older_version_never_overwrites_topic_or_body(
    projected: Project, look: asyncpg.Connection
) -> None:
    """The correction is delivered before the creation."""
    story = Story(Random(4), ["46"])
    story.register()
    task = story.assign(lead=True, body=None)
    story.correct(task)
    created = next(event for event in story.case.events if isinstance(event, AssignmentCreated))
    await projected([event for event in story.case.events if event is not created])
    await projected([created])
    row = await look.fetchrow("SELECT topic, organisation_id FROM analytics.fact_appeal")
    assert row["topic"] == (task.topic.code if task.topic else None)
    assert row["organisation_id"] == (task.body.id if task.body else None)


async def test_the_newest_name_wins_and_provisional_ones_never_do(
    projected: Project, look: asyncpg.Connection
) -> None:
    """Reference events in the wrong order, and an assignment with a stale name."""
    await projected(list(reversed(reference_events())))
    stale = TOPICS[0].model_copy(update={"name": "Как звали раньше", "group_name": "Так же"})
    story = Story(Random(6), ["46"])
    story.assign(lead=True, body=None)
    created = next(event for event in story.case.events if isinstance(event, AssignmentCreated))
    await projected([created.model_copy(update={"topic": stale, "time": START + timedelta(days=400)})])
    names = dict(
        await look.fetch("SELECT key, name FROM analytics.reference WHERE region = '46' AND kind = 'topic'")
    )
    assert names == {topic.code: topic.name for topic in TOPICS}


async def test_a_replay_fills_columns_that_facts_of_before_did_not_have(
    projected: Project, look: asyncpg.Connection
) -> None:
    """An upgrade adds columns; the same events, sent again, bring them, also under a version that has been counted."""
    events = events_of(live_cases(Random(11), 30))
    await projected(events)
    expected = await dump(look)
    await look.execute("UPDATE analytics.fact_assignment SET first_due_at = NULL, first_due_on = NULL")
    await look.execute("UPDATE analytics.fact_answer SET reached = NULL, satisfied = NULL")
    assert await dump(look) != expected
    await projected(events)
    assert await dump(look) == expected
