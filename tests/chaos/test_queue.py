"""Ten workers of one organisation, all killed again and again, and the service with them: no assignment is leased twice at a
time, no answer is lost or doubled, and the feed read from zero is the queue."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness import system as systems
from harness.system import PROJECT, Account, System
from tests.chaos.queue_worker import AT_ONCE, LEASE_SECONDS, WORKERS
from tests.chaos.test_kill_nine import query, wait_drained
from tests.conftest import size
from tests.journeys.steps import holder, pothole_topic, submitted, until, while_it_goes_on
from tests.journeys.test_claiming_at_once import filled_queue, new_in_queue

pytestmark = pytest.mark.in_order

ASSIGNMENTS = size(400, 20_000)
# A round ends by the work done in it, and begins with enough: what workers hold when they die is out of reach.
ANSWERS_A_ROUND = size(60, 1_500)
ENOUGH = ANSWERS_A_ROUND + 3 * WORKERS * AT_ONCE
Standing = dict[
    str, tuple[str, str | None]
]  # assignment → its status, and its number in the organisation's system


@dataclass
class Crew:
    """Ten workers at a time, and what each was promised. `posted`: how many assignments their organisation was given."""

    system: System
    agency: Account
    folder: Path
    posted: int
    working: subprocess.Popen[bytes] | None = None
    rounds: int = 0

    def fill(self, count: int) -> None:
        """Give the organisation `count` assignments more."""
        assert filled_queue(self.system, count).organisation_id == self.agency.organisation_id
        self.posted += 1 + count

    def start(self) -> None:
        """Ten of them, as soon as there is enough to do."""
        if new_in_queue(self.agency) < ENOUGH:
            self.fill(ENOUGH)
        self.rounds += 1
        who = (self.agency.client_id, self.agency.client_secret)
        command = [sys.executable, "-m", "tests.chaos.queue_worker", self.system.url, *who]
        self.working = subprocess.Popen(
            [*command, str(self.folder), str(self.rounds)], cwd=PROJECT, start_new_session=True
        )

    def kill(self) -> None:
        """kill -9 of all that still work, at once."""
        if self.working is not None:
            os.killpg(self.working.pid, signal.SIGKILL)
            self.working.wait()
            self.working = None

    def wait_until_more(self, answers: int) -> None:
        """Until so many more answers are acknowledged and each of the ten has had something to do."""
        wanted = self.answered() + answers
        while_it_goes_on(
            self.answered, lambda answered: answered >= wanted and len(self.at_work()) == WORKERS
        )

    def finish(self) -> None:
        """Let them come to the end of the queue."""
        working = self.working
        assert working is not None
        while_it_goes_on(self.answered, lambda _: working.poll() is not None)
        assert working.returncode == 0
        self.working = None

    def answered(self) -> int:
        """How many answers were acknowledged."""
        return sum(file.read_bytes().count(b'["answered"') for file in self.folder.glob("*.jsonl"))

    def at_work(self) -> list[Path]:
        """The ledgers of those of this round that have begun."""
        return list(self.folder.glob(f"w{self.rounds}-*.jsonl"))

    def promised(self) -> dict[str, list[list[Any]]]:
        """What they have written down, by kind; the last line of one that was killed may be cut off."""
        found: dict[str, list[list[Any]]] = defaultdict(list)
        for file in self.folder.glob("*.jsonl"):
            for line in file.read_text(encoding="utf-8").splitlines():
                try:
                    what, *entry = json.loads(line)
                except ValueError:
                    continue
                found[what].append(entry)
        return found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of this story alone: its parts are killed."""
    with systems.running(tmp_path_factory.mktemp("queue")) as made:
        yield made


