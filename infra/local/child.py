"""One process of our own: it cannot outlive us, is watched, and ends with all its descendants."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol
from weakref import WeakSet

import psutil

from infra.local.fork_server import Start
from infra.local.identity import Identity
from infra.local.termination import kill, wait_ended

LAUNCHER = Path(__file__).with_name("launcher.py")

# A child's death signal is sent when the *thread* that forked it ends. One thread that lives as long as this
# process does all the forking, so that children may be started from any thread.
_forking = ThreadPoolExecutor(max_workers=1, thread_name_prefix="otklik-forks")
_all: "WeakSet[Child]" = WeakSet()


class Started(Protocol):
    """A process that has been started, and may have ended; as `subprocess.Popen`."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...


class Forks(Protocol):
    """Who may start processes faster than by beginning at nothing."""

    def fork(self, start: Start, log: int) -> Started | None:
        """The process, or None: then it is started in the ordinary way."""


@dataclass(eq=False)
class Child:
    """A command, and the process it became."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    directory: Path
    stop_signal: signal.Signals = signal.SIGTERM  # also what it gets when we die
    niceness: int = 0
    identity: Identity | None = None
    capabilities: Sequence[int] = ()
    umask: int = 0o077
    stdin: int = subprocess.DEVNULL
    forks: Forks | None = None
    _process: Started | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        _all.add(self)

    def start(self) -> None:
        """Start it with its log, user and rights; RuntimeError when it runs already."""
        if self.running:
            raise RuntimeError(f"{self.name} already runs as process {self.pid}")
        descriptor = self._open_log()
        try:
            self._process = self._forked(descriptor) or _forking.submit(self._launch, descriptor).result()
        finally:
            os.close(descriptor)

    def _forked(self, output: int) -> Started | None:
        module = module_of(self.command)
        if self.forks is None or module is None:
            return None
        rights = self._options(), tuple(self.capabilities)
        start = Start(module, tuple(self.command), *rights, dict(self.environment), str(self.directory))
        return self.forks.fork(start, output)

    def _options(self) -> dict[str, int]:
        return {
            "parent": os.getpid(),
            "death_signal": int(self.stop_signal),
            "umask": self.umask,
            "nice": self.niceness,
            **(asdict(self.identity) if self.identity else {}),
        }

    def _launch(self, output: int) -> Started:
        capabilities = ",".join(map(str, self.capabilities))
        words = [f"{name}={value}" for name, value in {**self._options(), "capability": capabilities}.items()]
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), *words, "--", *self.command],
            stdin=self.stdin,
            stdout=output,
            stderr=output,
            cwd=self.directory,
            env=dict(self.environment),
            start_new_session=True,  # Ctrl-C in the terminal reaches only us, and we stop them in order
        )

    def _open_log(self) -> int:
        """What the process writes to: nothing, where its log cannot be opened. It is needed more than its log is."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        for path, more in ((self.log, os.O_CREAT), (self.log, 0)):
            with suppress(OSError):
                return os.open(path, flags | more, 0o600)
        return os.open(os.devnull, flags)

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the last start; 0 before the first."""
        return self._process.pid if self._process is not None else 0

    async def exited(self) -> int:
        """Wait for the end of the process; its exit code, or minus the signal that ended it."""
        process = self._process
        if process is None:
            raise RuntimeError(f"{self.name} was never started")
        if process.poll() is None:
            try:
                descriptor = os.pidfd_open(process.pid)
            except ProcessLookupError:
                return process.wait()
            loop = asyncio.get_running_loop()
            ended: asyncio.Future[None] = loop.create_future()
            loop.add_reader(descriptor, _resolve, ended)
            try:
                await ended
            finally:
                loop.remove_reader(descriptor)
                os.close(descriptor)
            if process.returncode is None:  # not reaped yet, so the number is still its own
                self._end_session()
        return process.wait()

    def _end_session(self) -> None:
        """What it started itself must not survive it."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, grace: float) -> None:
        """Ask the process to end, make it end after `grace` seconds, and leave none of its descendants."""
        if not self.running:
            return
        family = self.family()
        self.signal(self.stop_signal)
        try:
            async with asyncio.timeout(grace):
                await self.exited()
        except TimeoutError:
            family = self.family()
        kill(family)
        await self.exited()
        await wait_ended(family, 5)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self._process is not None and self.running:
            self._process.send_signal(number)

    def family(self) -> list[psutil.Process]:
        """Itself and all that descends from it."""
        try:
            process = psutil.Process(self.pid)
            return [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def log_tail(self, lines: int = 15) -> str:
        """The last lines of its log; empty when that cannot be read."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def module_of(command: Sequence[str]) -> str | None:
    """Of a command that runs a module by this interpreter: which."""
    return command[2] if tuple(command[:2]) == (sys.executable, "-m") else None


def pids() -> set[int]:
    """Of every child there is, ended or not."""
    return {child.pid for child in _all}


def _resolve(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
