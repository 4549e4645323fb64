"""Background tasks: whatever is raised they begin again, what goes on failing is shown, and the hopeless end a process."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest

from chassis import tasks
from chassis.tasks import BackgroundTask, turned
from harness.waiting import eventually


class Unspeakable(Exception):
    """The handler of this error fails when it looks at it."""

    def __str__(self) -> str:
        raise RuntimeError("cannot be said")

    __repr__ = __str__


def task_of(run: Callable[[], None], **options: object) -> tuple[BackgroundTask, list[str]]:
    """A task that does `run` once a turn, and what it gave up with."""
    given_up: list[str] = []

    async def work() -> None:
        run()
        turned()
        await asyncio.Event().wait()

    return BackgroundTask("test", work, give_up=given_up.append, **options), given_up  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "raised",
    [
        ValueError("broken"),
        Unspeakable(),
        asyncio.CancelledError(),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit(),
        BaseExceptionGroup("several", [KeyboardInterrupt()]),
        MemoryError(),
        RecursionError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_is_raised_it_begins_again(raised: BaseException) -> None:
    runs: list[int] = []

    def fail_once() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise raised

    task, given_up = task_of(fail_once)
    task.start()
    await eventually(lambda: len(runs) == 2 and task.problem == "")
    await task.stop()
    assert given_up == []


async def test_a_handler_that_fails_takes_nobody_along(monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenLog:
        def warning(self, *_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(tasks, "log", BrokenLog())
    runs: list[int] = []

    def fail_twice() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise ValueError

    task, _ = task_of(fail_twice)
    task.start()
    await eventually(lambda: len(runs) == 3)
    await task.stop()


async def test_what_fails_slowly_is_not_shown_as_ready_in_between() -> None:
    said: set[str] = set()
    runs = 0
    ok = asyncio.Event()

    async def fail_slowly() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            turned()
            raise TimeoutError
        if not ok.is_set():
            await asyncio.sleep(1.5)
            raise TimeoutError
        turned()
        await asyncio.Event().wait()

    task = BackgroundTask("test", fail_slowly)
    task.start()
    await eventually(lambda: task.problem != "")
    while runs < 3:
        said.add(task.problem)
        await asyncio.sleep(0.02)
    assert said == {"A part of the system does not answer in time."}
    ok.set()
    await eventually(lambda: task.problem == "")
    await task.stop()


async def test_the_hopeless_give_up_sooner_for_a_bug_than_for_the_weather(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tasks, "LONGEST_DELAY_SECONDS", 0.05)
    monkeypatch.setattr(tasks, "FIRST_DELAY_SECONDS", 0.05)

    def bug() -> None:
        raise ValueError

    def weather() -> None:
        raise ConnectionRefusedError

    broken, given_up = task_of(bug, patience_seconds=0.3)
    waiting, waited = task_of(weather, patience_seconds=0.3)
    broken.start()
    waiting.start()
    await eventually(lambda: given_up)
    assert given_up[0].startswith("task test has been failing for ")
    assert waited == []
    await eventually(lambda: waited, 10)
    await broken.stop()
    await waiting.stop()


async def test_a_task_that_a_stranger_cancels_is_not_silently_dead() -> None:
    task, given_up = task_of(lambda: None)
    task.start()
    await asyncio.sleep(0)
    assert task._task is not None
    task._task.cancel()
    await eventually(lambda: given_up == ["task test was cancelled by a stranger"])
    assert task.problem == "dead"


HOPELESS = """
from contextlib import asynccontextmanager
from fastapi import FastAPI
from chassis.serve import serve
from chassis.settings import Settings
from chassis.tasks import BackgroundTask
from chassis.logs import configure_logging

configure_logging("test", "INFO")

async def fail():
    raise ValueError("for ever")

@asynccontextmanager
async def lifespan(app):
    task = BackgroundTask("hopeless", fail, patience_seconds=0.5)
    task.start()
    yield
    await task.stop()

serve(FastAPI(lifespan=lifespan), Settings(listen="127.0.0.1:0"))
"""


def test_a_process_with_a_hopeless_task_ends_and_says_so() -> None:
    done = subprocess.run([sys.executable, "-c", HOPELESS], capture_output=True, timeout=60, check=False)
    assert done.returncode == 70
    assert b"task hopeless has been failing for" in done.stderr


async def test_a_task_that_loses_a_cancellation_is_stopped_all_the_same() -> None:
    begun = asyncio.Event()

    async def lose_the_first() -> None:
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = BackgroundTask("stubborn", lose_the_first)
    task.start()
    await begun.wait()
    async with asyncio.timeout(5):
        await task.stop()
