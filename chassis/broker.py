"""NATS JetStream: connection, streams, pipelined publishing and continuous pulling. Nothing else speaks NATS."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, PubAck, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from chassis.pulling import Pulling
from contracts.wake_ups import wake_up_subject

log = structlog.get_logger()
DUPLICATE_WINDOW_SECONDS = 600.0
ACK_WAIT_SECONDS = 15.0
ALONE_SECONDS = 3.0


class BrokerUnsafe(RuntimeError):
    """The server would lose acknowledged events at a power cut; we refuse to work with it."""


@dataclass(frozen=True)
class ConsumerLag:
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
        self._sending: set[str] = set()
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

    async def has_stream(self, stream: str) -> bool:
        """Whether the stream is there."""
        try:
            await self.js.stream_info(stream)
        except NotFoundError:
            return False
        return True

    async def ensure_stream(self, stream: str) -> None:
        """Create the stream if it is missing."""
        if await self.has_stream(stream):
            return
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

    async def ensure_consumer(self, stream: str, durable: str, subjects: Sequence[str]) -> None:
        """A durable pull consumer that starts from the stream's beginning; updates its subjects when they change.

        APIError for a change that the server cannot make to a consumer that exists; an administrator deletes it then.
        """
        config = ConsumerConfig(
            name=durable,
            durable_name=durable,
            filter_subjects=sorted(subjects),
            ack_wait=ACK_WAIT_SECONDS,
            max_ack_pending=20000,
            max_waiting=64,
        )
        await self.js.add_consumer(stream, config)

    async def publish(self, messages: Sequence[tuple[str, bytes, str]], timeout_seconds: float) -> None:
        """Publish (subject, payload, message id) pipelined; returns when the server has stored every one."""
        for failure in await self.try_publish(messages, timeout_seconds):
            if failure is not None:
                raise failure

    async def try_publish(
        self, messages: Sequence[tuple[str, bytes, str]], timeout_seconds: float
    ) -> list[BaseException | None]:
        """The same, but what became of each is told: None where the server has stored it, else the error."""
        deadline = asyncio.get_running_loop().time() + timeout_seconds
        pending = [await self._begin_publish(message) for message in messages]
        return [await self._stored(each, deadline) for each in pending]

    async def _begin_publish(
        self, message: tuple[str, bytes, str]
    ) -> asyncio.Future[PubAck] | nats.errors.Error:
        subject, payload, message_id = message
        try:
            return await self.js.publish_async(subject, payload, headers={"Nats-Msg-Id": message_id})
        except (nats.errors.MaxPayloadError, nats.errors.BadSubjectError) as error:
            return error

    @staticmethod
    async def _stored(
        pending: asyncio.Future[PubAck] | nats.errors.Error, deadline: float
    ) -> BaseException | None:
        if isinstance(pending, nats.errors.Error):
            return pending
        try:
            async with asyncio.timeout_at(deadline):
                await pending
        except (APIError, nats.errors.Error, TimeoutError) as error:
            return error
        return None

    async def publish_alone(self, subject: str, payload: bytes, message_id: str) -> BaseException | None:
        """Publish one message and wait for the server's own word: pipelined, a refusal shows as a time-out only."""
        try:
            await self.js.publish(
                subject, payload, timeout=ALONE_SECONDS, headers={"Nats-Msg-Id": message_id}
            )
        except (APIError, nats.errors.Error, TimeoutError) as error:
            return error
        return None

    @property
    def largest_payload(self) -> int:
        """Bytes of a message the server takes, its headers included."""
        return int(self.client.max_payload)

    def send_wake_up(self, name: str) -> None:
        """Tell the other process of a service that there is something to do; may get lost, whoever waits also polls."""
        if not self.connected or name in self._sending:
            return
        self._sending.add(name)
        sending = asyncio.create_task(self.client.publish(wake_up_subject(self.service, name)))
        sending.add_done_callback(lambda task: self._sent(name, task))

    def _sent(self, name: str, task: asyncio.Task[None]) -> None:
        self._sending.discard(name)
        if not task.cancelled():
            task.exception()  # a lost wake-up is no error

    async def receive_wake_ups(self, listeners: Mapping[str, Callable[[], None]]) -> None:
        """Call the listener of every hint's name from now on."""

        async def on_wake_up(message: Msg) -> None:
            listener = listeners.get(message.subject.rpartition(".")[2])
            if listener is not None:
                listener()

        await self.client.subscribe(wake_up_subject(self.service, "*"), cb=on_wake_up)
        await self.client.flush()

    async def pull(self, stream: str, durable: str, linger_seconds: float) -> AsyncGenerator[list[Msg], None]:
        """Batches as they arrive: the first message is awaited, whatever comes within `linger_seconds` joins it.

        A transaction for one event costs almost as much as one for many, so what nobody waits for may wait for company;
        when much has arrived there is no lingering. When not even a heartbeat was heard for SILENCE_SECONDS, or the
        consumer is gone, TimeoutError or ConnectionError lets the supervisor build everything anew.
        """
        pulling = Pulling(self.client, stream, durable)
        subscription = await self.client.subscribe(
            f"{pulling.inbox}.*", cb=pulling.on_message, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        self._reconnect_listeners.add(pulling.renew)
        try:
            while True:
                await pulling.ask_in_time()
                batch = await pulling.next_batch(linger_seconds)
                await pulling.ask_in_time()
                if batch:
                    yield batch
                pulling.check()
        finally:
            self._reconnect_listeners.discard(pulling.renew)
            with contextlib.suppress(Exception):
                await subscription.unsubscribe()
                await pulling.give_back()

    async def lag(self, stream: str, durable: str) -> int:
        """Events stored but not yet delivered to a consumer, plus those delivered and unacknowledged."""
        return (await self.consumer_lag(stream, durable)).waiting

    async def consumer_lag(self, stream: str, durable: str) -> ConsumerLag:
        """How far a consumer is behind its stream."""
        info = await self.js.consumer_info(stream, durable)
        waiting = int(info.num_pending or 0) + int(info.num_ack_pending or 0)
        return ConsumerLag(waiting, int(info.num_redelivered or 0))


async def assert_syncs_always(monitor_url: str) -> None:
    """Refuse a server that does not fsync before it acknowledges (`/varz`)."""
    import httpx2

    async with httpx2.AsyncClient(timeout=5) as client:
        varz = (await client.get(f"{monitor_url}/varz")).json()
    if not varz.get("jetstream", {}).get("config", {}).get("sync_always"):
        raise BrokerUnsafe("nats-server must run with jetstream { sync_interval: always }")
