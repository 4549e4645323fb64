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

from infra.local import watch as watch_module
from infra.local.child import Child
from infra.local.ports import free_port
from infra.local.probe import http_get_at
from infra.local.processes import PROJECT
from infra.local.terminal import Steady
from infra.local.watch import (
    HUNG_SECONDS,
    LOOK_SECONDS,
    LOOKS_PER_QUESTION,
    START_SECONDS,
    Watch,
    end_stopped,
)
from tests.infra.watching import PYTHON, wait_until

SERVES = "import http.server, sys; http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[1]), bind='127.0.0.1')"


@dataclass
class Stand:
    """A process that answers over HTTP, and says of itself what the test makes it say."""

    child: Child
    port: int
    name: str = "stand"
    patience: float = 40.0
    says: str = ""

    async def answers(self) -> bool:
        return (await http_get_at(f"127.0.0.1:{self.port}", "/", 0.3))[0] != 0

    async def ailment(self) -> str:
        return self.says


@dataclass
class Clock:
    """Looks at steps of the usual length, without waiting for them."""

    watch: Watch
    now: float = 1000.0
    warnings: list[str] = field(default_factory=list)

    def look(self, seconds: float) -> bool:
        """Whether the process still runs after so many seconds of looking."""
        end = self.now + seconds
        while self.now < end and self.watch.watched.child.running:
            self.now += LOOK_SECONDS
            asyncio.run(self.watch.look(self.now))
            if self.warnings:
                wait_until(lambda: not self.watch.watched.child.running, 5, "ended")
        return self.watch.watched.child.running


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
    weather: list[str] = []
    clock = Clock(Watch(stand, lambda: "".join(weather), lambda text: None))
    clock.watch.warn = clock.warnings.append
    clock.weather = weather  # type: ignore[attr-defined]
    return clock


def until_it_answers(stand: Stand) -> None:
    wait_until(lambda: asyncio.run(stand.answers()), 30, "it answers")


def test_what_does_not_answer_any_more_is_killed(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(60)
    assert clock.watch.is_well
    stand.child.signal(signal.SIGSTOP)
    assert clock.look(HUNG_SECONDS - LOOK_SECONDS)
    assert not clock.watch.is_well
    assert not clock.look(2 * LOOK_SECONDS)
    assert "has not answered for" in clock.warnings[0]


def test_what_has_not_answered_yet_may_be_starting(stand: Stand, clock: Clock) -> None:
    stand.child.signal(signal.SIGSTOP)
    assert clock.look(START_SECONDS - LOOK_SECONDS)
    assert not clock.look(4 * LOOK_SECONDS)


def test_a_watch_that_slept_itself_blames_nobody(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(10)
    stand.child.signal(signal.SIGSTOP)
    assert clock.look(HUNG_SECONDS - 2 * LOOK_SECONDS)
    clock.now += 3600  # the machine was suspended
    assert clock.look(HUNG_SECONDS - 2 * LOOK_SECONDS)


def test_what_is_unwell_by_its_own_fault_is_ended_with_a_truce_after_it(stand: Stand, clock: Clock) -> None:
    question = LOOKS_PER_QUESTION * LOOK_SECONDS
    until_it_answers(stand)
    assert clock.look(60)
    stand.says = "relay: KeyError"
    assert clock.look(stand.patience - question)
    assert not clock.look(3 * question)
    assert "has not been ready for" in clock.warnings.pop()
    stand.child.start()
    until_it_answers(stand)
    stand.says = ""
    assert clock.look(2 * question)
    stand.says = "relay: KeyError"
    assert clock.look(stand.patience), "not again so soon"
    assert not clock.look(watch_module.SHORTEST_TRUCE)


def test_nobody_is_ended_for_the_weather(stand: Stand, clock: Clock) -> None:
    until_it_answers(stand)
    assert clock.look(60)
    clock.weather.append("no room")  # type: ignore[attr-defined]
    stand.says = "masking: The database's disk is full."
    assert clock.look(1000)
    clock.weather.clear()  # type: ignore[attr-defined]
    assert clock.look(stand.patience - LOOK_SECONDS), "its patience begins when the weather is good"
    assert not clock.look(4 * LOOKS_PER_QUESTION * LOOK_SECONDS)


async def test_whatever_was_stopped_below_us_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(watch_module, "STOPPED_SECONDS", 0.2)
    said: list[str] = []
    looking = asyncio.create_task(end_stopped(said.append))
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
        steady = Steady(full)
        assert steady.write("lost\n") == 5
        os.dup2(os.open(tmp_path / "out", os.O_WRONLY | os.O_CREAT), full.fileno())
        steady.write("kept\n")
        assert (tmp_path / "out").read_text() == "(1 lines could not be written here)\nkept\n"
    steady.write("closed\n")
    assert steady.lost == 1
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as nobody_reads:
        steady = Steady(nobody_reads)
        steady.write("x" * 2_000_000 + "\n")
        assert steady.lost == 1
        os.close(reading)
        steady.write("to nobody\n")
        assert steady.lost == 2
