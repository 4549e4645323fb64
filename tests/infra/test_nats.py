"""The embedded NATS server: who may say and hear what, and that it syncs."""

import asyncio
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.js.api import ConsumerConfig

from contracts.parts import SERVICES
from infra.local.embedded import EmbeddedServers
from infra.local.errors import StartError
from infra.local.nats import require_sync_always
from infra.local.ports import free_port
from infra.local.probe import http_get
from tests.infra.watching import PYTHON, wait_until


async def refusals(own_servers: EmbeddedServers, user: str, subjects: list[str], expected: int) -> list[str]:
    """What the server refuses of these publications. It answers in order, so a refusal comes before the flush's end."""
    problems: list[str] = []

    async def on_error(error: Exception) -> None:
        problems.append(str(error).lower())

    client = await nats.connect(own_servers.nats_url(user), inbox_prefix=f"_INBOX_{user}", error_cb=on_error)
    try:
        for subject in subjects:
            await client.publish(subject, b"{}")
        await client.flush()
        deadline = time.monotonic() + 5
        while len(problems) < expected and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        await client.flush()
        return [problem for problem in problems if "permissions violation" in problem]
    finally:
        await client.close()


API = [
    "INFO",
    "STREAM.NAMES",
    "STREAM.LIST",
    "STREAM.CREATE.{S}",
    "STREAM.UPDATE.{S}",
    "STREAM.INFO.{S}",
    "STREAM.DELETE.{S}",
    "STREAM.PURGE.{S}",
    "STREAM.MSG.GET.{S}",
    "STREAM.MSG.DELETE.{S}",
    "STREAM.SNAPSHOT.{S}",
    "STREAM.RESTORE.{S}",
    "STREAM.TEMPLATE.CREATE.{S}",
    "STREAM.LEADER.STEPDOWN.{S}",
    "STREAM.PEER.REMOVE.{S}",
    "STREAM.CANCEL_MOVE.{S}",
    "DIRECT.GET.{S}",
    "DIRECT.GET.{S}.intake.x",
    "CONSUMER.NAMES.{S}",
    "CONSUMER.LIST.{S}",
    "CONSUMER.CREATE.{S}",
    "CONSUMER.CREATE.{S}.{C}",
    "CONSUMER.CREATE.{S}.{C}.{S}.filter",
    "CONSUMER.DURABLE.CREATE.{S}.{C}",
    "CONSUMER.INFO.{S}.{C}",
    "CONSUMER.DELETE.{S}.{C}",
    "CONSUMER.PAUSE.{S}.{C}",
    "CONSUMER.UNPIN.{S}.{C}",
    "CONSUMER.RESET.{S}.{C}",
    "CONSUMER.MSG.NEXT.{S}.{C}",
    "CONSUMER.LEADER.STEPDOWN.{S}.{C}",
    "META.LEADER.STEPDOWN",
    "SERVER.REMOVE",
    "ACCOUNT.PURGE.X",
]


def everything() -> list[str]:
    """Every kind of subject that somebody could publish to, for every stream and consumer."""
    subjects = [f"$JS.API.{api}" for api in API if "{" not in api]
    for stream in ("INTAKE", "ROUTING", "SLA"):
        for consumer in (*SERVICES, "other"):
            subjects += [f"$JS.API.{api.format(S=stream, C=consumer)}" for api in API if "{" in api]
            subjects += [
                f"$JS.ACK.{stream}.{consumer}.1.1.1.1.1",
                f"$JS.ACK._.hash.{stream}.{consumer}.1.1.1.1.1",
            ]
    for user in (*SERVICES, "other"):
        subjects += [f"replay.{user}.{publisher}" for publisher in (*SERVICES, "other")]
        subjects += [f"{user}.thing.done.v1", f"hint.{user}.outbox", f"_INBOX_{user}.x.y", f"dead.{user}.x"]
    subjects += [
        "$SYS.REQ.SERVER.PING",
        "$JS.EVENT.ADVISORY.x",
        "$JS.FC.INTAKE.x",
        "$KV.b.k",
        "$O.b.c",
        "_INBOX.x",
    ]
    return sorted(set(subjects))


def is_own(user: str, subject: str) -> bool:
    """What a service needs: its own events and wake-ups, its own stream's creation, consumers of its own name."""
    own_stream = {f"$JS.API.STREAM.{verb}.{user.upper()}" for verb in ("CREATE", "INFO")}
    if subject == "$JS.API.INFO" or (user != "analytics" and subject in own_stream):
        return True
    if subject.startswith((f"{user}.", f"hint.{user}.")):
        return True
    words = subject.split(".")
    if words[0] == "replay":
        return words[2] == user != "analytics" and words[1] in SERVICES and words[1] != user
    if words[:2] == ["$JS", "ACK"]:
        return words[3 if len(words) == 9 else 5] == user
    consumer_verbs = ("CREATE", "INFO", "MSG.NEXT")
    return any(
        subject == f"$JS.API.CONSUMER.{verb}.{stream}.{user}"
        or subject.startswith(f"$JS.API.CONSUMER.CREATE.{stream}.{user}.")
        for verb in consumer_verbs
        for stream in ("INTAKE", "ROUTING", "SLA")
    )


