"""What was decided, by whom, and what it changed: measured against comparable municipalities, never against its own peak."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from harness.databases import Database
from harness.tokens import TokenMint
from services.analytics.decisions.actions.judging import judge_next
from tests.analytics.conftest import Project
from tests.analytics.deciding import (
    DECIDED,
    PLACES,
    TOPIC,
    fill_weeks,
    name_all,
    peak_then,
    stated,
    usual,
)
from tests.analytics.stories import events_of, live_cases

PATH = "/api/v1/analytics/decisions"
TODAY = datetime.now(UTC).date()
STARTED = TODAY - timedelta(days=57)  # eight whole weeks ago
_PROBLEM = """
INSERT INTO analytics.problem (region, id, kind, started_on, detected_on, last_on, observed, expected, p_value, q_value, strength,
    state_on) VALUES ('46', $1::uuid, 'burst', '2026-10-01', '2026-10-01', '2026-10-01', 30, 10, 0, 0, 3, '2026-10-01')
"""


class Desk:
    """Somebody who works with decisions over HTTP, and the worker that judges them."""

    def __init__(self, client: Any, mint: TokenMint, database: Database) -> None:
        self.client, self.mint = client, mint
        self.sessions, self.reading = (database.sessions("analytics") for _ in range(2))

    async def send(self, method: str, path: str = "", role: str = "analyst", **options: Any) -> Any:
        regions, scope = options.pop("regions", ["46"]), options.pop("scope", {})
        headers = {**self.mint.headers(role, regions, **scope), **options.pop("headers", {})}
        return await self.client.request(method, PATH + path, headers=headers, **options)

    async def make(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.send("POST", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def change(self, made: dict[str, Any], **fields: Any) -> Any:
        return await self.send(
            "PATCH", f"/{made['id']}", json=fields, headers={"If-Match": str(made["version"])}
        )

    async def show(self, made: dict[str, Any], role: str = "analyst") -> dict[str, Any]:
        answer = await self.send("GET", f"/{made['id']}", role)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def judged(self, made: dict[str, Any]) -> dict[str, Any]:
        while await judge_next(self.sessions, self.reading):
            pass
        return await self.show(made)


@pytest.fixture
async def desk(app_client: Any, mint: TokenMint, database: Database, look: asyncpg.Connection) -> Desk:
    """Analytics, opened, in a region with topics and municipalities."""
    await name_all(look)
    client, _ = await app_client("analytics")
    return Desk(client, mint, database)


async def test_decisions_name_nobody_but_who_answers_for_them(desk: Desk) -> None:
    """Analytics keep no personal data: neither a decision nor its journal takes them."""
    phone = "Перезвонить Петрову: +7 (912) 345-67-89"
    for name in ("title", "text"):
        refused = await desk.send("POST", json=stated(STARTED) | {name: phone})
        assert refused.status_code == 422, refused.text
        assert [each["pointer"] for each in refused.json()["errors"]] == [f"/{name}"]
    words = "Ремонт до 01.12.2026 (с 15.10.26), 1 500 000 руб., дома 12–40"
    made = await desk.make(stated(STARTED) | {"title": words, "owner": "Петров П. П., +7 912 345-67-89"})
    refused = await desk.change(made, text="Писать на petrov@example.org")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/text")
    changed = await desk.change(made, text=words)
    assert changed.status_code == 200, changed.text
    assert phone not in str((await desk.show(made))["journal"])


async def test_what_halved_is_found_and_what_only_calmed_down_is_not(
    desk: Desk, look: asyncpg.Connection
) -> None:
    """Both were decided after three bad weeks, and both look like a success beside them: only one is."""
    await fill_weeks(look, STARTED, peak_then(0.4))
    await fill_weeks(look, STARTED, peak_then(1.0), topic="potholes", seed=2)
    halved, calmed = [await desk.make(stated(STARTED, topic=topic)) for topic in (TOPIC, "potholes")]
    assert (halved["effect"], halved["effect_reason"]) == (None, None)
    found = await desk.judged(halved)
    effect = found["effect"]
    assert effect["low"] < -0.6 < effect["high"] < 0
    assert effect["worked"]
    assert effect["placebo_rank"] <= 0.1
    assert effect["weeks"] == 8
    assert effect["relative"]
    bad = [
        each
        for each in found["series"]
        if STARTED - timedelta(days=21) <= date.fromisoformat(each["week"]) < STARTED
    ]
    came, usually = (sum(each[name] for each in bad) for name in ("observed", "expected"))
    assert came > 1.5 * usually, "its run-up is shown as what it was"
    assert found["series"][-1]["week"] == (STARTED + timedelta(days=49)).isoformat()
    assert found["compared_by"] == "municipality"
    assert {each["key"] for each in found["compared_with"]} <= set(PLACES) - {DECIDED}
    assert sum(each["share"] for each in found["compared_with"]) == pytest.approx(1, abs=0.05)
    other = await desk.show(calmed)
    assert not other["effect"]["worked"]
    assert other["effect"]["low"] < 0 < other["effect"]["high"]
    listed = (await desk.send("GET", "?worked=true")).json()["items"]
    assert [each["id"] for each in listed] == [halved["id"]]


async def test_answers_that_came_sooner(desk: Desk, look: asyncpg.Connection) -> None:
    """Another measure: the time to an answer halved where it was decided, nowhere else; the effect is relative, weeks are hours."""
    await fill_weeks(
        look, STARTED, usual, hours=lambda place, week: 24 if place == DECIDED and week >= 0 else 48
    )
    found = await desk.judged(await desk.make(stated(STARTED, metric="median_hours_to_answer")))
    effect = found["effect"]
    assert effect["worked"]
    assert effect["low"] < -0.5 < effect["high"]
    assert 20 < effect["observed"] < 28
    assert 40 < effect["expected"] < 56


async def test_why_there_is_no_effect(desk: Desk, look: asyncpg.Connection) -> None:
    """Too early, too little before, nothing alike – each said; the only municipality is compared with its other topics."""
    lately = TODAY - timedelta(days=26)  # still too early should midnight pass meanwhile
    early = await desk.make(stated(lately, topic="potholes"))
    assert (await desk.judged(early))["effect_reason"] == "too_early"
    await fill_weeks(look, STARTED, usual, weeks=6)
    little = await desk.judged(await desk.make(stated(STARTED)))
    assert (little["effect"], little["effect_reason"]) == (None, "too_little_before")
    await look.execute("DELETE FROM analytics.fact_appeal")
    alone = lambda place, week: peak_then(0.3)(place, week) * 3 if place == DECIDED else 0  # noqa: E731
    await fill_weeks(look, STARTED, alone)
    lonely = await desk.judged(await desk.make(stated(STARTED, title="Одна")))
    assert lonely["effect_reason"] == "nothing_comparable"
    for number in range(8):
        steady = lambda place, week: 9.0 if place == DECIDED else 0  # noqa: E731
        await fill_weeks(look, STARTED, steady, topic=f"other-{number}", seed=number)
    by_topic = await desk.judged(await desk.make(stated(STARTED, title="По темам")))
    assert by_topic["compared_by"] == "topic"
    assert by_topic["effect"]["high"] < 0


async def test_a_decision_from_plan_to_end(desk: Desk, look: asyncpg.Connection) -> None:
    """Planned, begun today, done; what is impossible is 409, what has moved on 412, and the journal knows who."""
    person, problem = str(uuid7()), str(uuid7())
    plan = stated(
        STARTED, state="planned", problem_id=problem, due_on=(TODAY + timedelta(days=90)).isoformat()
    )
    del plan["started_on"]
    assert (await desk.send("POST", json=plan)).status_code == 422, "there is no such problem"
    await look.execute(_PROBLEM, problem)
    key = {"Idempotency-Key": "decision-1"}
    first = await desk.send("POST", json=plan, headers=key, scope={"person": person})
    again = await desk.send("POST", json=plan, headers=key, scope={"person": person})
    assert (first.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    made = first.json()
    assert again.json() == made
    assert (await desk.change(made, state="done")).status_code == 409
    assert (await desk.send("PATCH", f"/{made['id']}", json={"state": "running"})).status_code == 428
    running = (await desk.change(made, state="running")).json()
    assert running["started_on"] in {(TODAY + timedelta(days=shift)).isoformat() for shift in (0, 1)}
    assert (await desk.change(made, title="Старая версия")).status_code == 412
    done = (await desk.change(running, state="done", text="Сделано")).json()
    refused = await desk.change(done, metric="breached")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-allowed-now")
    assert (await desk.change(done, state="dropped")).status_code == 409
    journal = (await desk.show(done, "federal"))["journal"]
    assert [each["version"] for each in journal] == [3, 2, 1]
    assert journal[0]["changed"] == {"state": "done", "text": "Сделано"}
    assert journal[2]["person"] == person
    for query, expected in (("?state=done", 1), ("?state=running", 0), (f"?problem={plan['problem_id']}", 1)):
        assert len((await desk.send("GET", query)).json()["items"]) == expected, query


async def test_who_sees_and_makes_which(desk: Desk) -> None:
    """Coordinators and analysts of the region write, federal reads, an agency and a portal have no business here; a municipal
    centre has its own, others' do not exist."""
    here = await desk.make(stated(STARTED))
    there = await desk.make(stated(STARTED, municipality=PLACES[5]))
    everywhere = await desk.make(stated(STARTED, municipality=None))
    centre: dict[str, Any] = {"scope": {"municipalities": [DECIDED]}}
    seen = (await desk.send("GET", role="coordinator", **centre)).json()["items"]
    assert [each["id"] for each in seen] == [here["id"]]
    for hidden in (there, everywhere):
        assert (await desk.send("GET", f"/{hidden['id']}", **centre)).status_code == 404
    foreign = await desk.send("POST", json=stated(STARTED, municipality=PLACES[5]), **centre)
    assert foreign.status_code == 403
    assert (await desk.send("GET", f"/{here['id']}", regions=["59"])).status_code == 404
    assert (await desk.send("POST", json=stated(STARTED), regions=["59"])).status_code == 403
    assert (await desk.send("POST", json=stated(STARTED), role="federal", regions=["*"])).status_code == 403
    for role, scope in (("agency", {"organisation": uuid7()}), ("portal", {})):
        assert (await desk.send("GET", role=role, scope=scope)).status_code == 403
    pages, cursor = [], ""
    while True:
        page = (await desk.send("GET", f"?limit=2&cursor={cursor}")).json()
        pages.append([each["id"] for each in page["items"]])
        if not (cursor := page["next_cursor"]):
            break
    assert pages == [[everywhere["id"], there["id"]], [here["id"]]]


