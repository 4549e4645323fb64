"""The embedded runtime with its real servers: starts, isolation, crashes, and nothing left behind.

`tmp_path` lies below a folder of mode 0700, so that these tests also show Postgres running below a closed folder.
"""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import nats
import nats.errors
import psutil
import pytest

from infra.local import identity as identity_module
from infra.local import supervisor as supervisor_module
from infra.local.child import LAUNCHER
from infra.local.credentials import load_or_create_secrets
from infra.local.database import prepare_database
from infra.local.embedded import EmbeddedServers, embedded_servers
from infra.local.errors import StartError
from infra.local.identity import Identity
from infra.local.leftovers import MARK, end_leftovers
from infra.local.nats import require_sync_always
from infra.local.paths import Home
from infra.local.ports import free_port
from infra.local.postgres import Postgres
from infra.local.probe import http_get
from infra.local.processes import PROCESSES, PROJECT, Process, Surroundings
from infra.local.supervisor import run

PYTHON = sys.executable


def wait_until(condition: Callable[[], bool], seconds: float = 30.0, what: str = "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what or condition}")
        time.sleep(0.02)


def processes_of(home: Path) -> list[psutil.Process]:
    """Everything alive that belongs to a home: by its mark, its command line, or its working folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [process.environ().get(MARK, ""), process.cwd(), *process.cmdline()]
        except (psutil.Error, OSError):
            continue
        if any(trace == str(home) or trace.startswith(f"{home}/") for trace in traces):
            found.append(process)
    return found


def query(servers: EmbeddedServers, statement: str, role: str = "postgres") -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(servers.database_url(role, driver="postgresql"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServers]:
    home = tmp_path_factory.mktemp("shared") / "home"
    with embedded_servers(home) as started:
        yield started
    assert processes_of(home) == []


# --- Postgres


def test_service_role_works_in_its_own_schema_only(servers: EmbeddedServers) -> None:
    query(
        servers, "CREATE TABLE intake.own (id bigint GENERATED ALWAYS AS IDENTITY, word text)", "intake_owner"
    )
    assert query(servers, "INSERT INTO own (word) VALUES ('слово') RETURNING id", "intake") == 1
    assert query(servers, "SELECT upper(word) FROM intake.own", "intake") == "СЛОВО"
    for statement, role in [
        ("SELECT * FROM intake.own", "routing"),
        ("SELECT * FROM intake.own", "routing_owner"),
        ("CREATE TABLE intake.more (id int)", "intake"),
        ("ALTER TABLE intake.own ADD more int", "intake"),
        ("CREATE TABLE public.more (id int)", "intake_owner"),
        ("CREATE TABLE routing.more (id int)", "intake_owner"),
        ("SET ROLE intake_owner", "intake"),
    ]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            query(servers, statement, role)


def test_no_role_may_pass_row_security(servers: EmbeddedServers) -> None:
    powerful = "SELECT count(*) FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND rolname <> 'postgres'"
    assert query(servers, powerful) == query(servers, powerful + " AND rolname LIKE 'pg\\_%'")


def test_wrong_password_is_refused(servers: EmbeddedServers) -> None:
    url = servers.postgres.server.url("intake", "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(url))


def test_an_administrator_who_is_no_superuser_can_prepare_the_database(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    secrets = load_or_create_secrets(home)

    async def check() -> None:
        postgres = Postgres(home, secrets)
        await postgres.start()
        try:
            connection = await asyncpg.connect(postgres.admin_url)
            await connection.execute("CREATE ROLE helper LOGIN CREATEROLE CREATEDB PASSWORD 'x'")
            await connection.close()
            url = postgres.server.url("helper", "x", driver="postgresql+asyncpg")
            for _ in range(2):
                await prepare_database(url, secrets)
            own = await asyncpg.connect(postgres.server.url("sla_owner", secrets.database["sla_owner"]))
            await own.execute("CREATE TABLE sla.own (id int)")
            await own.close()
            service = await asyncpg.connect(postgres.server.url("sla", secrets.database["sla"]))
            assert await service.fetchval("SELECT count(*) FROM own") == 0
            await service.close()
        finally:
            await postgres.stop()

    asyncio.run(check())


def test_killed_postgres_comes_back_with_its_rows(tmp_path: Path) -> None:
    with embedded_servers(tmp_path / "home") as own:
        query(own, "CREATE TABLE sla.kept AS SELECT generate_series(1, 1000) AS n", "sla_owner")
        first = own.postgres_pid
        own.kill_postgres()
        with pytest.raises(OSError):
            query(own, "SELECT 1")
        own.start_postgres()
        assert own.postgres_pid != first
        assert query(own, "SELECT count(*) FROM kept", "sla") == 1000

        own.kill_nats()
        own.start_nats()
        assert asyncio.run(http_get("127.0.0.1", own.nats.monitor_port, "/healthz"))[0] == 200
    assert processes_of(tmp_path / "home") == []


EMBEDS = """
import sys, time
from infra.local.embedded import embedded_servers
with embedded_servers(sys.argv[1]):
    print("started", flush=True)
    time.sleep(3600)
