"""Starts the fork server, keeps it running and asks it for parts (ADR 48). Nothing depends on it: where it does not answer, a
part is started in the ordinary way."""

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict

import psutil

from infra.local.adoption import Adopted
from infra.local.child import Child, module_of
from infra.local.fork_server import COMPLETE, GO, LONGEST_MESSAGE, ONE_THREAD, PADDING, Start
from infra.local.identity import CAP_DAC_READ_SEARCH, CAP_NET_BIND_SERVICE, Identity, held_capabilities
from infra.local.launcher import adopt_orphans
from infra.local.orphans import MARK
from infra.local.paths import Home
from infra.local.processes import MIGRATIONS, PROJECT, Process

NAME = "fork-server"
COMMAND = (sys.executable, "-m", "infra.local.fork_server", PADDING)
ANSWER_SECONDS = 1.0  # of one that has imported everything
IMPORT_SECONDS = 60.0
LOOK_SECONDS = 0.1
PAUSE_SECONDS = 1.0
# To become another user, and to hand on what is lent to parts; none of root's other rights.
CAP_SETGID, CAP_SETUID, CAP_SETPCAP = 6, 7, 8
RIGHTS = (CAP_DAC_READ_SEARCH, CAP_SETGID, CAP_SETUID, CAP_SETPCAP, CAP_NET_BIND_SERVICE)
# What imports may need to know of the environment; it holds no secret, and a part gets its own.
_KEPT = ("PATH", "HOME", "TZ", "LD_LIBRARY_PATH")
_KEPT_BEGINNINGS = ("LANG", "LC_", "PYTHON", "COVERAGE_")


def modules_of(processes: Iterable[Process]) -> tuple[list[str], list[str]]:
    """What the processes that are ours are made of: what their migrations need, and then the rest."""
    ours = {main: each for each in processes if (main := module_of(each.command)) and main.endswith(".main")}
    tables = [f"{main.removesuffix('.main')}.tables" for main, each in ours.items() if each.migration]
    return [MIGRATIONS, *tables] if tables else [], list(ours)


class ForkServer:
    """The fork server of one home, for those of its processes that are ours."""

    def __init__(self, home: Home, processes: Iterable[Process], inherited: Mapping[str, str]) -> None:
        self.of_migrations, self.of_parts = modules_of(processes)
        self.child = _child(home, inherited)
        self._control: socket.socket | None = None
        self._imported: set[str] = set()
        self._is_complete = self._has_ended = False
        self._changed = asyncio.Condition()

    @property
    def is_complete(self) -> bool:
        """Whether it has imported everything, and runs."""
        return self._is_complete and self.child.running

    async def keep_running(self, warn: Callable[[str], None]) -> None:
        """Until it is cancelled. One that never comes to its end of importing never will, and is not started again."""
        adopt_orphans(True)
        while True:
            try:
                self._start()
                await self._listen()
                await self.child.exited()
            finally:
                self._close()
            if not self._is_complete:
                break
            warn(f"{NAME} ended; starting it again. Log: {self.child.log}")
            await asyncio.sleep(PAUSE_SECONDS)
        warn(f"{NAME} does not start, so everything starts slower. Log: {self.child.log}")
        await self._note(ended=True)

    async def imported(self, modules: Sequence[str]) -> None:
        """Returns when they are, or when they will not be for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(IMPORT_SECONDS), self._changed:
                await self._changed.wait_for(
                    lambda: self._has_ended or self._is_complete or self._imported.issuperset(modules)
                )

    def fork(self, start: Start, log: int) -> Adopted | None:
        """The process of a part, or None where it has to be started in the ordinary way; in a second at most, unless more is
        still being imported."""
        keeps_user = "uid" not in start.options  # and would keep the server's, with its rights
        if (
            self._control is None
            or start.module not in self._imported
            or (keeps_user and self.child.identity)
        ):
            return None
        ours, theirs = socket.socketpair()
        with ours:
            try:
                with theirs:
                    socket.send_fds(self._control, [start.module.encode()], [theirs.fileno(), log])
                ours.settimeout(ANSWER_SECONDS)
                ours.sendall(json.dumps(asdict(start)).encode() + b"\n")
                process = Adopted(self._read_pid(ours))
                ours.sendall(GO)
                return process
            except TimeoutError:
                self.child.signal(
                    signal.SIGKILL
                )  # it hangs; a request that it still finds is an ended conversation
            except (OSError, ValueError):  # it has ended, or could not fork
                pass
        return None

    async def stop(self) -> None:
        """It holds nothing that could be lost."""
        await self.child.stop(ANSWER_SECONDS)
        adopt_orphans(False)

    def _read_pid(self, conversation: socket.socket) -> int:
        began = time.monotonic()
        conversation.settimeout(LOOK_SECONDS)
        while True:
            try:
                return int(conversation.recv(32))
            except TimeoutError:
                limit = ANSWER_SECONDS if self._is_complete else IMPORT_SECONDS
                if time.monotonic() - began > limit or not self._works():
                    raise

    def _works(self) -> bool:
        with suppress(psutil.NoSuchProcess):
            return self.child.running and psutil.Process(self.child.pid).status() != psutil.STATUS_STOPPED
        return False

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            self.child.stdin = theirs.fileno()
            self.child.start()
        self._control, self._is_complete = ours, False
        ours.send(json.dumps([*self.of_migrations, *self.of_parts]).encode())

    async def _listen(self) -> None:
        """Until its end."""
        loop = asyncio.get_running_loop()
        control = self._control
        assert control is not None
        with suppress(ConnectionError):
            while message := await loop.sock_recv(control, LONGEST_MESSAGE):
                await self._note(message)

    async def _note(self, message: bytes = b"", *, ended: bool = False) -> None:
        async with self._changed:
            self._has_ended = ended
            if message == COMPLETE:
                self._is_complete = True
            elif message:
                self._imported.add(message.decode())
            self._changed.notify_all()

    def _close(self) -> None:
        if self._control is not None:
            self._control.close()
        self._control = None
        self._imported.clear()


def _child(home: Home, inherited: Mapping[str, str]) -> Child:
    identity = Identity.of(NAME, home.root)
    kept = {
        name: value for name, value in inherited.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)
    }
    return Child(
        name=NAME,
        command=COMMAND,
        log=home.log_file(NAME),
        environment=kept
        | ONE_THREAD
        | {MARK: str(home.root), "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
        directory=PROJECT,
        stop_signal=signal.SIGKILL,
        identity=identity,
        capabilities=_rights(identity),
    )


def _rights(identity: Identity | None) -> tuple[int, ...]:
    held = held_capabilities() if identity else 0
    return tuple(number for number in RIGHTS if held >> number & 1)
