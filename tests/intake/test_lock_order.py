"""Batches of several kinds of events, side by side about the same appeals: everybody takes them in one order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from harness.databases import Database
from harness.deliveries import deliver, let_meet
from harness.resources import worker_session
from tests.intake.conftest import Story, post


async def test_two_consumers_with_mixed_batches_never_wait_for_each_other_in_a_circle(
    app_client: Any, mint: Any, database: Database
) -> None:
    """What routing did comes with the later appeal first, what sla did with the earlier one."""
    client, app = await app_client("intake")
    posted = [await post(client, mint.headers("portal")) for _ in range(2)]
    early, late = (Story(UUID(answer["id"])) for answer in sorted(posted, key=lambda answer: answer["id"]))
    routing, sla = app.state.resources.consumers
    await let_meet(
        database,
        "SELECT 1 FROM intake.appeal WHERE id = $1 FOR NO KEY UPDATE",
        early.appeal_id,
        late.appeal_id,
        deliver(routing, [late.accepted(), early.created()]),
        deliver(sla, [early.reminded(), late.deadline()]),
    )
    async with worker_session(app) as session:
        kinds = await session.scalars(text("SELECT kind FROM intake.appeal_history ORDER BY kind"))
        assert list(kinds) == ["accepted", "created", "deadline_reminded", "deadline_set"]
