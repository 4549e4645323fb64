"""What happens to a portal's appeals reaches its receiver: once for each event, signed, in order, whatever fails."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

from prometheus_client import REGISTRY

from chassis.webhooks.calling import DeliverySender
from harness.receiver import Receiver
from harness.waiting import eventually
from services.intake.workers import WORKERS
from tests.intake.conftest import Story, handle
from tests.intake.webhooks.conftest import Portal


def taken_calls() -> float:
    return REGISTRY.get_sample_value("otklik_webhook_calls_total", {"outcome": "taken"}) or 0.0


async def test_what_happens_is_called_out_signed_and_without_texts(
    portal: Portal, receiver: Receiver
) -> None:
    before = await portal.submit()
    webhook = await portal.register(receiver.url())
    assert webhook["secret"].startswith("whsec_")
    assert set(webhook) == {"id", "secret", "old_valid_until"}
    appeal = await portal.submit(external_id="portal-1")
    story = Story(appeal["id"])
    await handle(portal.app, story.created())
    await handle(portal.app, story.accepted())
    assert await portal.gather() == 1.0
    await portal.send()
    assert receiver.kinds()[0] == "appeal.registered"
    assert {each.json["data"]["id"] for each in receiver.received} == {appeal["id"]} != {before["id"]}
    for call in receiver.received:
        assert call.is_signed_with(webhook["secret"])
        assert set(call.json) == {"type", "timestamp", "data"}
        assert set(call.json["data"]) == {"id", "number", "status", "version", "external_id"}
        assert (call.json["data"]["number"], call.json["data"]["external_id"]) == (
            appeal["number"],
            "portal-1",
        )
        assert not any(word in call.body.decode() for word in ("Яма", "Иванов", "Ленина", "+7910"))
    versions = [each.json["data"]["version"] for each in receiver.received]
    assert versions == sorted(versions)
    listed = await portal.deliveries(webhook)
    assert [each["id"] for each in reversed(listed)] == [each.id for each in receiver.received]
    assert {(each["state"], each["answered"], each["attempts"]) for each in listed} == {("delivered", 200, 1)}


async def test_an_event_is_gathered_once_and_called_once(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    await portal.submit()
    await asyncio.gather(portal.gather(), portal.gather(), portal.gather())
    await portal.gather()
    await asyncio.gather(portal.send(), portal.send())
    await portal.send()
    assert len(receiver.received) == len(await portal.deliveries(webhook)) == 1


async def test_only_what_was_asked_for_and_only_ones_own(portal: Portal, receiver: Receiver) -> None:
    await portal.register(receiver.url("/answers"), "appeal.answer", "appeal.status")
    await portal.register(receiver.url("/theirs"), client="another-portal")
    appeal = await portal.submit()
    await handle(portal.app, Story(appeal["id"]).created())
    await portal.gather()
    await portal.send()
    assert {each.path for each in receiver.received} == {"/answers"}
    assert set(receiver.kinds()) == {"appeal.status"}


async def test_nothing_is_looked_for_while_nobody_listens(portal: Portal) -> None:
    """Both workers rest for half a minute; a new webhook wakes them."""
    assert (await portal.gather(), await portal.send()) == (30.0, 30.0)
    names = {worker.name: worker.wake_up for worker in WORKERS}
    assert names["webhooks"] == "webhooks"
    assert names["calling webhooks"] == "webhook-calls"
    assert all(re.fullmatch("[a-z-]*", name) for name in names.values())  # each is a piece of a subject


async def test_who_is_away_is_called_again_under_the_same_id(portal: Portal, receiver: Receiver) -> None:
    webhook = await portal.register(receiver.url())
    await portal.submit()
    await portal.gather()
    receiver.status = 503
    await portal.send()
    (waiting,) = await portal.deliveries(webhook)
    assert (waiting["state"], waiting["answered"], waiting["problem"]) == ("waiting", 503, "status")
    assert waiting["next_at"] is not None
    assert await portal.send() == 1.0  # not due yet, and it will be
    assert len(receiver.received) == 1
    view = await portal.call("GET", f"/{webhook['id']}")
    assert view["state"] == "active"
    assert view["failing_since"] is not None
    receiver.status = 200
    await portal.wait_over()
    taken = taken_calls()
    await portal.send()
    assert taken_calls() == taken + 1
    first, second = receiver.received
    assert first.id == second.id == waiting["id"]
    assert first.body == second.body
    assert (await portal.call("GET", f"/{webhook['id']}"))["failing_since"] is None
    assert [each["attempts"] for each in await portal.deliveries(webhook)] == [2]


async def test_a_call_whose_caller_was_killed_is_made_again(portal: Portal, receiver: Receiver) -> None:
    """Nothing is noted before there is an answer; the claim of who died ends."""
    webhook = await portal.register(receiver.url())
    await portal.submit()
    await portal.gather()
    receiver.gate.clear()
    calling = asyncio.create_task(portal.send())
    await eventually(lambda: receiver.received)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    receiver.gate.set()
    assert (await portal.deliveries(webhook))[0]["state"] == "waiting"
    await portal.send()
    assert len(receiver.received) == 1  # it is still claimed
    await portal.change("UPDATE intake.webhook_delivery SET claimed_until = now() - interval '1 second'")
    await portal.send()
    assert len({each.id for each in receiver.received}) == 1
    assert len(receiver.received) == 2
    assert (await portal.deliveries(webhook))[0]["state"] == "delivered"


async def test_of_one_appeal_a_later_event_waits_for_the_earlier(portal: Portal, receiver: Receiver) -> None:
    await portal.register(receiver.url())
    appeal, other = await portal.submit(), await portal.submit()
    await handle(portal.app, Story(appeal["id"]).created())
    await portal.gather()
    receiver.status = 500
    await portal.send()
    assert {each.json["type"] for each in receiver.received} == {"appeal.registered"}
    receiver.status = 200
    await portal.wait_over()
    await portal.send()
    for each in (appeal, other):
        own = [call.json["data"] for call in receiver.received[-3:] if call.json["data"]["id"] == each["id"]]
        assert [data["version"] for data in own] == sorted(data["version"] for data in own)
    assert len(receiver.received[2:]) >= 3


async def test_a_slow_receiver_holds_up_no_other_and_has_few_calls(
    portal: Portal, receiver: Receiver
) -> None:
    slow = await portal.register(receiver.url("/slow"))
    for _ in range(8):
        await portal.submit()
    await portal.gather()
    receiver.gate.clear()
    calling = asyncio.create_task(portal.send())
    await eventually(lambda: len(receiver.received) == 4)
    receiver_of_others = receiver.url("/quick")
    await portal.register(receiver_of_others)
    await portal.submit()
    await portal.gather()
    await eventually(lambda: [each.path for each in receiver.received].count("/quick") == 1)
    assert [each.path for each in receiver.received].count("/slow") == 4
    receiver.gate.set()
    await calling
    states = {each["state"] for each in await portal.deliveries(slow)}
    assert states == {"delivered"}
    assert len({each.id for each in receiver.received}) == len(receiver.received) == 10


async def test_where_calls_are_few_whoever_has_fewest_comes_first(portal: Portal, receiver: Receiver) -> None:
    """So that many slow receivers never leave the others nothing."""
    first = await portal.register(receiver.url("/first"))
    for _ in range(3):
        await portal.submit()
    await portal.gather()
    second = await portal.register(receiver.url("/second"), "appeal.registered")
    await portal.submit()
    await portal.gather()
    resources = portal.app.state.resources
    sender = DeliverySender(resources.sessions, resources.webhooks)
    claimed = [str(each.webhook_id) for _ in range(3) for each in await sender._claim(1)]
    assert claimed == [first["id"], second["id"], first["id"]]


async def test_what_a_receiver_cannot_keep_up_with_waits_in_the_feed(
    portal: Portal, receiver: Receiver
) -> None:
    webhook = await portal.register(receiver.url())
    await portal.change(
        "INSERT INTO intake.webhook_delivery (webhook_id, id, subject_id, type, body, next_at) "
        "SELECT $1, gen_random_uuid(), gen_random_uuid(), 'appeal.status', '{}', now() + interval '1 hour' "
        "FROM generate_series(1, 1000)",
        UUID(webhook["id"]),
    )
    await portal.submit()
    await portal.gather()
    assert len(await portal.deliveries(webhook, limit=1000)) == 1000
    await portal.change("DELETE FROM intake.webhook_delivery")
    await portal.gather()
    assert [each["type"] for each in await portal.deliveries(webhook)] == ["appeal.registered"]