"""


def test_nothing_outlives_a_killed_embedding_process(tmp_path: Path) -> None:
    home = tmp_path / "home"
    embedding = subprocess.Popen([PYTHON, "-c", EMBEDS, str(home)], cwd=PROJECT, stdout=subprocess.PIPE)
    assert embedding.stdout is not None
    assert embedding.stdout.readline() == b"started\n"
    assert len(processes_of(home)) > 5
    embedding.kill()
    embedding.wait()
    embedding.stdout.close()
    wait_until(lambda: processes_of(home) == [], 30, "all of them ended by themselves")
    assert not (home / "postgres" / "postmaster.pid").exists()  # an orderly end, no crash


def test_postgres_starts_although_its_old_number_belongs_to_a_stranger(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    with embedded_servers(home.root) as own:
        own.kill_postgres()
        pid_file = home.postgres / "postmaster.pid"
        lines = pid_file.read_text().splitlines()
        # One whom Postgres could signal: it would take that for a running Postgres and refuse.
        pid_file.write_text("\n".join([str(own.nats_pid), *lines[1:]]) + "\n")
        own.start_postgres()
        assert query(own, "SELECT 1") == 1


# --- NATS


async def refusals(servers: EmbeddedServers, user: str, subjects: list[str], expected: int) -> list[str]:
    """What the server refuses of these publications. It answers in order, so a refusal comes before the flush's end."""
    problems: list[str] = []

    async def on_error(error: Exception) -> None:
        problems.append(str(error).lower())

    client = await nats.connect(servers.nats_url(user), inbox_prefix=f"_INBOX_{user}", error_cb=on_error)
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


def test_nats_user_publishes_its_own_subjects_only(servers: EmbeddedServers) -> None:
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
    assert asyncio.run(refusals(servers, "intake", allowed, expected=0)) == []
    refused = asyncio.run(refusals(servers, "intake", foreign, expected=len(foreign)))
    assert all(subject.lower() in " ".join(refused) for subject in foreign)
    assert asyncio.run(refusals(servers, "admin", foreign[:2], expected=0)) == []


def test_stream_consumer_and_acknowledgement_work_under_the_permissions(servers: EmbeddedServers) -> None:
    async def check() -> None:
        publisher = await nats.connect(servers.nats_url("sla"), inbox_prefix="_INBOX_sla")
        reader = await nats.connect(servers.nats_url("analytics"), inbox_prefix="_INBOX_analytics")
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


def test_nobody_listens_at_anothers_inbox(servers: EmbeddedServers) -> None:
    async def check() -> None:
        problems: list[Exception] = []

        async def on_error(error: Exception) -> None:
            problems.append(error)

        client = await nats.connect(servers.nats_url("routing"), error_cb=on_error)
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


# --- The home


