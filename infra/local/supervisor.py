"""The supervisor behind `otklik up`: starts everything in order, keeps it running, stops it in order."""

import asyncio
import json
import math
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from contracts.parts import SERVICES
from infra.local.credentials import DATABASE_ROLES, Secrets, load_or_create_secrets
from infra.local.database import DRIVER, parse_url, prepare_database
from infra.local.ending import kill
from infra.local.errors import StartError
from infra.local.files import write_private
from infra.local.keeping import Keeper
from infra.local.leftovers import end_leftovers
from infra.local.nats import Nats, require_sync_always
from infra.local.paths import Home
from infra.local.ports import bracketed, is_free
from infra.local.postgres import Postgres
from infra.local.probe import http_get
from infra.local.processes import INTERNAL, PROCESSES, PROJECT, STOP_GRACE, Part, Process, Surroundings
from infra.local.progress import Progress
from infra.local.readiness import only_held, wrong_keys
from infra.local.revisions import parts_up_to_date, run_migrations

READY_LIMIT = 180.0
CRASHES_BEFORE_READY = 5  # a process that has never worked and ends this often will not start to work
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

OnReady = Callable[[], Awaitable[None]]


class Runtime:
    """Everything that runs for one home. `async with Runtime(…) as runtime:`, ready inside the block."""

    def __init__(
        self,
        home: str | Path,
        port: int = 8080,
        host: str = "127.0.0.1",
        *,
        processes: tuple[Process, ...] = PROCESSES,
        console: Console | None = None,
        environment: Mapping[str, str] = os.environ,
        hold: bool = False,
    ) -> None:
        self.home = Home.at(home)
        self.hold = hold
        self.port = port
        self.host = host
        self.processes = processes
        self.progress = Progress(console)
        self.environment = environment
        self.postgres: Postgres | None = None
        self.nats: Nats | None = None
        self.parts: dict[str, Part] = {}
        self._failure: StartError | None = None
        self._crashes: dict[str, int] = {}
        self._is_ready = False
        self._up_to_date: set[str] = set()
        self._keeper = Keeper(self.home, self.progress.warn, self._note_crash)
        self._held = ExitStack()

    @property
    def url(self) -> str:
        return f"http://{bracketed(self._own_host)}:{self.port}"

    @property
    def _own_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    async def __aenter__(self) -> "Runtime":
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Returns when /health/ready answers 200. Whatever happens, `stop` stops what was started."""
        self._held.enter_context(self.home.locked())
        self._keeper.watch_for_stopped()
        await end_leftovers(self.home)
        if not is_free(self.port, self.host):
            raise StartError(f"Port {self.port} on {self.host} is in use. Choose another one with --port.")
        secrets = load_or_create_secrets(self.home)
        database_urls = await self._start_database(secrets)
        nats_urls = await self._start_nats(secrets)
        self.home.give_up_taken_ports([*(process.part for process in self.processes), INTERNAL])
        surroundings = Surroundings(
            home=self.home,
            secrets=secrets,
            listen=f"{bracketed(self.host)}:{self.port}",
            database_urls=database_urls,
            nats_urls=nats_urls,
            inherited=self.environment,
        )
        await self._migrate(surroundings)
        self._hold_back()
        with self.progress.step("Starting " + ", ".join(process.part for process in self.processes)):
            for process in self.processes:
                part = self.parts[process.part] = Part(process, surroundings, self.processes)
                await self._keeper.keep(part)
            await self._until_ready()
        self._is_ready = True
        self._write_addresses()

    def _hold_back(self) -> None:
        """With `hold` the system calls itself ready only after `release`: somebody has to load data first."""
        if self.hold:
            self.home.hold_file.touch(mode=0o644)
        else:
            self.release()

    def release(self) -> None:
        """Nothing more has to be loaded."""
        self.home.hold_file.unlink(missing_ok=True)

    async def stop(self) -> None:
        """Those who ask first, those who answer after them: gateway, services, NATS, Postgres."""
        await self._keeper.stop()
        gateway = [part for part in self.parts.values() if part.process.is_gateway]
        services = [part for part in self.parts.values() if not part.process.is_gateway]
        for group in (gateway, services, [self.nats], [self.postgres]):
            stops = [supervised.stop() for supervised in group if supervised is not None]
            for outcome in await asyncio.gather(*stops, return_exceptions=True):
                if isinstance(outcome, BaseException):  # the others are stopped all the same
                    self.progress.warn(f"While stopping: {outcome!r}")
        self._held.close()

    def kill(self) -> None:
        """No more waiting for anybody; `stop` then finds them dead."""
        for supervised in (*self.parts.values(), self.nats, self.postgres):
            if supervised is not None:
                kill(supervised.child.family())

    async def _start_database(self, secrets: Secrets) -> dict[str, str]:
        if given := self.environment.get("OTKLIK_DATABASE_URL"):
            admin_url = given
            server = parse_url(given)[0]
        else:
            self.postgres = Postgres(self.home, secrets)
            with self.progress.step("Starting Postgres"):
                await self._keeper.keep(self.postgres, is_server=True)
            admin_url = self.postgres.admin_url
            server = self.postgres.server
        with self.progress.step("Preparing the database"):
            await prepare_database(admin_url, secrets, server.database)
            migrated = [process.service for process in self.processes if process.migration]
            self._up_to_date = await parts_up_to_date(admin_url, migrated, PROJECT)
        return {role: server.url(role, secrets.database[role], driver=DRIVER) for role in DATABASE_ROLES[1:]}

    async def _start_nats(self, secrets: Secrets) -> dict[str, str]:
        if given := self.environment.get("OTKLIK_NATS_URL"):
            if monitor := self.environment.get("OTKLIK_NATS_MONITOR_URL"):
                place = urlsplit(monitor)
                await require_sync_always(place.hostname or "127.0.0.1", place.port or 8222)
            else:
                self.progress.warn("Without OTKLIK_NATS_MONITOR_URL nobody checks that NATS syncs its store.")
            return dict.fromkeys(SERVICES, given)
        self.nats = Nats(self.home, secrets)
        with self.progress.step("Starting NATS"):
            await self._keeper.keep(self.nats, is_server=True)
        return {user: self.nats.url(user) for user in SERVICES}

    async def _migrate(self, surroundings: Surroundings) -> None:
        migrations = [
            surroundings.migration_of(process, self.processes)
            for process in self.processes
            if process.migration and process.service not in self._up_to_date
        ]
        if not migrations:
            return
        with self.progress.step("Bringing the tables up to date"):
            await run_migrations(migrations, STOP_GRACE)

    def _note_crash(self, name: str, code: int) -> None:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        self.progress.warn(f"{name} {how}; starting it again. Log: {self.home.log_file(name)}")
        if self._is_ready:
            return
        self._crashes[name] = self._crashes.get(name, 0) + 1
        if self._crashes[name] >= CRASHES_BEFORE_READY:
            part = self.parts.get(name)
            tail = part.child.log_tail() if part else ""
            self._failure = StartError(f"{name} does not start; it {how} each time.\n{tail}")

    async def _until_ready(self) -> None:
        deadline = time.monotonic() + READY_LIMIT
        told: set[str] = set()
        while True:
            status, body = await http_get(self._own_host, self.port, "/health/ready")
            if status == 200 or (self.hold and only_held(body)):
                return
            for reason in wrong_keys(body):
                deadline = math.inf  # stays up and says why: ending would only have it started again
                if reason not in told:
                    told.add(reason)
                    self.progress.warn(f"NOT ready. {reason}")
            if self._failure is not None:
                raise self._failure
            if time.monotonic() > deadline:
                raise StartError(
                    f"Not ready after {READY_LIMIT:.0f} s: /health/ready answers {status or 'nothing'} "
                    f"{body[:500].decode(errors='replace')}. The logs are in {self.home.log}."
                )
            await asyncio.sleep(0.05)

    def _write_addresses(self) -> None:
        """For the commands that work with a running system: where it is, without any secret."""
        addresses: dict[str, object] = {"pid": os.getpid(), "url": self.url}
        if self.nats is not None:
            addresses |= {"nats_port": self.nats.port, "nats_monitor_port": self.nats.monitor_port}
        if self.postgres is not None:
            server = self.postgres.server
            addresses |= {"postgres_host": server.host, "postgres_port": server.port}
        write_private(self.home.addresses_file, json.dumps(addresses) + "\n")
        self._held.callback(self.home.addresses_file.unlink, missing_ok=True)


async def run(
    home: str | Path,
    port: int = 8080,
    host: str = "127.0.0.1",
    on_ready: OnReady | None = None,
    *,
    processes: tuple[Process, ...] = PROCESSES,
    console: Console | None = None,
) -> None:
    """`otklik up`: everything, until SIGINT, SIGTERM or the terminal's end. A second signal kills at once."""
    runtime = Runtime(home, port, host, processes=processes, console=console, hold=on_ready is not None)
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(_work(runtime, on_ready))

    def asked_to_stop() -> None:
        if work.cancelling():
            runtime.kill()
        else:
            work.cancel()

    # A signal that the caller has us ignore (SIGHUP under nohup) stays ignored.
    heeded = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in heeded:
        loop.add_signal_handler(number, asked_to_stop)
    try:
        with suppress(asyncio.CancelledError):
            await work
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)


async def _work(runtime: Runtime, on_ready: OnReady | None) -> None:
    try:
        await runtime.start()
        if on_ready is not None:
            await on_ready()
        runtime.release()
        runtime.progress.ready(runtime.url, str(runtime.home.root))
        await asyncio.Event().wait()
    finally:
        runtime.progress.note("Stopping …")
        await runtime.stop()
