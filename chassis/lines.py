"""Log lines that cannot hurt who writes them: what cannot be written is dropped and counted, never raised or awaited.

A log is written where something has just gone wrong, often by the same accident that takes the log's own disk away.
Whoever handles an error by logging it must live on, and so must an event loop whose log goes into a pipe that nobody
empties.
"""

from __future__ import annotations

import errno
import logging
import os
import select
import stat
import time
from typing import Any

from prometheus_client import Counter
from structlog import BoundLoggerBase

LOST = Counter("otklik_log_lines_lost_total", "Log lines that could not be written")
PIECE = 4096  # a pipe that is ready takes so many bytes at least without blocking
NOW_SECONDS = 30.0  # a loss is news for so long


class Lines:
    """Whole lines into one file descriptor."""

    def __init__(self, descriptor: int = 2) -> None:
        self.descriptor = descriptor
        self.lost = 0
        self._reason = ""
        self._lost_at = float("-inf")
        self._torn = False

    def write(self, text: str) -> None:
        """One line, without its end. Never raises."""
        try:
            data = text.encode("utf-8", "backslashreplace") + b"\n"
            # After a piece of a line, as a full disk leaves it, the next one begins on a line of its own.
            self._write(b"\n" + data if self._torn else data)
        except Exception as error:
            self.lose(error)

    def lose(self, error: BaseException) -> None:
        """Count a line that could not be made or written."""
        self.lost += 1
        self._reason = _name(error)
        self._lost_at = time.monotonic()
        LOST.inc()

    def report(self) -> dict[str, object]:
        """For /health/ready: how many lines were lost since the start, and why when it still goes on; empty for none."""
        if not self.lost:
            return {}
        if time.monotonic() - self._lost_at > NOW_SECONDS:
            return {"lines_lost": self.lost}
        return {"lines_lost": self.lost, "still": self._reason}

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        is_file = stat.S_ISREG(os.fstat(self.descriptor).st_mode)
        while rest:
            if not is_file:
                self._require_room()
            written = os.write(self.descriptor, rest if is_file else rest[:PIECE])
            if not written:
                raise OSError(errno.EIO, "nothing was written")
            rest, self._torn = rest[written:], True
        self._torn = False

    def _require_room(self) -> None:
        poll = select.poll()
        poll.register(self.descriptor, select.POLLOUT)
        if not poll.poll(0):
            raise BlockingIOError(errno.EAGAIN, "nobody reads the log")


def _name(error: BaseException) -> str:
    """`No space left on device` and the like; never a message, which may hold what a citizen wrote."""
    number = getattr(error, "errno", None)
    return os.strerror(number) if isinstance(number, int) else type(error).__name__


lines = Lines()


class LineLogger:
    """What structlog writes its rendered lines to."""

    def msg(self, message: str) -> None:
        """One line."""
        lines.write(message)

    debug = info = warning = warn = error = critical = exception = fatal = log = failure = err = msg


class LineHandler(logging.Handler):
    """What libraries write their records to, uvicorn and asyncio among them."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Without the handler's lock: a line is written by one call."""
        try:
            if self.filter(record):
                lines.write(self.format(record))
        except Exception as error:
            lines.lose(error)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """As `handle`."""
        self.handle(record)


class NeverRaises(BoundLoggerBase):
    """A part of structlog's logger class: a line that cannot be made (a value that will not be shown) is lost, no more."""

    def _proxy_to_logger(self, method_name: str, event: str | None = None, **values: Any) -> Any:
        try:
            return super()._proxy_to_logger(method_name, event, **values)
        except Exception as error:
            lines.lose(error)
