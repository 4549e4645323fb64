"""kill -9 of every part in turn and of everything at once: nothing acknowledged is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import psutil
import pytest

from harness import system as systems
from harness.system import System
from infra.local.credentials import load_or_create_secrets
from infra.local.files import remove_tree
from infra.local.paths import Home
from tests.chaos.ledger import Ledger, register_of
from tests.conftest import size
from tests.journeys.test_replaying_a_file import counts

pytestmark = pytest.mark.in_order

PARTS = ("intake", "intake-work", "routing", "sla", "analytics", "gateway", "nats-server", "postgres")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for the whole story."""
    return tmp_path_factory.mktemp("chaos")


@pytest.fixture(scope="module")
def running(place: Path) -> Iterator[dict[str, System]]:
    """The system of this home; tests may replace it after killing it."""
    box = {"system": systems.start(place, systems.free_port())}
    yield box
    systems.stop(box["system"])


def wait_drained(system: System, seconds: float = 120) -> None:
    """Until no event waits anywhere."""
    deadline = time.monotonic() + seconds
    system.wait_ready(60)
    while not systems.drained(system):
        assert time.monotonic() < deadline, "events are still waiting"
        time.sleep(0.2)


async def query(system: System, sql: str) -> list[Any]:
    """Ask the home's database itself, past all services."""
    home = Home.at(system.home)
    password = load_or_create_secrets(home).database["postgres"]
    connection = await asyncpg.connect(
        host=str(home.postgres_socket), user="postgres", password=password, database="otklik"
    )
    try:
        return list(await connection.fetch(sql))
    finally:
        await connection.close()


def assert_nothing_lost_or_doubled(system: System, *ledgers: Ledger) -> dict[str, int]:
    """Jepsen's sets: lost = acknowledged − found; unexpected = found − attempted; every effect once."""
    acknowledged = {a["id"]: a["number"] for ledger in ledgers for a in ledger.acknowledged.values()}
    register = register_of(system.account("coordinator"))
    lost = set(acknowledged) - set(register)
    unexpected = set(register) - set(acknowledged)
    assert not lost
    assert not unexpected, "every appeal was acknowledged in the end, so none else may exist"
    assert all(register[appeal_id] == number for appeal_id, number in acknowledged.items())
    numbers = sorted(int(number.rsplit("-", 1)[1]) for number in register.values())
    assert numbers == list(range(1, len(numbers) + 1)), "numbers 1…N without gaps or doubles"
    held = counts(system)
    assert {held[s]["appeals"] for s in held} == {len(register)}, held
    assert held["routing"]["assignments"] == held["sla"]["assignments"] == held["analytics"]["assignments"]
    assert held["intake"]["unmasked"] == 0
    doubled = asyncio.run(
        query(
            system,
            "SELECT appeal_id FROM routing.assignment WHERE role = 'lead' GROUP BY appeal_id HAVING count(*) > 1",
        )
    )
    assert doubled == []
    dead = asyncio.run(
        query(
            system,
            "SELECT handler, error FROM intake.dead_letter UNION ALL SELECT handler, error FROM routing.dead_letter"
            " UNION ALL SELECT handler, error FROM sla.dead_letter"
            " UNION ALL SELECT handler, error FROM analytics.dead_letter",
        )
    )
    assert dead == []
    return {"registered": len(register), "lost": len(lost), "unexpected": len(unexpected)}


async def post_while(system: System, ledger: Ledger, count: int, harm: Callable[[], None]) -> None:
    """Post and do harm at the same time; the harm ends first or is waited for."""
    pause = 0.05
    await asyncio.gather(ledger.post_all(system.account("portal"), count, pause), asyncio.to_thread(harm))


def test_killing_each_part_in_turn_under_load(running: dict[str, System], proof: Callable[..., None]) -> None:
    """A client that retries posts while intake, its worker, routing, sla, analytics, gateway, NATS and Postgres die in turn."""
    system, ledger = running["system"], Ledger("turns")
    killed: list[str] = []

    def kill_in_turn() -> None:
        for part in PARTS:
            system.kill(part)
            killed.append(part)
            time.sleep(0.5)
            system.wait_ready(60)

    asyncio.run(post_while(system, ledger, size(240, 2000), kill_in_turn))
    assert killed == list(PARTS)
    assert ledger.refused == []
    wait_drained(system)
    figures = assert_nothing_lost_or_doubled(system, ledger)
    running["turns"] = ledger  # type: ignore[assignment]
    proof(**figures, killed=killed, attempts=ledger.attempts, troubles=ledger.troubles)


def test_killing_everything_at_once_and_starting_again(
    running: dict[str, System], proof: Callable[..., None]
) -> None:
    """kill -9 of `up` and all its children in the middle of posting; `up` on the same home goes on."""
    system, ledger = running["system"], Ledger("once")
    before: Ledger = running["turns"]  # type: ignore[assignment]

    def kill_all_and_restart() -> None:
        time.sleep(1.0)
        children = system.descendants()
        systems.kill_everything(system)
        assert not [child for child in children if systems.lives(child)]
        running["system"] = systems.start(system.home, system.port)
        # The posting client holds the old object: give it the new connections.
        system.http = running["system"].http
        system.process = running["system"].process

    asyncio.run(post_while(system, ledger, size(120, 2000), kill_all_and_restart))
    assert ledger.refused == []
    wait_drained(running["system"])
    figures = assert_nothing_lost_or_doubled(running["system"], before, ledger)
    running["once"] = ledger  # type: ignore[assignment]
    proof(**figures, attempts=ledger.attempts, troubles=ledger.troubles)


