"""A model is asked for, trained beside the current one, and never stays in training, whatever ends."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from harness.databases import Database
from harness.resources import worker_sessions
from harness.waiting import eventually
from services.routing.learning.actions import training
from services.routing.learning.actions.purging import purge_learning
from services.routing.learning.actions.training import train_next
from services.routing.reference.actions.versions import lock_reference
from tests.routing.conftest import Routing, appeal
from tests.routing.learning.steps import ask, models_of, teach, text_about

MODULE = b"services.routing.learning.rules.training"


def children_at_work() -> list[int]:
    """Pids of this process's training children."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == os.getpid() and MODULE in command:
                found.append(int(folder.name))
    return found


async def test_a_region_has_the_shipped_model_from_the_start(routing: Routing) -> None:
    (shipped,) = await models_of(routing)
    assert (shipped["shipped"], shipped["status"], shipped["version"]) == (True, "current", 1)
    assert shipped["live"] == {
        "all": {"precision": None, "low": None, "high": None, "sample": 0},
        "topics": [],
    }


async def test_too_few_labels_are_refused_at_once(routing: Routing, look: asyncpg.Connection) -> None:
    problem = await ask(routing, 422)
    assert problem["type"] == "/problems/too-few-labels"
    assert "0 labelled appeals, 100 are needed" in problem["detail"]
    await teach(routing, look, 60)
    assert "60 labelled" in (await ask(routing, 422))["detail"]


async def test_reading_what_can_be_learned_holds_up_nobody_who_changes_the_region(
    routing: Routing, look: asyncpg.Connection, database: Database
) -> None:
    """Thousands of texts are read before the region is locked: who only asks in vain waits for nobody's change."""
    await teach(routing, look, 60)
    async with database.sessions("routing")() as changing:
        await lock_reference(changing, "46")
        problem = await asyncio.wait_for(ask(routing, 422), 20)
        assert "60 labelled" in problem["detail"]
        await changing.rollback()


