"""The supervisor, with stand-ins for services and gateway: starts, restarts, stops, leaves nothing behind."""

import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.local import runtime as runtime_module
from infra.local.embedded import embedded_servers
from infra.local.errors import StartError
from infra.local.files import remove_tree
from infra.local.orphans import MARK, end_orphans
from infra.local.paths import Home
from infra.local.ports import free_port
from infra.local.processes import PROJECT, Process
from infra.local.runtime import run
from tests.infra.watching import PYTHON, processes_of, query, wait_until

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
from infra.local.runtime import run
from test_supervisor import stand_ins
home, port, pages = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
asyncio.run(run(home, port, processes=stand_ins(pages, port, bool(sys.argv[4])), console=Console()))
"""


class Up:
    """`otklik up` as a process of its own, so that it can be signalled and killed."""

    def __init__(
        self, tmp_path: Path, stubborn: str = "", tells: Path | None = None, **environment: str
    ) -> None:
        self.home = tmp_path / "h"
        self.port = free_port()
        script = HOST_SCRIPT.format(tests=str(Path(__file__).parent))
        self.output = tells or tmp_path / "output"
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

    def kill_part(self, word: str) -> int:
        """kill -9 of a part, once it is there; its pid. To the system, pid 0 is whoever runs the tests."""
        wait_until(lambda: self.pid_of(word) != 0, 30, f"{word} is there")
        child = self.child(word)
        assert child is not None
        child.kill()
        return child.pid

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


def strays_of(up: Up) -> set[int]:
    """Who belongs to the home and descends from nobody there; Postgres begins and ends processes all the time."""
    there = {process.pid for process in processes_of(up.home)} - {up.process.pid}
    descendants = {process.pid for process in psutil.Process(up.process.pid).children(recursive=True)}
    return {pid for pid in there - descendants if psutil.pid_exists(pid)}


def test_supervisor_starts_restarts_and_stops_everything(up: Up) -> None:
    wait_until(lambda: "connected" in (up.home / "log" / "intake.log").read_text(), 30, "intake connected")
    sla = up.child("services.sla.main")
    assert sla is not None
    assert sla.nice() == psutil.Process(up.process.pid).nice() + 5
    addresses = json.loads((up.home / "run" / "addresses.json").read_text())
    assert addresses["url"] == f"http://127.0.0.1:{up.port}"
    assert addresses["pid"] == up.process.pid

    for word in ("services.sla.main", "http.server", "nats-server", "bin/postgres"):
        before = up.kill_part(word)
        wait_until(lambda word=word, before=before: up.pid_of(word) not in (0, before), 30, f"{word} again")  # type: ignore[misc]
    wait_until(lambda: up.child("postgres: checkpointer") is not None, 30, "Postgres serves again")

    # Everybody who is there descends from `up`.
    wait_until(lambda: strays_of(up) == set(), 10, "nobody but descendants")

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


def test_a_supervisor_that_cannot_say_anything_goes_on(tmp_path: Path) -> None:
    """Its words go to a full disk and its parts' logs cannot be opened: what dies is started again all the same."""
    up = Up(tmp_path, tells=Path("/dev/full"))
    try:
        wait_until((up.home / "run" / "addresses.json").exists, 60, "ready")
        remove_tree(up.home / "log")
        for _ in range(4):  # however often
            before = up.kill_part("services.sla.main")
            wait_until(lambda before=before: up.pid_of("services.sla.main") not in (0, before), 6, "again")  # type: ignore[misc]
    finally:
        up.end()


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


def ignores_sigterm(process: subprocess.Popen[bytes]) -> bool:
    status = Path(f"/proc/{process.pid}/status").read_text()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn:"))
    return bool(int(ignored.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_a_leftover_that_will_not_end_is_killed_by_the_next_start(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    stubborn = subprocess.Popen([PYTHON, "-c", STUBBORN], env={MARK: str(home.root)})
    stranger = subprocess.Popen([PYTHON, "-c", STUBBORN], env={MARK: str(home.root) + "-of-another"})
    try:
        wait_until(lambda: ignores_sigterm(stubborn), 30, "it ignores SIGTERM")
        asyncio.run(end_orphans(home, patience=0.2))
        assert stubborn.wait(5) == -signal.SIGKILL
        assert stranger.poll() is None
    finally:
        for process in (stubborn, stranger):
            process.kill()
            process.wait()


def test_a_process_that_never_starts_ends_the_start_with_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_module, "CRASHES_BEFORE_READY", 2)
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
