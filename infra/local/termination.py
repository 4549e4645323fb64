"""Finding processes and seeing them to their end."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def find_processes(condition: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """The processes, other than this one and its ancestors, for which `condition` holds."""
    ours = {os.getpid(), *(ancestor.pid for ancestor in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid not in ours and condition(process):
                found.append(process)
    return found


def terminate(processes: Iterable[psutil.Process]) -> None:
    """Ask them to end."""
    _signal(processes, signal.SIGTERM)


def kill(processes: Iterable[psutil.Process]) -> None:
    """Make them end."""
    _signal(processes, signal.SIGKILL)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # psutil checks first that the pid is still the same process
            process.send_signal(number)


async def wait_ended(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for their end, at most so long; those that still run."""
    deadline = asyncio.get_running_loop().time() + seconds
    while processes := [process for process in processes if is_running(process)]:
        if asyncio.get_running_loop().time() > deadline:
            break
        await asyncio.sleep(0.02)
    return processes


def is_running(process: psutil.Process) -> bool:
    """Whether it has not ended yet; a zombie has."""
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@contextmanager
def on_stop_signals(act: Callable[[], None]) -> Iterator[None]:
    """A signal that the caller has us ignore (SIGHUP under nohup) stays ignored."""
    loop = asyncio.get_running_loop()
    handled = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in handled:
        loop.add_signal_handler(number, act)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