def test_losing_the_brokers_disk(running: dict[str, System], proof: Callable[..., None]) -> None:
    """Stop everything, delete the whole JetStream store, start: every service comes to the same figures by itself."""
    system = running["system"]
    ledgers: list[Ledger] = [running["turns"], running["once"]]  # type: ignore[list-item]
    unseen = Ledger("unseen")
    for part in ("routing", "sla", "analytics"):
        system.process_of(part).suspend()
    asyncio.run(unseen.post_all(system.account("portal"), size(60, 500)))
    systems.kill_everything(system)
    store = system.home / "nats" / "jetstream"
    assert store.exists()
    remove_tree(store)
    running["system"] = systems.start(system.home, system.port)
    wait_drained(running["system"])
    figures = assert_nothing_lost_or_doubled(running["system"], *ledgers, unseen)
    proof(**figures)


def test_ctrl_c_leaves_nothing_behind(running: dict[str, System]) -> None:
    """A clean stop ends every process; a second `up` continues where the first stopped."""
    system = running["system"]
    before = counts(system)
    assert systems.stop(system) == []
    running["system"] = systems.start(system.home, system.port)
    wait_drained(running["system"])
    assert counts(running["system"]) == before


def test_a_wrong_key_acknowledges_nothing_and_the_right_one_finds_everything(
    running: dict[str, System], proof: Callable[..., None]
) -> None:
    """Appeals wait for the worker, `up` starts with another secrets.json: 503 with the reason, nothing is touched, no part
    is started again and again; with the file restored all of them reach their queues."""
    system, ledger = running["system"], Ledger("key")
    known = set(register_of(system.account("coordinator")))
    portal = system.account("portal")
    authorised = portal.headers()
    worker = system.process_of("intake-work")
    worker.suspend()
    asyncio.run(ledger.post_all(portal, size(30, 500)))
    assert stop_before(worker, system) == []

    secrets_file = system.home / "secrets.json"
    right = secrets_file.read_text()
    another = base64.b64encode(bytes(range(32))).decode()
    secrets_file.write_text(json.dumps(json.loads(right) | {"encryption_key": another}))
    wrong = systems.launch(system.home, system.port)
    try:
        reasons = _until_told(wrong)
        assert {"gateway", "intake", "intake-work"} <= set(reasons)
        assert all("OTKLIK_ENCRYPTION_KEY" in found["secrets"] for found in reasons.values())
        pids = {child.pid for child in psutil.Process(wrong.process.pid).children()}
        answers = [
            wrong.http.post("/api/v1/appeals", json={"text": "Яма", "region": "46"}, headers=authorised)
            for _ in range(20)
        ]
        assert {answer.status_code for answer in answers} == {503}
        assert "NOT ready. intake: OTKLIK_ENCRYPTION_KEY" in wrong.tail("up").replace("\n", " ")
        assert {child.pid for child in psutil.Process(wrong.process.pid).children()} == pids, "no storm"
    finally:
        secrets_file.write_text(right)
        assert systems.stop(wrong) == []

    running["system"] = systems.start(system.home, system.port)
    wait_drained(running["system"])
    register = set(register_of(running["system"].account("coordinator")))
    assert register == known | {answer["id"] for answer in ledger.acknowledged.values()}
    held = counts(running["system"])
    assert held["intake"]["unmasked"] == 0
    assert {held[service]["appeals"] for service in held} == {len(register)}, held
    proof(acknowledged=len(ledger.acknowledged), refused_under_a_wrong_key=len(answers), lost=0)


def stop_before(worker: psutil.Process, system: System) -> list[psutil.Process]:
    """Ctrl-C where a worker stands still and shall do nothing more; it is not waited for. Who was left behind."""
    log = system.home / "log" / "up.log"
    children, told = system.descendants(), log.read_text().count("Stopping")
    system.process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 40
    while log.read_text().count("Stopping") == told:
        assert time.monotonic() < deadline, system.tail("up")
        time.sleep(0.05)
    worker.kill()
    system.process.wait(40)
    left = [child for child in children if systems.lives(child)]
    return left + systems.stop(system)


def _until_told(system: System, seconds: float = 60) -> dict[str, dict[str, str]]:
    """What the parts with a wrong key say in /health/ready, when those that hold the key have all said it."""
    deadline = time.monotonic() + seconds
    while True:
        assert time.monotonic() < deadline, system.tail("up")
        try:
            answer = system.http.get("/health/ready")
        except httpx2.HTTPError:
            time.sleep(0.1)
            continue
        assert answer.status_code == 503
        problems = answer.json()["problems"]
        told = {part: found for part, found in problems.items() if "secrets" in found}
        if len(told) >= 3 and "NOT ready" in system.tail("up"):
            return told
        time.sleep(0.1)
