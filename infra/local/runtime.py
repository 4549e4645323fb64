"""The runtime behind `otklik up`: starts everything in order, keeps it running, stops it in order."""

import asyncio
import json
import math
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from rich.console import Console

from contracts.parts import SERVICES
from infra.local.credentials import DATABASE_ROLES, Secrets, load_or_create_secrets
from infra.local.database import DRIVER, parse_url, prepare_database
from infra.local.errors import StartError
from infra.local.files import write_private
from infra.local.fork_client import ForkServer
from infra.local.given import require_nats, require_synced
from infra.local.managed import ManagedProcess
from infra.local.nats import Nats
from infra.local.orphans import end_orphans
from infra.local.paths import Home
from infra.local.ports import bracketed, is_free
from infra.local.postgres import Postgres
from infra.local.probe import http_get
from infra.local.processes import (
    INTERNAL,
    PROCESSES,
    PROJECT,
    STOP_GRACE,
    LaunchContext,
    Process,
)
from infra.local.progress import Progress
from infra.local.readiness import only_held, wrong_keys
from infra.local.revisions import parts_up_to_date, run_migrations
from infra.local.supervisor import Supervised, Supervisor
from infra.local.termination import kill, on_stop_signals

READY_LIMIT = 180.0
CRASHES_BEFORE_READY = 5  # a process that has never worked and ends this often will not start to work

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
        self.parts: dict[str, ManagedProcess] = {}
        self._failure: StartError | None = None
        self._exits: Counter[str] = Counter()
        self._is_ready = False
        self._up_to_date: set[str] = set()
        self._supervisor = Supervisor(self.home, self.progress.warn, self._record_exit)
        self._held = ExitStack()
        self._forks = ForkServer(self.home, processes, environment)

    @property
    def url(self) -> str:
        """Of the gateway, from this machine."""
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
        self._supervisor.supervise_stopped()
        self._supervisor.rotate_logs()
        await end_orphans(self.home)
        self._supervisor.keep_forks(self._forks)
        if not is_free(self.port, self.host):
            raise StartError(
                f"{bracketed(self.host)}:{self.port} is in use, or no address of this machine. Choose another --port or --host."
            )
        secrets = load_or_create_secrets(self.home)
        context = LaunchContext(
            home=self.home,
            secrets=secrets,
            listen=f"{bracketed(self.host)}:{self.port}",
            database_urls=await self._start_database(secrets),
            nats_urls=await self._start_nats(secrets),
            inherited=self.environment,
            forks=self._forks,
        )
        self.home.reassign_taken_ports([*(process.part for process in self.processes), INTERNAL])
        await self._migrate(context)
        self._hold()
        await self._start_processes(context)
        self._is_ready = True
        self._write_addresses()

    async def _start_processes(self, context: LaunchContext) -> None:
        with self.progress.step("Starting " + ", ".join(process.part for process in self.processes)):
            await self._forks.imported(self._forks.of_parts)
            for process in self.processes:
                part = self.parts[process.part] = ManagedProcess(process, context, self.processes)
                await self._supervisor.supervise(part)
            await self._wait_ready()

    def _hold(self) -> None:
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
        await self._supervisor.stop()
        gateway = [part for part in self.parts.values() if part.process.is_gateway]
        services = [part for part in self.parts.values() if not part.process.is_gateway]
        groups: list[Sequence[Supervised]] = [gateway, services, *([server] for server in self._servers())]
        for group in groups:
            stops = [supervised.stop() for supervised in group]
            for outcome in await asyncio.gather(*stops, return_exceptions=True):
                if isinstance(outcome, BaseException):  # the others are stopped all the same
                    self.progress.warn(f"While stopping: {outcome!r}")
        await self._forks.stop()
        self._held.close()

    def kill(self) -> None:
        """No more waiting for anybody; `stop` then finds them dead."""
        for supervised in (*self.parts.values(), *self._servers()):
            kill(supervised.child.family())

    def _servers(self) -> list[Nats | Postgres]:
        """Those that are our own, in the order in which they are stopped."""
        return [server for server in (self.nats, self.postgres) if server is not None]

    async def _start_database(self, secrets: Secrets) -> dict[str, str]:
        """URLs by role."""
        admin_url = self.environment.get("OTKLIK_DATABASE_URL")
        if admin_url:
            server = parse_url(admin_url)[0]
        else:
            self.postgres = Postgres(self.home, secrets)
            with self.progress.step("Starting Postgres"):
                await self._supervisor.supervise(self.postgres, is_server=True)
            admin_url, server = self.postgres.admin_url, self.postgres.server
        with self.progress.step("Preparing the database"):
            await prepare_database(admin_url, secrets, server.database)
            migrated = [process.service for process in self.processes if process.migration]
            self._up_to_date = await parts_up_to_date(admin_url, migrated, PROJECT)
        return {role: server.url(role, secrets.database[role], driver=DRIVER) for role in DATABASE_ROLES[1:]}

    async def _start_nats(self, secrets: Secrets) -> dict[str, str]:
        """URLs by user."""
        if given := self.environment.get("OTKLIK_NATS_URL"):
            await self._check_given_nats(given)
            return dict.fromkeys(SERVICES, given)
        self.nats = Nats(self.home, secrets)
        with self.progress.step("Starting NATS"):
            await self._supervisor.supervise(self.nats, is_server=True)
        return {user: self.nats.url(user) for user in SERVICES}

    async def _check_given_nats(self, url: str) -> None:
        await require_nats(url)
        if monitor := self.environment.get("OTKLIK_NATS_MONITOR_URL"):
            await require_synced(monitor)
        else:
            self.progress.warn("Without OTKLIK_NATS_MONITOR_URL nobody checks that NATS syncs its store.")

    async def _migrate(self, context: LaunchContext) -> None:
        migrations = [
            context.migration_of(process, self.processes)
            for process in self.processes
            if process.migration and process.service not in self._up_to_date
        ]
        if not migrations:
            return
        with self.progress.step("Bringing the tables up to date"):
            await self._forks.imported(self._forks.of_migrations)
            await run_migrations(migrations, STOP_GRACE)

    def _record_exit(self, name: str, code: int) -> None:
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        self.progress.warn(f"{name} {how}; starting it again. Log: {self.home.log_file(name)}")
        if self._is_ready:
            return
        self._exits[name] += 1
        if self._exits[name] >= CRASHES_BEFORE_READY:
            tail = self.parts[name].child.log_tail() if name in self.parts else ""
            self._failure = StartError(f"{name} does not start; it {how} each time.\n{tail}")

    async def _wait_ready(self) -> None:
        deadline = time.monotonic() + READY_LIMIT
        reported: set[str] = set()
        while True:
            status, body = await http_get(self._own_host, self.port, "/health/ready")
            if status == 200 or (self.hold and only_held(body)):
                return
            wrong = wrong_keys(body)
            if wrong:
                deadline = math.inf  # stays up and reports why: ending would only have it started again
            for reason in (reason for reason in wrong if reason not in reported):
                self.progress.warn(f"NOT ready. {reason}")
            reported.update(wrong)
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
    work = asyncio.create_task(_work(runtime, on_ready))

    def stop_or_kill() -> None:
        if work.cancelling():
            runtime.kill()
        else:
            work.cancel()

    with on_stop_signals(stop_or_kill), suppress(asyncio.CancelledError):
        await work


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
