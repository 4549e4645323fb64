"""The list of faults under load, with an outside ledger: everything is back by itself, and nothing stands still.

After each fault, within `BACK_SECONDS`: the system says that it is ready, every appeal that was acknowledged is assigned
and has a deadline, nobody was answered 500, none is lost and none is doubled. Two faults of the list stand elsewhere:
a wrong key and the restoring of a dump into a new cluster have their own tests, kill -9 is in `test_kill_nine.py`.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event

import asyncpg
import psutil
import pytest

from chassis.db import create_engine, create_sessions
from gateway.settings import GatewaySettings
from gateway.tokens.issuing import Rights, issue_token
from gateway.tokens.keys import KeyRing, load_keys
from gateway.tokens.vault import Vault
from harness import system as systems
from harness.system import System
from infra.local.credentials import load_or_create_secrets
from infra.local.database import DRIVER, Server
from infra.local.paths import Home
from infra.local.postgres import DEFAULT_PORT
from tests.chaos.eyes import Eyes
from tests.chaos.ledger import Ledger
from tests.chaos.test_kill_nine import assert_nothing_lost_or_doubled, query, wait_drained
from tests.chaos.volumes import Volume, volume
from tests.conftest import FULL, size

BACK_SECONDS = 60
PARTS = ("intake", "intake-work", "routing", "sla", "analytics", "gateway", "nats-server", "postgres")
DATA, BROKER, LOGS = "data", "nats", "log"
FULL_SECONDS = size(4, 20)
STOPPED_SECONDS = 30
PAUSE = 1.0  # between two posts of one of the ledger's workers

STANDING_STILL = """
SELECT a.id::text FROM intake.appeal a
WHERE NOT EXISTS (SELECT FROM routing.assignment s WHERE s.appeal_id = a.id)
   OR NOT EXISTS (SELECT FROM sla.clock c WHERE c.appeal_id = a.id AND c.due_at IS NOT NULL)
"""


@dataclass
class Scene:
    """A running system on file systems of its own, and what it acknowledged so far."""

    system: System
    volumes: dict[str, Volume]
    tracking_code: str = ""
    ledgers: list[Ledger] = field(default_factory=list)

    def suffer(self, name: str, harm: Callable[[], None]) -> dict[str, object]:
        """Do harm while clients post and read; figures of how it went, when everything is as it should be."""
        ledger, over = Ledger(name), Event()
        self.ledgers.append(ledger)
        eyes = Eyes(self.system, self.tracking_code)

        harmed: list[float] = []

        def story() -> float:
            try:
                time.sleep(0.5)
                harmed.append(time.monotonic())
                harm()
                harmed.append(time.monotonic())
                return self._wait_until_back(ledger)
            finally:
                over.set()

        async def play() -> float:
            posting = ledger.post_until(self.system.account("portal"), over, PAUSE)
            looking = asyncio.to_thread(eyes.look_until, over)
            _, _, back = await asyncio.gather(posting, looking, asyncio.to_thread(story))
            return back

        back_after = asyncio.run(play())
        assert ledger.refused == []
        assert eyes.broken == []
        assert len(ledger.acknowledged) > 0
        self._wait_until_nothing_stands_still(ledger)
        statuses = {str(status): count for status, count in sorted(eyes.statuses.items())}
        return {
            "fault": name,
            "back_after_seconds": round(back_after, 1),
            "acknowledged": len(ledger.acknowledged),
            "attempts": ledger.attempts,
            "statuses": statuses,
            "reasons": sorted(
                {said for at, said in (*eyes.reasons, *ledger.reasons) if harmed[0] + 0.5 < at < harmed[1]}
            ),
        }

    def _wait_until_back(self, ledger: Ledger) -> float:
        """Ready, and what was acknowledged until now goes through."""
        began = time.monotonic()
        known = {answer["id"] for answer in list(ledger.acknowledged.values())}
        while not (self.system.is_ready() and not known & self._standing_still()):
            waited = time.monotonic() - began
            if waited > BACK_SECONDS:
                detail = self.system.http.get("/health/ready").text
                pytest.fail(f"not back after {waited:.0f} s: {detail}\n{self.system.tail('up')}")
            time.sleep(0.2)
        return time.monotonic() - began

    def _wait_until_nothing_stands_still(self, ledger: Ledger) -> None:
        deadline = time.monotonic() + BACK_SECONDS
        known = {answer["id"] for answer in ledger.acknowledged.values()}
        while still := known & self._standing_still():
            assert time.monotonic() < deadline, f"{len(still)} of {len(known)} appeals stand still"
            time.sleep(0.2)

    def _standing_still(self) -> set[str]:
        try:
            return {row["id"] for row in asyncio.run(query(self.system, STANDING_STILL))}
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return {answer["id"] for ledger in self.ledgers for answer in ledger.acknowledged.values()} | {
                "?"
            }


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One home whose data, broker and logs each lie on a small file system of their own."""
    home = tmp_path_factory.mktemp("f") / "h"
    with ExitStack() as mounted:
        volumes = {
            DATA: mounted.enter_context(volume(home, 900)),
            BROKER: mounted.enter_context(volume(home / "nats", 300)),
            LOGS: mounted.enter_context(volume(home / "log", 60)),
        }
        system = systems.start(home, systems.free_port())
        mounted.callback(systems.stop, system)
        made = Scene(system, volumes)
        first = Ledger("first")
        asyncio.run(first.post_all(system.account("portal"), 4))
        made.ledgers.append(first)
        made.tracking_code = next(iter(first.acknowledged.values()))["tracking_code"]
        yield made


