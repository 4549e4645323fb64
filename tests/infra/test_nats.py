"""The embedded NATS server: who may say and hear what, and that it syncs."""

import asyncio
import subprocess
import time
from pathlib import Path

import nats
import nats.errors
import pytest

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


def test_nats_user_publishes_its_own_subjects_only(own_servers: EmbeddedServers) -> None:
    allowed = [
        "intake.appeal.registered.v1",
        "dead.intake.x",
        "$JS.ACK.ROUTING.c.1.1.1.1.1",
        "$JS.ACK._.hash.ROUTING.c.1.1.1.1.1",
        "$JS.API.STREAM.CREATE.INTAKE",
        "$JS.API.CONSUMER.MSG.NEXT.SLA.intake",
    ]
    foreign = [
        "routing.assignment.made.v1",
        "dead.sla.x",
        "$JS.API.STREAM.CREATE.ROUTING",
        "$JS.API.STREAM.DELETE.INTAKE",
        "$JS.API.STREAM.PURGE.INTAKE",
        "_INBOX_sla.x",
    ]
    assert asyncio.run(refusals(own_servers, "intake", allowed, expected=0)) == []
    refused = asyncio.run(refusals(own_servers, "intake", foreign, expected=len(foreign)))
    assert all(subject.lower() in " ".join(refused) for subject in foreign)
    assert asyncio.run(refusals(own_servers, "admin", foreign[:2], expected=0)) == []


def test_stream_consumer_and_acknowledgement_work_under_the_permissions(own_servers: EmbeddedServers) -> None:
    async def check() -> None:
        publisher = await nats.connect(own_servers.nats_url("sla"), inbox_prefix="_INBOX_sla")
        reader = await nats.connect(own_servers.nats_url("analytics"), inbox_prefix="_INBOX_analytics")
        try:
            await publisher.jetstream().add_stream(name="SLA", subjects=["sla.>"])
            await publisher.jetstream().publish("sla.deadline.breached.v1", b"x" * 300_000)
            subscription = await reader.jetstream().pull_subscribe("sla.>", durable="analytics", stream="SLA")
            (message,) = await subscription.fetch(1, timeout=5)
            await message.ack_sync()
            assert (await subscription.consumer_info()).num_ack_pending == 0
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
