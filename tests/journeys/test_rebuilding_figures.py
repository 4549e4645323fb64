"""Figures are made again out of the event log while people go on asking for them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from harness import system as systems
from harness.clear import connect_to
from harness.system import System
from infra.local.paths import Home
from tests.conftest import size
from tests.journeys.steps import TEXT, act, until
from tests.journeys.test_replaying_a_file import all_is_readable, counts, otklik

QUESTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("summary", {}),
    ("breakdown", {"by": "topic"}),
    ("breakdown", {"by": "organisation", "metric": "answered"}),
    ("breakdown", {"by": "municipality", "metric": "backlog"}),
    ("timeseries", {"grain": "day"}),
)
# Counts are exact; a median of times is, too, and both clocks are those of the events.
CHANGES_BY_ITSELF = ("as_of", "definition", "previous")
FORGOTTEN = """
DELETE FROM analytics.{table} WHERE region = '46' AND appeal_id IN (
    SELECT appeal_id FROM analytics.fact_appeal WHERE region = '46' AND appeal_id::text < '{{half}}'
)
"""


def figures(system: System) -> list[dict[str, Any]]:
    """What the region's analyst sees."""
    analyst, seen = system.account("analyst"), []
    for path, asked in QUESTIONS:
        answer = analyst.get(f"/api/v1/analytics/{path}", params={"region": "46", **asked})
        assert answer.status_code == 200, answer.text
        seen.append({key: value for key, value in answer.json().items() if key not in CHANGES_BY_ITSELF})
    return seen


def with_work(system: System, folder: Path, appeals: int) -> None:
    """Citizens write, agencies answer some of it."""
    file = folder / "appeals.ndjson"
    lines = (json.dumps({"text": f"{TEXT} Обращение {number}."}) for number in range(appeals))
    file.write_text("\n".join(lines), encoding="utf-8")
    code, result = otklik(system, "replay", str(file), "--prefix", str(uuid4()))
    assert (code, result["created"]) == (0, appeals), result
    settled(system)
    agencies = [agency for agency in system.agencies() if answer_some(agency)]
    assert agencies, "somebody answers"
    settled(system)


def answer_some(agency: Any) -> bool:
    """One claim, answered; whether there was anything."""
    items = agency.post("/api/v1/queue/claim", json={"limit": 5, "lease_seconds": 120}).json()["items"]
    for item in items:
        act(
            agency, item, "answer", text="Яма заделана 3 ноября, телефон приёмной 55-00-00.", outcome="solved"
        )
    return bool(items)


def settled(system: System) -> None:
    """Nothing is on its way."""
    until(lambda: systems.drained(system), 300)
    until(lambda: all_is_readable(counts(system)), 60)


def asking_meanwhile(system: System, work: Callable[[], Any]) -> list[int]:
    """How many appeals a summary counted, again and again, as long as `work` goes on."""
    received = []
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        while not working.done():
            received.append(figures(system)[0]["received"])
        working.result()
    return received


def replay(system: System) -> dict[str, Any]:
    """All events once more, to analytics alone."""
    code, result = otklik(system, "replay-events", "--consumer", "analytics", "--wait", "3000")
    assert code == 0, result
    return result


async def forget_half(system: System) -> int:
    """As if a hand had slipped in the database; how many appeals are left there. Figures that are kept show it with the next change."""
    look = await connect_to(Home.at(system.home))
    try:
        half = await look.fetchval(
            "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY appeal_id::text) FROM analytics.fact_appeal WHERE region = '46'"
        )
        for table in ("fact_answer", "fact_assignment", "fact_appeal"):
            await look.execute(FORGOTTEN.format(table=table).format(half=half))
        left = await look.fetchval("SELECT count(*) FROM analytics.fact_appeal WHERE region = '46'")
        return int(left)
    finally:
        await look.close()


def test_a_replay_never_empties_a_figure_and_brings_back_what_was_lost(
    system: System, tmp_path: Path, proof: Callable[..., None]
) -> None:
    """The end equals what events had made one by one, to the last count; meanwhile nobody sees fewer appeals than there are."""
    with_work(system, tmp_path, size(150, 30_000))
    before = figures(system)
    assert before[0]["answered"] > 0

    began = time.monotonic()
    result: dict[str, Any] = {}
    received = asking_meanwhile(system, lambda: result.update(replay(system)))
    took = time.monotonic() - began
    assert set(received) == {before[0]["received"]}, "all of them, whenever it was asked"
    assert figures(system) == before

    assert asyncio.run(forget_half(system)) < before[0]["received"], "something is lost"
    replay(system)
    assert figures(system) == before
    proof(
        appeals=before[0]["received"],
        events=result["events"],
        events_per_second=round(result["events"] / took),
    )
