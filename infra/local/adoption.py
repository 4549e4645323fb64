"""Processes that came to us when their parent ended: parts that were forked for us, and orphans that parts left."""

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import psutil

from infra.local.child import pids


class Adopted:
    """A child that another process forked for us; as `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""
        return self._collect(os.WNOHANG)

    def wait(self) -> int:
        """The same at its end."""
        while (code := self._collect(0)) is None:
            pass
        return code

    def send_signal(self, sig: int) -> None:
        """If it runs."""
        with self._lock, suppress(ProcessLookupError):
            if self.returncode is None:  # not collected yet, so the number is still its own
                os.kill(self.pid, sig)

    def _collect(self, how: int) -> int | None:
        with self._lock:
            if self.returncode is None:
                try:
                    pid, status = os.waitpid(self.pid, how)
                except ChildProcessError:  # somebody else collected it, and knows how it ended
                    self.returncode = -signal.SIGKILL
                else:
                    self.returncode = os.waitstatus_to_exitcode(status) if pid else None
            return self.returncode


class OrphanCollector:
    """Collects orphans when they end: a parent that does not leaves them in the table of processes.

    What stands in our own session is a helper that whoever began it waits for; and what has just been started may not be
    known yet, so that only who is found twice is an orphan.
    """

    def __init__(self, ours: Callable[[], set[int]] = pids) -> None:
        self._ours = ours
        self._seen: set[int] = set()

    def collect(self) -> None:
        """To be called again and again, with a pause."""
        found = set(self._ended()) - self._ours()
        for pid in found & self._seen:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self._seen = found

    def _ended(self) -> list[int]:
        ended = []
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                if child.status() == psutil.STATUS_ZOMBIE and os.getsid(child.pid) != os.getsid(0):
                    ended.append(child.pid)
        return ended