def fill(volumes: Sequence[Volume], seconds: float) -> None:
    """No room for so long."""
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            for each in volumes:
                each.fill()
            time.sleep(0.2)
    finally:
        for each in volumes:
            each.empty()


@pytest.mark.parametrize(
    "full", [(DATA,), (LOGS,), (BROKER,), (DATA, BROKER, LOGS)] if FULL else [(DATA, BROKER, LOGS)]
)
def test_a_full_disk(scene: Scene, full: tuple[str, ...], proof: Callable[..., None]) -> None:
    """Whoever handles an error by logging it lives on when the log's disk is full too."""
    figures = scene.suffer(
        f"full-{'-'.join(full)}", lambda: fill([scene.volumes[name] for name in full], FULL_SECONDS)
    )
    if DATA in full:
        assert set(figures["reasons"]) <= {"The database's disk is full."}, "the reason said is the true one"  # type: ignore[call-overload]
    proof(**figures, full_seconds=FULL_SECONDS)


def stop_for_a_while(processes: Sequence[psutil.Process]) -> None:
    """SIGSTOP; SIGCONT after 30 s for those who are still there."""
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    deadline = time.monotonic() + STOPPED_SECONDS
    while any(systems.lives(process) for process in processes) and time.monotonic() < deadline:
        time.sleep(0.1)
    for process in processes:
        if systems.lives(process):
            process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    "stopped", [(part,) for part in PARTS] if FULL else [("intake-work", "routing", "nats-server")]
)
def test_what_hangs(scene: Scene, stopped: tuple[str, ...], proof: Callable[..., None]) -> None:
    """A process that has been stopped holds its connections, its locks and its turn: it is ended and started again."""
    processes = [scene.system.process_of(part) for part in stopped]
    figures = scene.suffer(f"stop-{'-'.join(stopped)}", lambda: stop_for_a_while(processes))
    proof(**figures)


def test_a_whole_postgres_hangs(scene: Scene, proof: Callable[..., None]) -> None:
    """The postmaster and every backend at once: those who wait in the middle of a statement are let go."""
    master = scene.system.process_of("postgres")
    figures = scene.suffer("stop-all-of-postgres", lambda: stop_for_a_while([master, *master.children()]))
    proof(**figures)


def test_postgres_and_nats_restart_under_load(scene: Scene, proof: Callable[..., None]) -> None:
    """An operator's restart: asked to end, they end and come back, and readers are told to come again, never 500."""

    def restart() -> None:
        for _ in range(size(2, 5)):
            for part in ("postgres", "nats-server"):
                process = await_process(scene.system, part)
                process.send_signal(signal.SIGINT)
                psutil.wait_procs([process], timeout=30)

    proof(**scene.suffer("restarts", restart))


def await_process(system: System, part: str) -> psutil.Process:
    """The process of a part that may just be being started again."""
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        try:
            return system.process_of(part)
        except LookupError:
            assert time.monotonic() < deadline, f"{part} does not come back"
            time.sleep(0.05)


async def token_of(system: System, issued: datetime) -> str:
    """A portal's token as a gateway would sign it whose clock shows `issued`."""
    home = Home.at(system.home)
    secrets = load_or_create_secrets(home)
    server = Server(host=str(home.postgres_socket), port=DEFAULT_PORT)
    engine = create_engine(server.url("gateway", secrets.database["gateway"], driver=DRIVER), 1)
    try:
        async with create_sessions(engine)() as session:
            ring = KeyRing()
            ring.keys = await load_keys(session, Vault(secrets.encryption_key))
    finally:
        await engine.dispose()
    rights = Rights(system.credentials["portal"]["client_id"], "portal", ["46"])
    return issue_token(ring, GatewaySettings(), issued, rights)


@pytest.mark.parametrize("seconds", [-2, 2])
def test_clocks_that_differ_by_two_seconds(scene: Scene, seconds: int, proof: Callable[..., None]) -> None:
    """A token of a clock that goes before or after is a token; gateway and service take it alike."""
    token = asyncio.run(token_of(scene.system, datetime.now(UTC) + timedelta(seconds=seconds)))
    ledger = Ledger(f"clock{seconds:+d}")
    scene.ledgers.append(ledger)
    account = scene.system.account("portal")
    account._token, account._until = token, time.monotonic() + 60
    asyncio.run(ledger.post_all(account, 5))
    assert ledger.refused == []
    assert ledger.troubles == 0
    received = [datetime.fromisoformat(answer["received_at"]) for answer in ledger.acknowledged.values()]
    assert all(abs(datetime.now(UTC) - at) < timedelta(seconds=60) for at in received)
    proof(fault="clock", seconds=seconds, acknowledged=len(ledger.acknowledged))


def test_nothing_was_lost_or_doubled_by_all_of_this(scene: Scene, proof: Callable[..., None]) -> None:
    """Jepsen's sets over everything that was acknowledged from the first fault to the last."""
    wait_drained(scene.system)
    proof(**assert_nothing_lost_or_doubled(scene.system, *scene.ledgers))