async def test_one_training_at_a_time_however_many_ask_at_once(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await teach(routing, look, 240)
    admin = routing.mint.headers("admin", ["*"])
    asked = await asyncio.gather(
        *(routing.client.post("/api/v1/models", json={"region": "46"}, headers=admin) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in asked) == [202, 409, 409, 409]


async def test_a_better_model_goes_into_shadow(routing: Routing, look: asyncpg.Connection) -> None:
    """With its figures beside those of the current one; one training at a time."""
    await teach(routing, look, 240)
    asked = await ask(routing)
    problem = await ask(routing, 409)
    assert problem["type"] == "/problems/training-going-on"
    assert await train_next(worker_sessions(routing.app)) == 0
    trained, shipped = await models_of(routing)
    assert (trained["id"], trained["status"], trained["error"], trained["rows"]) == (
        asked["id"],
        "shadow",
        None,
        240,
    )
    hold_out = trained["hold_out"]
    assert (hold_out["rows"], hold_out["better"]) == (48, True)
    assert hold_out["candidate"]["topic"]["top1"] > 0.9
    assert hold_out["current"]["topic"]["top1"] < 0.6
    assert hold_out["candidate"]["agency"]["top1"] > 0.9
    assert hold_out["all"]["sample"] > 0
    assert {each["topic"] for each in hold_out["topics"]} <= {"holes", "lamps", "clinics"}
    assert shipped["status"] == "current", "it decides nothing yet"
    assert await look.fetchval("SELECT length(data) FROM routing.model_file") > 1000
    assert await train_next(worker_sessions(routing.app)) > 0, "nothing more to do"


async def test_a_killed_child_is_begun_again(routing: Routing, look: asyncpg.Connection) -> None:
    """kill -9 while it works: the service lives, the next attempt ends well."""
    await teach(routing, look, 240)
    await ask(routing)
    sessions = worker_sessions(routing.app)
    working = asyncio.create_task(train_next(sessions))
    (pid,) = await eventually(children_at_work)
    os.kill(pid, signal.SIGKILL)
    assert await working == 0
    assert (await models_of(routing))[0]["status"] == "training"
    assert await train_next(sessions) == 0
    assert (await models_of(routing))[0]["status"] == "shadow"
    assert await look.fetchval("SELECT attempts FROM routing.model") == 2


async def test_what_always_dies_has_failed_in_the_end(
    routing: Routing, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await teach(routing, look, 240)
    await ask(routing)
    monkeypatch.setattr(training, "MOST_ATTEMPTS", 1)
    sessions = worker_sessions(routing.app)
    working = asyncio.create_task(train_next(sessions))
    (pid,) = await eventually(children_at_work)
    os.kill(pid, signal.SIGKILL)
    await working
    assert await train_next(sessions) == 0
    (failed, _) = await models_of(routing)
    assert (failed["status"], failed["error"]) == ("failed", "Training was broken off too often.")
    assert (await ask(routing))["status"] == "training", "another one may be asked for"


async def test_a_killed_service_leaves_its_training_to_another(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Its child ends with it; until the lease has run out nobody takes it up, then the next one does."""
    await teach(routing, look, 240)
    await ask(routing)
    sessions = worker_sessions(routing.app)
    working = asyncio.create_task(train_next(sessions))
    await eventually(children_at_work)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert children_at_work() == []
    assert await train_next(sessions) > 0, "it is leased"
    await look.execute("UPDATE routing.model SET lease_until = now() - interval '1 second'")
    assert await train_next(sessions) == 0
    assert (await models_of(routing))[0]["status"] == "shadow"


async def test_two_replicas_never_train_the_same_model(routing: Routing, look: asyncpg.Connection) -> None:
    await teach(routing, look, 240)
    await ask(routing)
    sessions = worker_sessions(routing.app)
    rests = await asyncio.gather(*(train_next(sessions) for _ in range(3)))
    assert sorted(rests) == [0, training.POLL_SECONDS, training.POLL_SECONDS]
    assert await look.fetchval("SELECT attempts FROM routing.model") == 1


async def test_what_nobody_can_return_to_is_purged(routing: Routing, look: asyncpg.Connection) -> None:
    """Predecessors of the current model stay, however old they are; predictions in shadow go after some weeks."""
    ids = [uuid7() for _ in range(4)]
    statuses = ("retired", "current", "retired", "candidate")
    before = (None, ids[0], None, None)
    for id, status, predecessor in zip(ids, statuses, before, strict=True):
        await look.execute(
            "INSERT INTO routing.model (region, id, status, client_id, predecessor_id, created_at) "
            "VALUES ('46', $1, $2, 'c', $3, now() - interval '400 days')",
            id,
            status,
            predecessor,
        )
        await look.execute("INSERT INTO routing.model_file VALUES ('46', $1, 'x')", id)
    for age in ("91 days", "1 day"):
        await look.execute(
            "INSERT INTO routing.shadow_prediction (region, assignment_id, model_id, confidence, current_confidence, at) "
            "VALUES ('46', gen_random_uuid(), $1, 0.5, 0.5, now() - $2::text::interval)",
            ids[0],
            age,
        )
    await purge_learning(worker_sessions(routing.app))
    left = await look.fetch("SELECT model_id FROM routing.model_file ORDER BY model_id")
    assert [row["model_id"] for row in left] == ids[:2]
    assert await look.fetchval("SELECT count(*) FROM routing.shadow_prediction") == 1


async def test_whoever_has_lost_the_lease_changes_nothing(routing: Routing, look: asyncpg.Connection) -> None:
    await teach(routing, look, 240)
    await ask(routing)
    sessions = worker_sessions(routing.app)
    working = asyncio.create_task(train_next(sessions))
    await eventually(children_at_work)
    await look.execute("UPDATE routing.model SET attempts = attempts + 1")
    await working
    assert (await models_of(routing))[0]["status"] == "training", "the other one finishes it"
    assert await look.fetchval("SELECT count(*) FROM routing.model_file") == 0


async def test_the_service_answers_while_a_model_is_trained(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await teach(routing, look, 240)
    await ask(routing)
    working = asyncio.create_task(train_next(worker_sessions(routing.app)))
    (pid,) = await eventually(children_at_work)
    # The child lowers itself before it begins.
    await eventually(lambda: os.getpriority(os.PRIO_PROCESS, pid) == 19 or not children_at_work())
    await routing.handle(appeal(text_about("lamps", 1)))
    assert len(await routing.claim()) == 10
    assert not working.done()
    await working
