"""A model is put in use in all replicas at once, and taken back; one that is not better is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import asyncpg

from harness.databases import Database
from harness.tokens import TokenMint
from tests.routing.conftest import Routing, Said, StubClassifier, appeal
from tests.routing.learning.steps import change_model, models_of, teach, text_about, train


async def replica(app_client: Callable[..., Any], mint: TokenMint, database: Database) -> Routing:
    """One more process of the service on the same database."""
    client, app = await app_client("routing")
    classifier = StubClassifier({"": Said("Ямы на дорогах", 0.9)})
    app.state.resources.context.classifier = classifier
    return Routing(client, app, mint, database, classifier)


async def decided(look: asyncpg.Connection, routing: Routing, topic: str) -> tuple[str, Any]:
    """Of a new appeal about a topic: the topic it got, and the model that decided it."""
    event = appeal(text_about(topic, 500))
    await routing.handle(event)
    assignment = await look.fetchrow(
        "SELECT id, topic FROM routing.assignment WHERE appeal_id = $1 AND role = 'lead'", event.appeal_id
    )
    details = await routing.call(
        "GET", f"/assignments/{assignment['id']}", routing.mint.headers("coordinator")
    )
    return details["topic"], details["explanation"]["model"]


async def test_a_promoted_model_decides_in_every_replica_and_a_roll_back_restores_the_one_before(
    routing: Routing,
    look: asyncpg.Connection,
    app_client: Callable[..., Any],
    mint: TokenMint,
    database: Database,
    proof: Callable[..., None],
) -> None:
    second = await replica(app_client, mint, database)
    await teach(routing, look, 240)
    for each in (routing, second):
        assert await decided(look, each, "lamps") == ("holes", None), "the shipped model's word"
    model = await train(routing)
    promoted = await change_model(routing, model, "promote")
    assert (promoted["status"], promoted["version"]) == ("current", model["version"] + 1)
    began = time.monotonic()
    for each in (routing, second):
        assert await decided(look, each, "lamps") == ("lamps", model["id"]), "with its very next batch"
    seconds = time.monotonic() - began
    proof(replicas=2, seconds_until_both_decide_by_it=round(seconds, 3))
    assert seconds < 10
    for each in (routing, second):
        assert await decided(look, each, "clinics") == ("clinics", model["id"])
        answer = await each.call(
            "POST",
            "/classify",
            each.mint.headers("portal"),
            json={"text": text_about("lamps", 7), "region": "46"},
        )
        assert answer["topic"]["code"] == "lamps"
    assert [each["status"] for each in await models_of(routing)] == ["current", "retired"]
    back = await change_model(routing, promoted, "rollback")
    assert back["status"] == "retired"
    for each in (routing, second):
        assert await decided(look, each, "lamps") == ("holes", None)
    assert [each["status"] for each in await models_of(routing)] == ["retired", "current"]


async def test_a_second_model_gives_way_to_the_first_again(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """Roll-backs go one step at a time: to the model before, then to the shipped one."""
    await teach(routing, look, 240, since_hours=1000)
    first = await change_model(routing, await train(routing), "promote")
    await teach(routing, look, 150, since_hours=400)
    second = await train(routing)
    assert second["base"] == first["id"]
    assert second["hold_out"]["rows"] <= 150, "nothing that the first may know"
    await change_model(routing, second, "promote", 409)
    second = await change_model(routing, second, "promote", force=True)
    assert (await decided(look, routing, "lamps"))[1] == second["id"]
    await change_model(routing, first, "rollback", 412)
    await change_model(routing, {**first, "version": first["version"] + 1}, "rollback", 409)
    await change_model(routing, second, "rollback")
    first = next(each for each in await models_of(routing) if each["id"] == first["id"])
    assert first["status"] == "current"
    assert await decided(look, routing, "lamps") == ("lamps", first["id"])
    await change_model(routing, first, "rollback")
    assert await decided(look, routing, "lamps") == ("holes", None)


async def test_a_worse_candidate_is_refused_unless_forced(routing: Routing, look: asyncpg.Connection) -> None:
    """It was taught nonsense, which the newest appeals do not bear out."""
    await teach(routing, look, 240)
    good = await change_model(routing, await train(routing), "promote")
    await teach(routing, look, 300, since_hours=700, wrong=True)
    await teach(routing, look, 75, since_hours=300)
    candidate = await train(routing)
    assert (candidate["status"], candidate["base"]) == ("candidate", good["id"])
    hold_out = candidate["hold_out"]
    assert hold_out["candidate"]["topic"]["top1"] < hold_out["current"]["topic"]["top1"]
    problem = await change_model(routing, candidate, "promote", 409)
    assert problem["type"] == "/problems/not-better"
    assert "topics right that the current model has wrong" in problem["detail"]
    await change_model(routing, {**candidate, "version": 9}, "promote", 412)
    forced = await change_model(routing, candidate, "promote", force=True)
    assert forced["status"] == "current"
    await change_model(routing, forced, "promote", 409, force=True)


async def test_what_was_compared_with_another_model_is_not_better(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await teach(routing, look, 240)
    old = await train(routing)
    new = await train(routing)
    await change_model(routing, new, "promote")
    old = next(each for each in await models_of(routing) if each["id"] == old["id"])
    assert old["status"] == "candidate", "one model at a time runs in shadow"
    problem = await change_model(routing, old, "promote", 409)
    assert "not current any more" in problem["detail"]


async def test_in_shadow_both_predictions_are_kept_and_nothing_is_decided(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await teach(routing, look, 240)
    model = await train(routing)
    assert model["status"] == "shadow"
    assert await decided(look, routing, "lamps") == ("holes", None)
    kept = await look.fetchrow("SELECT * FROM routing.shadow_prediction")
    assert (kept["topic"], kept["current_topic"], kept["current_confidence"]) == ("lamps", "holes", 0.9)
    assert kept["confidence"] > 0.5
    await routing.call("GET", "/models", routing.mint.headers("portal"), 403)


async def test_who_does_worse_in_shadow_is_refused(routing: Routing, look: asyncpg.Connection) -> None:
    """Better on the hold-out, but by the labels that came since the current model is right more often."""
    await teach(routing, look, 240)
    model = await train(routing)
    await routing.handle(*(appeal(text_about("lamps", n)) for n in range(40)))
    await look.execute(
        "INSERT INTO routing.label (region, id, assignment_id, appeal_id, topic, source, at) "
        "SELECT '46', assignment_id, assignment_id, assignment_id, 'holes', 'audit', now() FROM routing.shadow_prediction"
    )
    (shown, _) = await models_of(routing)
    assert shown["shadow"] == {"sample": 40, "gained": 0, "lost": 40}
    problem = await change_model(routing, model, "promote", 409)
    assert problem["type"] == "/problems/not-better"
    assert "In shadow, of 40" in problem["detail"]


async def test_a_model_that_cannot_be_loaded_leaves_the_one_before_and_no_appeal_behind(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await teach(routing, look, 240)
    model = await train(routing)
    await look.execute("UPDATE routing.model_file SET data = 'broken'")
    promoted = await change_model(routing, model, "promote")
    assert await decided(look, routing, "lamps") == ("holes", None)
    ready = await routing.client.get("/health/ready")
    assert ready.json()["notes"] == {"model of 46": "ValueError"}
    await change_model(routing, promoted, "rollback")
    assert await decided(look, routing, "lamps") == ("holes", None)
    assert "notes" not in (await routing.client.get("/health/ready")).json()


async def test_other_regions_keep_their_model(routing: Routing, look: asyncpg.Connection) -> None:
    await routing.call(
        "PUT",
        "/reference/59",
        routing.mint.headers("admin", ["*"]),
        json={
            "groups": [{"code": "streets", "name": "Улицы"}],
            "topics": [{"code": "holes", "name": "Ямы на дорогах", "group": "streets"}],
        },
    )
    await teach(routing, look, 240)
    await change_model(routing, await train(routing), "promote")
    here, there = appeal(text_about("lamps", 1)), appeal(text_about("lamps", 1), region="59")
    await routing.handle(here, there)
    topics = await look.fetch(
        "SELECT region, topic FROM routing.assignment WHERE appeal_id = ANY ($1) ORDER BY region",
        [here.appeal_id, there.appeal_id],
    )
    assert [tuple(each) for each in topics] == [("46", "lamps"), ("59", "holes")]
    elsewhere = routing.mint.headers("coordinator", ["59"])
    (shipped,) = (await routing.call("GET", "/models", elsewhere))["items"]
    assert (shipped["region"], shipped["status"]) == ("59", "current")
    mine = (await models_of(routing))[0]
    admin_there = routing.mint.headers("admin", ["59"])
    await routing.call(
        "POST", f"/models/{mine['id']}/rollback", admin_there, 404, more={"If-Match": mine["version"]}
    )
    await routing.call("POST", "/models", admin_there, 403, json={"region": "46"})
