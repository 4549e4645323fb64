"""Registering, limits, secrets, pausing and going on; another client's webhook is as one that does not exist."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from uuid_utils.compat import uuid7

from chassis.sealing import make_keyring
from chassis.webhooks.workers import purge_calls
from harness.databases import ENCRYPTION_KEY, Database
from harness.receiver import Receiver
from tests.intake.webhooks.conftest import PORTAL, Portal


async def refused(portal: Portal, url: str, *events: str) -> dict[str, Any]:
    body = {"url": url, "events": list(events or ["appeal.*"])}
    problem: dict[str, Any] = await portal.call("POST", status=422, json=body)
    return problem


async def test_what_cannot_be_called_is_refused_with_its_reason(portal: Portal) -> None:
    for url in ("http://10.1.2.3/x", "https://169.254.169.254/", "https://[::1]:8443/", "http://8.8.8.8/"):
        (error,) = (await refused(portal, url))["errors"]
        assert error == {"pointer": "/url", "message": "leads to an address that is not public"}
    for url in ("ftp://127.0.0.1/", "127.0.0.1", "https://", "https://a:b@127.0.0.1/", "https://x:99999/"):
        (error,) = (await refused(portal, url))["errors"]
        assert error["pointer"] == "/url"
    for events in (["assignment.*"], ["appeal.nothing"], ["*"], ["appeal"]):
        (error,) = (await refused(portal, "http://127.0.0.1/", *events))["errors"]
        assert error["pointer"].startswith("/events/0")
    answer = await portal.client.post(
        "/api/v1/webhooks",
        json={"url": "https://10.0.0.1/", "events": ["appeal.*"]},
        headers={**portal.headers(), "Accept-Language": "ru"},
    )
    assert answer.json()["errors"][0]["message"] == "ведёт на адрес, который не является общедоступным"
    assert (await portal.call("GET"))["items"] == []


async def test_networks_that_are_none_stop_the_start(app_client: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="intranet"):
        await app_client("intake", OTKLIK_WEBHOOK_NETWORKS="10.0.0.0/8, intranet")


async def test_nobody_has_more_than_ten(portal: Portal, receiver: Receiver) -> None:
    made = [await portal.register(receiver.url(f"/{number}")) for number in range(10)]
    body = {"url": receiver.url(), "events": ["appeal.*"]}
    problem = await portal.call("POST", status=422, json=body)
    assert problem["type"] == "/problems/too-many-webhooks"
    await portal.register(receiver.url(), client="another-portal")
    first = await portal.call("GET", params={"limit": 7})
    second = await portal.call("GET", params={"cursor": first["next_cursor"]})
    listed = [each["id"] for each in first["items"] + second["items"]]
    assert listed == [each["id"] for each in made]
    assert second["next_cursor"] is None
    await portal.call("DELETE", f"/{made[0]['id']}", 204)
    await portal.call("POST", status=201, json=body)


async def test_ten_are_ten_also_at_the_same_moment(portal: Portal, receiver: Receiver) -> None:
    body = {"url": receiver.url(), "events": ["appeal.*"]}
    asked = [portal.client.post("/api/v1/webhooks", json=body, headers=portal.headers()) for _ in range(14)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert statuses == [201] * 10 + [422] * 4


async def test_the_same_request_again_makes_one_webhook(portal: Portal, receiver: Receiver) -> None:
    body, key = {"url": receiver.url(), "events": ["appeal.status"]}, {"Idempotency-Key": "hook-1"}
    first = await portal.call("POST", status=201, json=body, headers=key)
    assert await portal.call("POST", status=201, json=body, headers=key) == first
    (listed,) = (await portal.call("GET"))["items"]
    assert (listed["id"], listed["events"], listed["state"]) == (first["id"], ["appeal.status"], "active")
    assert "secret" not in listed


async def test_anothers_webhook_is_as_none(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    paths = [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/deliveries"),
        ("POST", "/redeliver"),
        ("POST", "/test"),
        ("POST", "/secret"),
    ]
    for method, path in paths:
        theirs = await portal.call(method, f"/{webhook['id']}{path}", 404, client="another-portal")
        nobodys = await portal.call(method, f"/{uuid7()}{path}", 404, client="another-portal")
        assert theirs == nobodys
    for role in ("agency", "coordinator", "analyst", "federal"):
        headers = portal.mint.headers(role, organisation=uuid7() if role == "agency" else None)
        answer = await portal.client.get("/api/v1/webhooks", headers=headers)
        assert answer.status_code == 403, role
    everywhere = portal.mint.headers("admin", ["*"], client="admin-1")
    answer = await portal.client.get(f"/api/v1/webhooks/{webhook['id']}", headers=everywhere)
    assert answer.status_code == 404
    assert (await portal.call("GET", f"/{webhook['id']}"))["state"] == "active"


async def test_the_database_shows_a_webhook_to_its_owner_only(
    portal: Portal, receiver: Receiver, database: Database
) -> None:
    await portal.register(receiver.url())
    await portal.submit()
    await portal.gather()
    connection = await asyncpg.connect(database.dsn("intake"))
    for scope, owner, seen in (
        ("", PORTAL, 1),
        ("regions", PORTAL, 1),
        ("regions", "another-portal", 0),
        ("regions", "", 0),
        ("", "", 0),
        ("service", "", 1),
    ):
        for name, value in (("scope", scope), ("owner", owner), ("regions", "46")):
            await connection.execute("SELECT set_config($1, $2, false)", f"app.{name}", value)
        for table in ("webhook", "webhook_delivery"):
            found = await connection.fetchval(f"SELECT count(*) FROM intake.{table}")
            assert found == seen, (scope, owner, table)
    await connection.close()


async def test_secrets_lie_sealed_and_an_old_one_is_good_for_a_day(
    portal: Portal, receiver: Receiver
) -> None:
    webhook = await portal.register(receiver.url())
    rotated = await portal.call("POST", f"/{webhook['id']}/secret")
    assert rotated["secret"] != webhook["secret"]
    await portal.submit()
    await portal.gather()
    await portal.send()
    assert all(receiver.received[-1].is_signed_with(each["secret"]) for each in (webhook, rotated))
    await portal.change("UPDATE intake.webhook SET old_until = now() - interval '1 second'")
    await portal.submit()
    await portal.gather()
    await portal.send()
    assert receiver.received[-1].is_signed_with(rotated["secret"])
    assert not receiver.received[-1].is_signed_with(webhook["secret"])
    connection = await asyncpg.connect(portal.database.dsn())
    row = await connection.fetchrow("SELECT id, key_id, sealed, w::text AS all FROM intake.webhook w")
    await connection.close()
    assert not any(each["secret"] in row["all"] for each in (webhook, rotated))
    keyring = make_keyring({1: ENCRYPTION_KEY}, 1)
    assert keyring.open_text("webhook", row["id"], row["key_id"], row["sealed"]) == rotated["secret"]


@pytest.mark.parametrize(
    ("status", "aged", "because"),
    [
        (410, "", "gone"),
        (
            500,
            "UPDATE intake.webhook_delivery SET first_tried_at = now() - interval '3 days'",
            "undeliverable",
        ),
        (500, "UPDATE intake.webhook SET failing_since = now() - interval '3 days'", "undeliverable"),
    ],
)
async def test_a_paused_webhook_goes_on_where_it_stopped(
    portal: Portal, receiver: Receiver, status: int, aged: str, because: str
) -> None:
    webhook = await portal.register(receiver.url())
    await portal.submit()
    await portal.gather()
    receiver.status = status
    if aged:
        await portal.send()
        await portal.change(aged)
        await portal.wait_over()
    await portal.send()
    view = await portal.call("GET", f"/{webhook['id']}")
    assert (view["state"], view["paused_because"]) == ("paused", because)
    called = len(receiver.received)
    missed = await portal.submit()
    receiver.status = 200
    await portal.wait_over()
    assert (await portal.gather(), await portal.send()) == (30.0, 30.0)
    assert len(receiver.received) == called
    again = await portal.call("POST", f"/{webhook['id']}/redeliver", 202)
    assert again == {"id": webhook["id"], "state": "active", "deliveries": 1}
    await portal.gather()
    await portal.send()
    assert missed["id"] in {each.json["data"]["id"] for each in receiver.received}
    assert {each["state"] for each in await portal.deliveries(webhook)} == {"delivered"}


async def test_one_event_is_called_again_under_its_id(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    await portal.submit()
    await portal.gather()
    await portal.send()
    body = {"delivery_id": receiver.received[0].id}
    assert (await portal.call("POST", f"/{webhook['id']}/redeliver", 202, json=body))["deliveries"] == 1
    await portal.send()
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    nobodys = {"delivery_id": str(uuid7())}
    await portal.call("POST", f"/{webhook['id']}/redeliver", 404, json=nobodys)


async def test_a_test_call_is_made_once_also_while_paused(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    await portal.change("UPDATE intake.webhook SET state = 'paused', paused_because = 'gone'")
    receiver.status = 500
    queued = await portal.call("POST", f"/{webhook['id']}/test", 202)
    assert (queued["type"], queued["state"]) == ("webhook.test", "waiting")
    await portal.send()
    await portal.wait_over()
    await portal.send()
    (call,) = receiver.received
    assert (call.id, call.json["type"]) == (queued["id"], "webhook.test")
    assert call.is_signed_with(webhook["secret"])
    (failed,) = await portal.deliveries(webhook, state="failed")
    assert (failed["answered"], failed["next_at"]) == (500, None)
    assert await portal.deliveries(webhook, state="delivered") == []


async def test_who_has_lost_its_rights_is_called_no_more(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    await portal.submit()
    portal.app.state.resources.verifier.revocations.learn({PORTAL: 1}, 0.0)
    await portal.gather()
    await portal.send()
    assert receiver.received == []
    view = await portal.call("GET", f"/{webhook['id']}", headers=portal.headers(generation=1))
    assert (view["state"], view["paused_because"]) == ("paused", "access_revoked")


async def test_a_region_that_was_out_of_reach_is_not_called_out(portal: Portal, receiver: Receiver) -> None:
    await portal.register(receiver.url())
    await portal.change("UPDATE intake.webhook SET regions = '{59}'")
    await portal.submit()
    await portal.gather()
    await portal.send()
    assert receiver.received == []


async def test_calls_are_kept_for_thirty_days(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    await portal.submit()
    await portal.submit()
    await portal.gather()
    await portal.send()
    await portal.change(
        "UPDATE intake.webhook_delivery SET created_at = now() - interval '31 days' WHERE id = $1",
        UUID(receiver.received[0].id),
    )
    await purge_calls(portal.app.state.resources)
    assert [each["id"] for each in await portal.deliveries(webhook)] == [receiver.received[1].id]


async def test_deleting_ends_everything(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    await portal.submit()
    await portal.gather()
    await portal.call("DELETE", f"/{webhook['id']}", 204)
    await portal.submit()
    await portal.gather()
    await portal.send()
    assert receiver.received == []
    connection = await asyncpg.connect(portal.database.dsn())
    assert await connection.fetchval("SELECT count(*) FROM intake.webhook_delivery") == 0
    await connection.close()