@pytest.mark.parametrize("user", SERVICES)
def test_every_user_may_publish_what_is_its_own_and_nothing_else(
    own_servers: EmbeddedServers, user: str, proof: Callable[..., None]
) -> None:
    subjects = everything()
    foreign = [subject for subject in subjects if not is_own(user, subject)]
    refused = asyncio.run(refusals(own_servers, user, subjects, expected=len(foreign)))
    named = {problem.split('"')[1] for problem in refused}
    assert named == {subject.lower() for subject in foreign}
    proof(user=user, subjects=len(subjects), refused=len(named), more_than_allowed=len(foreign) - len(named))


async def test_a_consumer_cannot_be_made_under_anothers_name(own_servers: EmbeddedServers) -> None:
    admin = await nats.connect(own_servers.nats_url("admin"))
    await admin.jetstream().add_stream(name="ROUTING", subjects=["routing.>"])
    client = await nats.connect(own_servers.nats_url("sla"), inbox_prefix="_INBOX_sla")
    try:
        for name in ("analytics", "intake"):
            config = {"durable_name": name, "ack_policy": "explicit", "filter_subject": "routing.>"}
            body = json.dumps({"stream_name": "ROUTING", "config": config, "action": ""}).encode()
            for subject in (
                "$JS.API.CONSUMER.CREATE.ROUTING.sla",
                "$JS.API.CONSUMER.CREATE.ROUTING.sla.routing.>",
            ):
                answer = json.loads((await client.request(subject, body, timeout=5)).data)
                assert "error" in answer, answer
        assert [each.name for each in await admin.jetstream().consumers_info("ROUTING")] == []
    finally:
        await admin.jetstream().delete_stream("ROUTING")
        await client.close()
        await admin.close()


def test_stream_consumer_and_acknowledgement_work_under_the_permissions(own_servers: EmbeddedServers) -> None:
    async def check() -> None:
        publisher = await nats.connect(own_servers.nats_url("sla"), inbox_prefix="_INBOX_sla")
        reader = await nats.connect(own_servers.nats_url("analytics"), inbox_prefix="_INBOX_analytics")
        try:
            await publisher.jetstream().add_stream(name="SLA", subjects=["sla.>"])
            await publisher.jetstream().publish("sla.deadline.breached.v1", b"x" * 300_000)
            config = ConsumerConfig(name="analytics", durable_name="analytics", filter_subjects=["sla.>"])
            await reader.jetstream().add_consumer("SLA", config)
            subscription = await reader.jetstream().pull_subscribe_bind(consumer="analytics", stream="SLA")
            (message,) = await subscription.fetch(1, timeout=5)
            await message.ack_sync()
            assert (await reader.jetstream().consumer_info("SLA", "analytics")).num_ack_pending == 0
        finally:
            await publisher.close()
            await reader.close()

    asyncio.run(check())


def test_nobody_listens_at_anothers_inbox(own_servers: EmbeddedServers) -> None:
    async def check() -> None:
        problems: list[Exception] = []

        async def on_error(error: Exception) -> None:
            problems.append(error)

        client = await nats.connect(own_servers.nats_url("routing"), error_cb=on_error)
        try:
            for subject in ("_INBOX_intake.>", "intake.>", ">"):
                await client.subscribe(subject)
            await client.flush()
            deadline = time.monotonic() + 5
            while len(problems) < 3 and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            assert len(problems) == 3
        finally:
            await client.close()

    asyncio.run(check())


def test_a_nats_server_that_does_not_sync_is_refused(tmp_path: Path) -> None:
    port, monitor = free_port(), free_port()
    text = f'listen: "127.0.0.1:{port}"\nhttp: "127.0.0.1:{monitor}"\njetstream {{ store_dir: "{tmp_path}/js" }}\n'
    (tmp_path / "lazy.conf").write_text(text)
    server = subprocess.Popen(
        [str(Path(PYTHON).with_name("nats-server")), "-c", str(tmp_path / "lazy.conf")],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: asyncio.run(http_get("127.0.0.1", monitor, "/healthz"))[0] == 200)
        with pytest.raises(StartError, match="sync_interval: always"):
            asyncio.run(require_sync_always("127.0.0.1", monitor))
    finally:
        server.kill()
        server.wait()
