"""Who answers much later than others would with the same topics, or whose answers come back, is a problem; who only has the slow
topics is none."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from uuid_utils.compat import uuid7

from contracts.routing import OrganisationName
from tests.analytics.problems.conftest import Centre, Tell
from tests.analytics.problems.town import FIRST, PLACES, REGION, Reply, Report, report_on

BODIES: Final = tuple(OrganisationName(id=uuid7(), name=f"Служба {n}") for n in range(12))
SLOW, BUSY, POOR = BODIES[3], BODIES[5], BODIES[7]
HEAVY: Final = 5  # a topic whose answers take four times as long, wherever
ANSWERS: Final = 60  # of each body, over eight weeks

Replies = Callable[[random.Random, OrganisationName, int], Reply]


def of_all(replies: Replies) -> Sequence[Report]:
    """What each body had to answer; the busy one has little else than the heavy topic."""
    chance = random.Random(46)
    told = []
    for body in BODIES:
        for number in range(ANSWERS):
            is_heavy = chance.random() < (0.9 if body is BUSY else 0.15)
            topic = HEAVY if is_heavy else number % HEAVY
            report = report_on(chance, FIRST.fromordinal(FIRST.toordinal() + number % 56), topic, PLACES[0])
            told.append(replace(report, reply=replies(chance, body, topic)))
    return told


def ordinary(chance: random.Random, body: OrganisationName, topic: int) -> Reply:
    """A day or so, four with the heavy topic; every tenth answer comes back."""
    hours = chance.lognormvariate(3.2, 0.6) * (4 if topic == HEAVY else 1)
    return Reply(body, hours, chance.random() < 0.1)


def with_two_worse(chance: random.Random, body: OrganisationName, topic: int) -> Reply:
    """One takes three times as long, half of the answers of another come back."""
    reply = ordinary(chance, body, topic)
    if body is SLOW:
        return replace(reply, hours=3 * reply.hours)
    return replace(reply, is_reopened=chance.random() < 0.5) if body is POOR else reply


async def ranking_of(centre: Centre, metric: str) -> dict[str, dict[str, Any]]:
    """Organisations as they are compared, by id."""
    query = f"region={REGION}&by=organisation&metric={metric}"
    headers = centre.mint.headers("analyst", [REGION])
    answer = await centre.client.get(f"/api/v1/analytics/ranking?{query}", headers=headers)
    return {each["key"]: each for each in answer.json()["items"]}


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        (ordinary, set()),
        (with_two_worse, {("slow_organisation", f"{SLOW.id}"), ("reopenings", f"{POOR.id}")}),
    ],
)
@pytest.mark.parametrize("notices", [0, 200])
async def test_only_who_is_worse_than_its_topics_is_named(
    centre: Centre, tell: Tell, replies: Replies, expected: set[tuple[str, str]], notices: int
) -> None:
    """However many appeals the notices of a body's planned works answered, at once and without anybody: that is nobody's speed."""
    chance = random.Random(5)
    works = [
        report_on(
            chance, FIRST + timedelta(days=number % 56), number % 6, PLACES[0], by_work=True, body=BODIES[9]
        )
        for number in range(notices)
    ]
    await tell([*of_all(replies), *works])
    await centre.look()
    for kind, metric in (("slow_organisation", "median_hours_to_answer"), ("reopenings", "reopened_share")):
        ranked = await ranking_of(centre, metric)
        worse = {each["key"] for each in ranked.values() if each["flagged"] == "worse"}
        assert worse >= {body for found, body in expected if found == kind}, metric
        assert ranked[str(BODIES[9].id)]["sample"] == ranked[str(BODIES[8].id)]["sample"], "no notice counts"
    found = {
        (each["kind"], each["organisation"]["id"]): each
        for each in await centre.problems()
        if each["organisation"] is not None
    }
    assert set(found) == expected
    for problem in found.values():
        assert problem["observed"] > 1.25 * problem["expected"]
        assert problem["q_value"] <= 0.1
        evidence = (await centre.get(f"/{problem['id']}/appeals?limit=1000")).json()["items"]
        assert len(evidence) == problem["evidence_count"] > 0
