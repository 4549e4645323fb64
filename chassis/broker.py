"""NATS JetStream: connection, streams, pipelined publishing and continuous pulling. Nothing else speaks NATS."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import nats
import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from contracts.hints import hint_subject

log = structlog.get_logger()
DUPLICATE_WINDOW_SECONDS = 600.0
PULL_EXPIRES_SECONDS = 20.0
# A pull holds many small messages or a few large ones: what is fetched must be worked off within ACK_WAIT_SECONDS.
PULL_MESSAGES = 200
PULL_BYTES = 512 * 1024
COMPLETED, TOO_LARGE = "Batch Completed", "Message Size Exceeds MaxBytes"  # 409s that only end a pull
SILENCE_SECONDS = 12.0
LITTLE_BYTES = 32 * 1024  # less than this is worth waiting for company
ACK_WAIT_SECONDS = 15.0


class BrokerUnsafe(RuntimeError):
    """The server would lose acknowledged events at a power cut; we refuse to work with it."""


@dataclass(frozen=True)
class Standing:
    """Events a consumer has not finished, and how many of them are on another try (so later ones overtook them)."""

    waiting: int
    redelivered: int


class Broker:
    """One connection of one service. Reconnects for ever; errors of the connection are logged, not raised."""

    def __init__(
        self, url: str, service: str, inbox_prefix: str, max_age_days: int = 30, replicas: int = 1
    ) -> None:
        self.url = url
        self.service = service
        self.inbox_prefix = inbox_prefix
        self.max_age_days = max_age_days
        self.replicas = replicas
        self._client: Client | None = None
        self._js: JetStreamContext | None = None
        self.generation = 0
        self._connected_once = asyncio.Event()
        self._reconnect_listeners: set[Callable[[], None]] = set()
        self._hints: set[str] = set()
        self.problem = "not connected"

    async def connect(self) -> None:
        """Connect, or keep trying in the background when the server is not there yet. A former connection is closed."""
        await self.close()
        self._client = await nats.connect(
            self.url,
            name=f"otklik-{self.service}",
            inbox_prefix=self.inbox_prefix,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,
            ping_interval=10,
            pending_size=16 * 1024 * 1024,
            error_cb=self._on_error,
            reconnected_cb=self._on_reconnect,
        )
        self._js = self._client.jetstream(timeout=5, publish_async_max_pending=4000)
        self.generation += 1
        self._connected_once.set()

    async def ready(self) -> None:
        """Wait for the first connection."""
        await self._connected_once.wait()

    async def close(self) -> None:
        """Close at once; nothing unacknowledged is lost by it."""
        if self._client is not None:
            with contextlib.suppress(Exception):
                await self._client.close()

    @property
    def connected(self) -> bool:
        """Whether the connection is up now."""
        return self._client is not None and self._client.is_connected

    @property
    def trouble(self) -> str:
        """Why events cannot be stored now; empty when they can, as of a few seconds ago."""
        return self.problem if self.connected else "not connected"

    @property
    def js(self) -> JetStreamContext:
        """The JetStream context of a connected broker."""
        if self._js is None:
            raise ConnectionError("not connected to NATS yet")
        return self._js

    @property
    def client(self) -> Client:
        """The core connection."""
        if self._client is None:
            raise ConnectionError("not connected to NATS yet")
        return self._client

    async def _on_error(self, error: Exception) -> None:
        # A refused publish shows here only (and as a time-out at the caller), so it must not pass unseen.
        level = "error" if "permissions" in str(error).lower() else "info"
        getattr(log, level)("nats", error=f"{type(error).__name__}: {str(error)[:200]}")

    async def _on_reconnect(self) -> None:
        self.generation += 1
        for listener in list(self._reconnect_listeners):
            listener()

    async def ensure_stream(self, stream: str) -> bool:
        """Create the stream if it is missing; True when it had to be created."""
        try:
            await self.js.stream_info(stream)
            return False
        except NotFoundError:
            config = StreamConfig(
                name=stream,
                subjects=[f"{stream.lower()}.>"],
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                max_age=self.max_age_days * 86400.0,
                duplicate_window=DUPLICATE_WINDOW_SECONDS,
                num_replicas=self.replicas,
            )
            await self.js.add_stream(config)
            log.info("stream created", stream=stream)
            return True

    async def ensure_consumer(self, stream: str, durable: str, subjects: Sequence[str]) -> None:
        """A durable pull consumer that starts from the stream's beginning; updates its subjects when they change."""
        config = ConsumerConfig(
            durable_name=durable,
            filter_subjects=sorted(subjects),
            ack_wait=ACK_WAIT_SECONDS,
            max_ack_pending=20000,
            max_waiting=64,
        )
        try:
            await self.js.add_consumer(stream, config)
        except APIError as error:
            if error.code != 400:
                raise
            await self.js.delete_consumer(stream, durable)
            await self.js.add_consumer(stream, config)

    async def publish(self, messages: Sequence[tuple[str, bytes, str]], timeout_seconds: float) -> None:
        """Publish (subject, payload, message id) pipelined; returns when the server has stored every one."""
        async with asyncio.timeout(timeout_seconds):
            pending = [
                await self.js.publish_async(subject, payload, headers={"Nats-Msg-Id": message_id})
                for subject, payload, message_id in messages
            ]
            await asyncio.gather(*pending)

    def hint(self, name: str) -> None:
        """Tell the other process of a service that there is something to do; may get lost, whoever waits also polls."""
        if not self.connected or name in self._hints:
            return
        self._hints.add(name)
        sending = asyncio.create_task(self.client.publish(hint_subject(self.service, name)))
        sending.add_done_callback(lambda task: self._hinted(name, task))

    def _hinted(self, name: str, task: asyncio.Task[None]) -> None:
        self._hints.discard(name)
        if not task.cancelled():
            task.exception()  # a lost hint is no error

    async def heed_hints(self, listeners: Mapping[str, Callable[[], None]]) -> None:
        """Call the listener of every hint's name from now on."""

        async def on_hint(message: Msg) -> None:
            listener = listeners.get(message.subject.rpartition(".")[2])
            if listener is not None:
                listener()

        await self.client.subscribe(hint_subject(self.service, "*"), cb=on_hint)

    async def pull(self, stream: str, durable: str, linger_seconds: float) -> AsyncGenerator[list[Msg], None]:
        """Batches as they arrive: the first message is awaited, whatever comes within `linger_seconds` joins it.

        A transaction for one event costs almost as much as one for many, so what nobody waits for may wait for company;
        when much has arrived there is no lingering.

        A standing pull request is kept at the server and renewed at once after a reconnect. When not even a
        heartbeat was heard for `SILENCE_SECONDS`, or the consumer is gone, the generator raises ConnectionError
        so that the supervisor builds everything anew.
        """
        arrived: deque[Msg | None] = deque()
        arrived_bytes = 0
        something = asyncio.Event()

        def put(message: Msg | None) -> None:
            nonlocal arrived_bytes
            arrived.append(message)
            arrived_bytes += len(message.data) if message else 0
            something.set()

        async def on_message(message: Msg) -> None:
            put(message)

        inbox = self.client.new_inbox()
        subscription = await self.client.subscribe(
            inbox, cb=on_message, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        request = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        patience = {"expires": int(PULL_EXPIRES_SECONDS * 1e9), "idle_heartbeat": int(5e9)}
        many = orjson.dumps({"batch": PULL_MESSAGES, "max_bytes": PULL_BYTES, **patience})
        one = orjson.dumps({"batch": 1, **patience})
        renew = partial(put, None)
        self._reconnect_listeners.add(renew)
        try:
            put(None)
            wanted, counted_out, empty = 0, False, True
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    await something.wait()
                if arrived_bytes < LITTLE_BYTES:
                    await asyncio.sleep(linger_seconds)
                messages: list[Msg] = []
                ended, too_large, failure = False, False, ""
                while arrived and len(messages) < PULL_MESSAGES and not failure:
                    message = arrived.popleft()
                    if message is None:
                        ended = True
                        continue
                    arrived_bytes -= len(message.data)
                    status, description = _status_of(message)
                    if not status:
                        messages.append(message)
                    elif description == COMPLETED and counted_out:
                        counted_out = False  # of the request before, which has been followed up already
                    elif status in ("404", "408") or description in (COMPLETED, TOO_LARGE):
                        ended, too_large = True, description == TOO_LARGE
                    elif status != "100":
                        failure = f"{status} {description}"
                if not arrived:
                    something.clear()
                wanted -= len(messages)
                empty = empty and not messages
                if (ended or wanted <= 0) and not failure:
                    # Too large although nothing else came: it would be too large for every pull, so it comes alone.
                    alone = too_large and empty
                    await self.client.publish(request, one if alone else many, reply=inbox)
                    wanted, counted_out, empty = 1 if alone else PULL_MESSAGES, not ended, True
                if messages:
                    yield messages
                if failure:
                    raise ConnectionError(f"pull ended: {failure}")
        finally:
            self._reconnect_listeners.discard(renew)
            with contextlib.suppress(Exception):
                await subscription.unsubscribe()
                # Fetched and not begun: without a word they would come again only after ACK_WAIT_SECONDS.
                for message in arrived:
                    if message is not None and message.reply.startswith("$JS.ACK"):
                        await message.nak()

    async def lag(self, stream: str, durable: str) -> int:
        """Events stored but not yet delivered to a consumer, plus those delivered and unacknowledged."""
        return (await self.standing(stream, durable)).waiting

    async def standing(self, stream: str, durable: str) -> Standing:
        """How far a consumer is behind its stream."""
        info = await self.js.consumer_info(stream, durable)
        waiting = int(info.num_pending or 0) + int(info.num_ack_pending or 0)
        return Standing(waiting, int(info.num_redelivered or 0))


def _status_of(message: Msg) -> tuple[str, str]:
    """What the server says of the pull request itself; empty for a real message."""
    headers = message.headers or {}
    if message.data:
        return "", ""
    return headers.get("Status", ""), headers.get("Description", "")


async def assert_syncs_always(monitor_url: str) -> None:
    """Refuse a server that does not fsync before it acknowledges (`/varz`)."""
    import httpx2

    async with httpx2.AsyncClient(timeout=5) as client:
        varz: dict[str, Any] = (await client.get(f"{monitor_url}/varz")).json()
    if not varz.get("jetstream", {}).get("config", {}).get("sync_always"):
        raise BrokerUnsafe("nats-server must run with jetstream { sync_interval: always }")