NONSENSE: list[dict[str, Any]] = [
    {"topic": None, "municipality": None},
    {"metric": "unanswered_at_end"},
    {"metric": "no such"},
    {"state": "done"},
    {"municipality": "1"},
    {"title": "​"},
    {"title": "a\x00"},
    {"due_on": (STARTED - timedelta(days=1)).isoformat()},
    {"started_on": (TODAY + timedelta(days=3)).isoformat()},
    {"region": "00"},
    {"topic": "a b"},
    {"topic": "of-nowhere"},
    {"municipality": "05701000"},
    {"organisation": str(uuid7())},
    {"no such": 1},
]


async def test_nonsense_is_refused(desk: Desk) -> None:
    """With a problem document, and nothing is kept."""
    for changes in NONSENSE:
        answer = await desk.send("POST", json=stated(STARTED, **changes), role="admin", regions=["*"])
        assert answer.status_code == 422, (changes, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await desk.send("GET")).json()["items"] == []


async def test_no_replay_touches_decisions(desk: Desk, projected: Project, look: asyncpg.Connection) -> None:
    """Projections fold the same events again; decisions stay as people made them."""
    made = await desk.make(stated(STARTED))
    events = events_of(live_cases(Random(3), 5, ["46"]))
    await projected(events)
    await projected(events)
    assert (await desk.show(made))["version"] == 1
    assert await look.fetchval("SELECT count(*) FROM analytics.decision_change") == 1