def test_servers_do_not_run_as_root_and_files_are_private(servers: EmbeddedServers) -> None:
    home = servers.home
    for pid in (servers.postgres_pid, servers.nats_pid):
        assert psutil.Process(pid).uids().real != 0
    for private in (home.secrets_file, home.nats / "nats.conf", home.postgres / "postgresql.conf"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600, private
    logs = "".join(file.read_text() for file in home.log.iterdir())
    assert not any(password in logs for password in servers.secrets.database.values())


def test_two_homes_run_side_by_side(servers: EmbeddedServers, tmp_path: Path) -> None:
    with embedded_servers(tmp_path / "other") as other:
        query(other, "CREATE TABLE sla.only_here (id int)", "sla_owner")
        assert query(servers, "SELECT to_regclass('sla.only_here')") is None
        assert other.nats_url("sla") != servers.nats_url("sla")
        assert other.secrets != servers.secrets


def test_second_start_on_the_same_home_is_refused(servers: EmbeddedServers) -> None:
    second = embedded_servers(servers.home.root)
    with pytest.raises(StartError, match=f"in use by a running otklik .process {os.getpid()}"):
        second.__enter__()
    assert query(servers, "SELECT 1") == 1


def test_a_path_too_long_for_sockets_falls_back_to_loopback_ports(tmp_path: Path) -> None:
    home = tmp_path / ("long" * 20) / "home"
    with embedded_servers(home) as own:
        assert not own.home.has_sockets
        assert own.home.address("intake").startswith("127.0.0.1:")
        assert own.postgres.server.host == "127.0.0.1"
        own.restart_postgres()
        assert query(own, "SELECT current_user", "gateway") == "gateway"


def test_lost_secrets_are_not_replaced_while_there_is_data(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    first = load_or_create_secrets(home)
    assert load_or_create_secrets(home) == first
    home.postgres.mkdir()
    home.secrets_file.unlink()
    with pytest.raises(StartError, match="Restore it from a backup"):
        load_or_create_secrets(home)


def test_secrets_of_an_older_version_are_completed_not_replaced(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    first = load_or_create_secrets(home)
    older = json.loads(home.secrets_file.read_text())
    del older["cursor_key"], older["nats"]["admin"]
    home.secrets_file.write_text(json.dumps(older))
    completed = load_or_create_secrets(home)
    assert completed.encryption_key == first.encryption_key
    assert completed.cursor_key
    assert completed.nats["admin"]
    assert load_or_create_secrets(home) == completed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")
def test_a_machine_without_the_capability_gives_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(identity_module, "held_capabilities", lambda: 0)
    with pytest.raises(StartError, match="Choose a --home"):
        Identity(65534, 65534).capability_to_reach([closed / "data"])
    assert Identity(65534, 65534).capability_to_reach([Path("/usr/bin/env")]) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another user")
def test_the_launcher_gives_up_every_right_but_one(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").touch(mode=0o600)
    look = f"import os; print(os.getuid(), os.access({str(closed / 'file')!r}, os.R_OK)); " + (
        "print(*[line for line in open('/proc/self/status') if line[:6] in ('CapEff', 'CapPrm', 'CapAmb', 'NoNewP')])"
    )
    options = [f"parent={os.getpid()}", "death_signal=9", "uid=65534", "gid=65534", "capability=2", "nice=3"]
    command = [PYTHON, "-I", "-S", str(LAUNCHER), *options, "--", PYTHON, "-I", "-S", "-c", look]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert words[:2] == ["65534", "True"]  # access(2) too, which Postgres asks about its own binary
    assert words[2::2] == ["CapPrm:", "CapEff:", "CapAmb:", "NoNewPrivs:"]
    assert words[3::2] == ["0000000000000004"] * 3 + ["1"]


def test_each_process_gets_its_own_secrets_only(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "h")
    secrets = load_or_create_secrets(home)
    surroundings = Surroundings(
        home=home,
        secrets=secrets,
        listen="127.0.0.1:8080",
        database_urls={role: f"url of {role}" for role in secrets.database},
        nats_urls={user: f"url of {user}" for user in secrets.nats},
        inherited={
            "PATH": "/bin",
            "OTKLIK_DATABASE_URL": "admin",
            "OTKLIK_ENCRYPTION_KEY": "k",
            "OTKLIK_X": "1",
        },
    )
    given = {process.part: surroundings.of(process, PROCESSES) for process in PROCESSES}
    holders = {part for part, it in given.items() if "OTKLIK_ENCRYPTION_KEY" in it}
    assert holders == {"intake", "intake-work", "gateway"}
    assert {part for part, it in given.items() if "OTKLIK_BOOTSTRAP_ADMIN_SECRET" in it} == {"gateway"}
    for part, it in given.items():
        assert it["OTKLIK_DATABASE_URL"] == f"url of {part.removesuffix('-work')}"
    assert given["gateway"]["OTKLIK_UPSTREAM_INTAKE_WORK"] == given["intake-work"]["OTKLIK_LISTEN"]
    assert given["gateway"]["OTKLIK_UPSTREAM_SLA"] == given["sla"]["OTKLIK_LISTEN"]
    assert given["sla"]["OTKLIK_JWKS_URL"] == given["gateway"]["OTKLIK_INTERNAL_LISTEN"]
    assert "OTKLIK_NATS_URL" not in given["gateway"]
    assert given["sla"]["OTKLIK_X"] == "1"
    migration = surroundings.of_migration(PROCESSES[0], PROCESSES)
    assert migration["OTKLIK_DATABASE_URL"] == "url of intake_owner"


# --- The supervisor, with stand-ins for services and gateway

WAITS = "import time; time.sleep(3600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"
CONNECTS = """
import asyncio, asyncpg, nats, os, time
async def main():
    url = os.environ["OTKLIK_DATABASE_URL"].replace("+asyncpg", "")
    await (await asyncpg.connect(url)).execute("SELECT 1")
    await (await nats.connect(os.environ["OTKLIK_NATS_URL"], inbox_prefix=os.environ["OTKLIK_NATS_INBOX_PREFIX"])).flush()
    print("connected", flush=True)
asyncio.run(main())
time.sleep(3600)
"""
MIGRATES = """
import asyncio, asyncpg, os
async def main():
    connection = await asyncpg.connect(os.environ["OTKLIK_DATABASE_URL"].replace("+asyncpg", ""))
    await connection.execute("CREATE TABLE IF NOT EXISTS intake.migrated (id int)")
asyncio.run(main())
"""


def stand_ins(directory: Path, port: int, stubborn: bool) -> tuple[Process, ...]:
    (directory / "health").mkdir(parents=True, exist_ok=True)
    (directory / "health" / "ready").touch()
    serve = (
        "-m",
        "http.server",
        str(port),
        "--bind",
        "127.0.0.1",
        "--directory",
        str(directory),
        "gateway.main",
    )
    return (
        Process("intake", (PYTHON, "-c", CONNECTS, "services.intake.main"), (PYTHON, "-c", MIGRATES)),
        Process("sla", (PYTHON, "-c", WAITS, "services.sla.main"), niceness=5),
        Process("routing", (PYTHON, "-c", STUBBORN if stubborn else WAITS, "services.routing.main")),
        Process("gateway", (PYTHON, *serve[:-1])),
    )


HOST_SCRIPT = """
import asyncio, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from rich.console import Console
from infra.local.supervisor import run
from test_local_runtime import stand_ins
home, port, pages = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
asyncio.run(run(home, port, processes=stand_ins(pages, port, bool(sys.argv[4])), console=Console()))
"""


class Up:
    """`otklik up` as a process of its own, so that it can be signalled and killed."""

    def __init__(self, tmp_path: Path, stubborn: str = "", **environment: str) -> None:
        self.home = tmp_path / "h"
        self.port = free_port()
        script = HOST_SCRIPT.format(tests=str(Path(__file__).parent))
        self.output = tmp_path / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [PYTHON, "-c", script, str(self.home), str(self.port), str(tmp_path / "pages"), stubborn],
                cwd=PROJECT,
                env=os.environ | environment,
                stdout=output,
                stderr=output,
            )

    def says(self, what: str) -> bool:
        return what in self.output.read_text()

    def until_ready(self) -> "Up":
        def ready() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return self.says("Otklik is ready")

        wait_until(ready, 60, "ready")
        return self

    def child(self, word: str) -> psutil.Process | None:
        for process in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if word in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                    return process
            except psutil.NoSuchProcess:
                continue
        return None

    def pid_of(self, word: str) -> int:
        child = self.child(word)
        return child.pid if child else 0

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        wait_until(lambda: processes_of(self.home) == [], 30, "everything ended")


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    started = Up(tmp_path)
    try:
        yield started.until_ready()
    finally:
        started.end()


def test_supervisor_starts_restarts_and_stops_everything(up: Up) -> None:
    wait_until(lambda: "connected" in (up.home / "log" / "intake.log").read_text(), 30, "intake connected")
    sla = up.child("services.sla.main")
    assert sla is not None
    assert sla.nice() == psutil.Process(up.process.pid).nice() + 5
    addresses = json.loads((up.home / "run" / "addresses.json").read_text())
    assert addresses["url"] == f"http://127.0.0.1:{up.port}"
    assert addresses["pid"] == up.process.pid

    for word in ("services.sla.main", "http.server", "nats-server", "bin/postgres"):
        before = up.pid_of(word)
        os.kill(before, signal.SIGKILL)
        wait_until(lambda word=word, before=before: up.pid_of(word) not in (0, before), 30, f"{word} again")  # type: ignore[misc]
    wait_until(lambda: up.child("postgres: checkpointer") is not None, 30, "Postgres serves again")

    # Everybody who is there descends from `up`.
    descendants = {process.pid for process in psutil.Process(up.process.pid).children(recursive=True)}
    assert {process.pid for process in processes_of(up.home)} - {up.process.pid} <= descendants

    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(30) == 0, up.output.read_text()
    assert processes_of(up.home) == []
    assert not (up.home / "run" / "addresses.json").exists()
    # Nothing was cut off: Postgres had time for its last checkpoint.
    assert not (up.home / "postgres" / "postmaster.pid").exists()


def test_nothing_outlives_a_killed_supervisor_and_the_next_one_starts(up: Up, tmp_path: Path) -> None:
    assert len(processes_of(up.home)) > 5
    up.process.kill()
    up.process.wait()
    second = Up(tmp_path)  # at once, while leftovers may still be ending
    try:
        second.until_ready()
        assert second.child("services.sla.main") is not None
    finally:
        second.process.send_signal(signal.SIGINT)
        assert second.process.wait(30) == 0
    assert processes_of(up.home) == []


def test_given_servers_are_used_and_a_second_signal_kills_at_once(tmp_path: Path) -> None:
    with embedded_servers(tmp_path / "servers") as given:
        up = Up(
            tmp_path,
            stubborn="yes",
            OTKLIK_DATABASE_URL=given.database_url(),
            OTKLIK_NATS_URL=given.nats_url(),
            OTKLIK_NATS_MONITOR_URL=given.nats_monitor_url,
        )
        try:
            up.until_ready()
            wait_until(
                lambda: "connected" in (up.home / "log" / "intake.log").read_text(), 30, "intake connected"
            )
            assert up.child("nats-server") is None
            assert up.child("bin/postgres") is None
            assert query(given, "SELECT to_regclass('intake.migrated')::text") == "intake.migrated"
            up.process.send_signal(signal.SIGTERM)
            wait_until(lambda: up.says("Stopping"), 30, "stopping")
            assert up.child("services.routing.main") is not None  # it ignores SIGTERM
            up.process.send_signal(signal.SIGTERM)
            assert up.process.wait(30) == 0
            assert processes_of(up.home) == []
        finally:
            up.end()


def test_a_leftover_that_will_not_end_is_killed_by_the_next_start(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    stubborn = subprocess.Popen([PYTHON, "-c", STUBBORN], env={MARK: str(home.root)})
    stranger = subprocess.Popen([PYTHON, "-c", STUBBORN], env={MARK: str(home.root) + "-of-another"})
    try:
        asyncio.run(end_leftovers(home, patience=0.2))
        assert stubborn.wait(5) == -signal.SIGKILL
        assert stranger.poll() is None
    finally:
        for process in (stubborn, stranger):
            process.kill()
            process.wait()


def test_a_process_that_never_starts_ends_the_start_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "CRASHES_BEFORE_READY", 2)
    broken = (Process("intake", (PYTHON, "-c", "raise SystemExit('no such table')", "services.intake.main")),)
    with pytest.raises(StartError, match="no such table"):
        asyncio.run(run(tmp_path / "h", free_port(), processes=broken))
    assert processes_of(tmp_path / "h") == []


def test_a_failed_migration_and_a_taken_port_are_told(tmp_path: Path) -> None:
    broken = (
        Process("sla", (PYTHON, "-c", WAITS), migration=(PYTHON, "-c", "raise SystemExit('bad revision')")),
    )
    with pytest.raises(StartError, match="bad revision"):
        asyncio.run(run(tmp_path / "h", free_port(), processes=broken))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(StartError, match="--port"):
            asyncio.run(run(tmp_path / "h", taken.getsockname()[1], processes=()))
    assert processes_of(tmp_path / "h") == []
