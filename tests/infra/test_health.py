"""Whether what runs also works: what hangs, is stopped, or stays unwell by its own fault is ended, and nothing else."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from infra.local import health as health_module
from infra.local.child import Child
from infra.local.health import (
    CHECK_SECONDS,
    CHECKS_PER_READINESS,
    HUNG_SECONDS,
    START_SECONDS,
    HealthMonitor,
    kill_stopped,
)
from infra.local.ports import free_port
from infra.local.probe import http_get_at
from infra.local.processes import PROJECT
from infra.local.processor import processor_wait_seconds
from infra.local.terminal import ResilientStream
from tests.infra.watching import PYTHON, wait_until

SERVES = "import http.server, sys; http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"


@dataclass
class Stand:
    """A process that answers over HTTP, and says of itself what the test makes it say."""

    child: Child
    port: int
    name: str = "stand"
    unready_limit: float = 40.0
    reports: str = ""

    async def is_live(self) -> bool:
        return (await http_get_at(f"127.0.0.1:{self.port}", "/", 0.3))[0] != 0

    async def unready_reason(self) -> str:
        return self.reports


@dataclass
class Clock:
    """Looks at steps of the usual length, without waiting for them."""

    monitor: HealthMonitor
    now: float = 1000.0
    warnings: list[str] = field(default_factory=list)
    outages: list[str] = field(default_factory=list)
    starved: bool = False
    waited: float = 0.0

    def processor_wait(self, pid: int) -> float:
        """Seconds that the process has waited for a processor."""
        return self.waited

    def look(self, seconds: float) -> bool:
        """Whether the process still runs after so many seconds of looking."""
        end = self.now + seconds
        while self.now < end and self.monitor.monitored.child.running:
            self.now += CHECK_SECONDS
            self.waited += CHECK_SECONDS * 0.9 if self.starved else 0.0
            asyncio.run(self.monitor.check(self.now))
            if self.warnings:
                wait_until(lambda: not self.monitor.monitored.child.running, 5, "ended")
        return self.monitor.monitored.child.running


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    port = free_port()
    child = Child("stand", [PYTHON, "-c", SERVES, str(port)], tmp_path / "log", dict(os.environ), tmp_path)
    child.start()
    made = Stand(child, port)
    yield made
    child.signal(signal.SIGKILL)


@pytest.fixture
def clock(stand: Stand) -> Clock:
    outages: list[str] = []
    clock = Clock(HealthMonitor(stand, lambda: "".join(outages), lambda text: None), outages=outages)
    clock.monitor.warn, clock.monitor.processor_wait = clock.warnings.append, clock.processor_wait
    return clock


def until_it_answers(stand: Stand) -> None:
    wait_until(lambda: asyncio.run(stand.is_live()), 30, "it answers")


def test_what_does_not_answer_any_more_is_killed(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(60)
    assert clock.monitor.is_healthy
    stand.child.signal(signal.SIGSTOP)
    assert clock.look(HUNG_SECONDS - CHECK_SECONDS)
    assert not clock.monitor.is_healthy
    assert not clock.look(2 * CHECK_SECONDS)
    assert "has not answered for" in clock.warnings[0]


def test_what_has_not_answered_yet_may_be_starting(stand: Stand, clock: Clock) -> None:
    stand.child.signal(signal.SIGSTOP)
    assert clock.look(START_SECONDS - CHECK_SECONDS)
    assert not clock.look(4 * CHECK_SECONDS)


def test_who_waits_for_a_processor_is_slow_and_does_not_hang(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(10)
    stand.child.signal(signal.SIGSTOP)
    clock.starved = True
    assert clock.look(5 * HUNG_SECONDS), "it had a tenth of that time"
    assert not clock.look(6 * HUNG_SECONDS), "a tenth is enough to answer once in a while"


def test_being_unready_counts_while_there_is_a_processor(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(60)
    stand.reports, clock.starved = "relay: behind", True
    assert clock.look(5 * stand.unready_limit)
    clock.starved = False
    assert not clock.look(stand.unready_limit)


def test_the_kernel_counts_how_long_a_process_waits_for_a_processor() -> None:
    one = {min(os.sched_getaffinity(0))}
    busy = [subprocess.Popen([PYTHON, "-c", "while True: pass"]) for _ in range(2)]
    try:
        for process in busy:
            os.sched_setaffinity(process.pid, one)
        wait_until(lambda: all(processor_wait_seconds(each.pid) > 0.2 for each in busy), 30, "both waited")
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert processor_wait_seconds(busy[0].pid) == 0.0, "who has ended waits for nothing"


def test_a_monitor_that_slept_itself_blames_nobody(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(10)
    stand.child.signal(signal.SIGSTOP)
    assert clock.look(HUNG_SECONDS - 2 * CHECK_SECONDS)
    clock.now += 3600  # the machine was suspended
    assert clock.look(HUNG_SECONDS - 2 * CHECK_SECONDS)


def test_what_is_unready_by_its_own_fault_is_ended_with_a_cooldown_after_it(
    stand: Stand, clock: Clock
) -> None:
    question = CHECKS_PER_READINESS * CHECK_SECONDS
    until_it_answers(stand)
    assert clock.look(60)
    stand.reports = "relay: KeyError"
    assert clock.look(stand.unready_limit - question)
    assert not clock.look(3 * question)
    assert "has not been ready for" in clock.warnings.pop()
    stand.child.start()
    until_it_answers(stand)
    stand.reports = ""
    assert clock.look(2 * question)
    stand.reports = "relay: KeyError"
    assert clock.look(stand.unready_limit), "not again so soon"
    assert not clock.look(health_module.SHORTEST_COOLDOWN)


def test_nobody_is_ended_for_an_outage(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(60)
    clock.outages.append("no room")
    stand.reports = "masking: The database's disk is full."
    assert clock.look(1000)
    clock.outages.clear()
    assert clock.look(stand.unready_limit - CHECK_SECONDS), "its limit counts from the end of the outage"
    assert not clock.look(4 * CHECKS_PER_READINESS * CHECK_SECONDS)


async def test_whatever_was_stopped_below_us_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_module, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(health_module, "STOPPED_SECONDS", 0.2)
    said: list[str] = []
    looking = asyncio.create_task(kill_stopped(said.append))
    processes = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
    try:
        processes[0].send_signal(signal.SIGSTOP)
        while processes[0].poll() is None:
            await asyncio.sleep(0.02)
        assert processes[0].returncode == -signal.SIGKILL
        assert psutil.Process(processes[1].pid).is_running()
        assert said == [f"Process {processes[0].pid} was stopped; ending it"]
    finally:
        looking.cancel()
        for process in processes:
            process.kill()
            process.wait()


def test_a_process_starts_although_its_log_cannot_be_opened(tmp_path: Path) -> None:
    child = Child("c", ["sleep", "60"], tmp_path / "gone" / "c.log", dict(os.environ), PROJECT)
    child.start()
    assert child.running
    assert child.log_tail() == ""
    child.signal(signal.SIGKILL)
    assert asyncio.run(child.exited()) == -signal.SIGKILL


def test_what_is_shown_at_the_terminal_never_hurts_who_shows_it(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        steady = ResilientStream(full)
        assert steady.write("lost\n") == 5
        os.dup2(os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT), full.fileno())
        steady.write("kept\n")
        assert (tmp_path / "out").read_text() == "(1 lines could not be written here)\nkept\n"
    steady.write("closed\n")
    assert steady.lost == 1
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as nobody_reads:
        steady = ResilientStream(nobody_reads)
        steady.write("x" * 2_000_000 + "\n")
        assert steady.lost == 1
        os.close(reading)
        steady.write("to nobody\n")
        assert steady.lost == 2