@pytest.fixture(scope="module")
def crew(running: System, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """Of the organisation that has the whole queue; none of them is left behind."""
    agency = holder(running, submitted(running, topic=pothole_topic(running))["id"])
    made = Crew(running, agency, tmp_path_factory.mktemp("ledgers"), posted=1)
    yield made
    made.kill()


def queue_of(agency: Account) -> Standing:
    """The queue as it is listed."""
    found: Standing = {}
    cursor: str | None = ""
    while cursor is not None:
        page = agency.get("/api/v1/queue", params={"limit": 1000, "cursor": cursor}).json()
        found |= {item["id"]: (item["status"], item["external_ref"]) for item in page["items"]}
        cursor = page["next_cursor"]
    return found


def followed_from_zero(agency: Account) -> Standing:
    """The queue as its feed tells it from the start: nothing enters twice, nothing leaves that is not there."""
    standing: Standing = {}
    cursor = ""
    while True:
        page = agency.get("/api/v1/queue/changes", params={"limit": 1000, "cursor": cursor}).json()
        for item in page["items"]:
            there = item["assignment_id"] in standing
            assert there == (item["change"] != "entered"), item
            if item["change"] == "left":
                assert (item["status"], item["reason"]) == ("answered", "Дан ответ.")
                del standing[item["assignment_id"]]
            else:
                standing[item["assignment_id"]] = (item["status"], item["external_ref"])
        if not page["items"]:
            return standing
        cursor = page["next_cursor"]


def assert_feed_is_queue(agency: Account) -> int:
    """Once what the dead workers had still asked for is done; how much stands in the queue."""

    def equal() -> Standing | None:
        before = queue_of(agency)
        same = followed_from_zero(agency) == before == queue_of(agency)
        return before or {"": ("empty", None)} if same else None

    standing = until(equal, 60)
    return len(standing.keys() - {""})


def double_leases(leased: list[list[Any]]) -> list[str]:
    """Assignments of which a lease began before the one before it had run out. Their clocks are the server's."""
    by_assignment: dict[str, list[datetime]] = defaultdict(list)
    for _, assignment, _, expires_at in leased:
        by_assignment[assignment].append(datetime.fromisoformat(expires_at))
    seconds = timedelta(seconds=LEASE_SECONDS)
    return [
        assignment
        for assignment, ends in by_assignment.items()
        for earlier, later in zip(sorted(ends), sorted(ends)[1:], strict=False)
        if later - seconds < earlier
    ]


def test_the_queue_is_filled(crew: Crew) -> None:
    crew.fill(ASSIGNMENTS)
    until(lambda: assert_feed_is_queue(crew.agency) == crew.posted, 60)


@pytest.mark.parametrize("victim", ["routing", "", "gateway", "postgres"])
def test_ten_workers_die_in_the_middle_of_their_work(
    running: System, crew: Crew, proof: Callable[..., None], victim: str
) -> None:
    """And with them a part of the system, when there is one named; the feed is the queue afterwards."""
    crew.start()
    crew.wait_until_more(ANSWERS_A_ROUND)
    if victim:
        running.kill(victim)
        crew.wait_until_more(1)  # in the middle of repeating what was cut off
    crew.kill()
    running.wait_ready(60)
    proof(
        killed=victim, workers=WORKERS, answered=crew.answered(), standing=assert_feed_is_queue(crew.agency)
    )


def test_nothing_was_leased_twice_or_lost(running: System, crew: Crew, proof: Callable[..., None]) -> None:
    crew.start()
    crew.finish()
    answer_what_the_dead_had_accepted(crew.agency)
    wait_drained(running, size(120, 900))
    assert assert_feed_is_queue(crew.agency) == 0
    proof(**assert_each_answered_once(running, crew), workers=WORKERS * crew.rounds)


def answer_what_the_dead_had_accepted(agency: Account) -> None:
    """It is nobody's to claim any more: whoever comes after them finds it in the queue."""
    while left := agency.get("/api/v1/queue", params={"limit": 500}).json()["items"]:
        assert {item["status"] for item in left} == {"accepted"}
        items = [{"id": item["id"], "version": item["version"]} for item in left]
        body = {"action": "answer", "text": "Сделано", "outcome": "solved", "items": items}
        answer = agency.post("/api/v1/assignments/bulk", json=body, timeout=120)
        assert {each["status"] for each in answer.json()["items"]} == {200}, answer.text[:1000]


def assert_each_answered_once(system: System, crew: Crew) -> dict[str, object]:
    """No double lease; every answer that was acknowledged stands, with the words it was given with; none stands twice."""
    promised, agency = crew.promised(), crew.agency
    assert promised["refused"] == []
    assert double_leases(promised["leased"]) == []
    assert agency.get("/api/v1/queue").json()["items"] == []
    stored = asyncio.run(
        query(
            system,
            "SELECT a.id, a.status, a.external_ref, count(w.id) AS answers FROM routing.assignment a "
            f"LEFT JOIN routing.answer w ON w.assignment_id = a.id WHERE a.organisation_id = '{agency.organisation_id}' "
            "GROUP BY a.region, a.id, a.status, a.external_ref",
        )
    )
    assert Counter((row["status"], row["answers"]) for row in stored) == {("answered", 1): crew.posted}
    events = asyncio.run(
        query(
            system,
            "SELECT aggregate_id FROM routing.outbox WHERE subject = 'routing.assignment.answered.v1'"
            " GROUP BY aggregate_id HAVING count(*) > 1",
        )
    )
    assert events == []
    refs = {str(row["id"]): row["external_ref"] for row in stored}
    assert {ref for _, assignment, ref in promised["accepted"] if refs[assignment] != ref} == set()
    words = {assignment: text for _, assignment, text in promised["answered"]}
    assert len(words) == len(promised["answered"]), "nobody else was told the same"
    for assignment in sorted(words)[:: max(1, len(words) // 200)]:
        details = agency.get(f"/api/v1/assignments/{assignment}").json()
        assert [each["text"] for each in details["answers"]] == [words[assignment]]
    return {
        "assignments": crew.posted,
        "leases": len(promised["leased"]),
        "leased_twice": 0,
        "answers_acknowledged": len(words),
        "answers_lost": 0,
        "answers_doubled": 0,
    }
