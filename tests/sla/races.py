"""Answers that arrive while the breaches of their clocks are being fired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from sqlalchemy import text

from contracts.routing import AssignmentAnswered
from harness.payloads import read_payload
from services.sla.keys import NIL
from tests.sla.events import Appeal, Sessions, days, deliver, in_batches, now, rows

_FORGET = (
    "DELETE FROM sla.firing",
    "DELETE FROM sla.outbox_pending",
    "UPDATE sla.clock SET state = 'running' WHERE ended_at IS NULL",
    "UPDATE sla.timer SET state = 'done'",
    "UPDATE sla.timer SET fired = '{}', breached_version = NULL, state = 'armed', slot = 'breach:20:1', "
    f"fire_at = due_at + interval '1 s' WHERE clock = 'answer' AND assignment_id <> '{NIL}'::uuid",
)


async def prepare_race(sessions: Sessions, number: int) -> list[AssignmentAnswered]:
    """Appeals whose breach is due just now; the answers to them, every other one given in its last second in time."""
    received = now() - days(40)
    appeals = [Appeal(received_at=received) for _ in range(number)]
    await in_batches(sessions, [event for a in appeals for event in (a.registered(), a.created())], 400)
    async with sessions.begin() as session:  # forget that all of them were overdue when they came
        for statement in _FORGET:
            await session.execute(text(statement))
    (row,) = await rows(
        sessions,
        "SELECT due_at FROM sla.clock WHERE clock = 'answer' AND assignment_id = :id",
        id=appeals[0].assignment,
    )
    due: datetime = row["due_at"]
    return [appeal.answered(due + timedelta(seconds=index % 2)) for index, appeal in enumerate(appeals)]


async def run_race(sessions: Sessions, answers: Sequence[AssignmentAnswered], batch: int) -> None:
    """Deliver the answers."""
    for start in range(0, len(answers), batch):
        await deliver(sessions, *answers[start : start + batch])


async def check_race(sessions: Sessions, answers: Sequence[AssignmentAnswered]) -> dict[str, int]:
    """One outcome each: met without a standing breach, or broken with exactly one. How many went which way."""
    breaches = await _count(sessions, "deadline.breached")
    corrections = await _count(sessions, "deadline.corrected")
    states: dict[UUID, str] = {
        row["appeal_id"]: row["state"]
        for row in await rows(
            sessions,
            "SELECT appeal_id, state FROM sla.clock WHERE clock = 'answer' AND assignment_id <> CAST(:nil AS uuid)",
            nil=NIL,
        )
    }
    assert len(states) == len(answers)
    for index, answer in enumerate(answers):
        told, withdrawn = breaches[str(answer.appeal_id)], corrections[str(answer.appeal_id)]
        assert told <= 1
        assert (states[answer.appeal_id], told - withdrawn) == (("breached", 1) if index % 2 else ("met", 0))
    return {
        "races": len(answers),
        "met": len(answers) - len(answers) // 2,
        "withdrawn": sum(corrections.values()),
    }


async def _count(sessions: Sessions, kind: str) -> Counter[str]:
    """Events about answer clocks that are still to be sent, by appeal; those before the race were taken from them."""
    found = await rows(
        sessions,
        "SELECT o.packed, o.payload FROM sla.outbox o JOIN sla.outbox_pending USING (id) WHERE o.subject LIKE :subject",
        subject=f"%{kind}%",
    )
    told = [orjson.loads(read_payload(row))["data"] for row in found]
    return Counter(data["appeal_id"] for data in told if data["clock"] == "answer")
