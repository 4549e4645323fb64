"""A stream that cannot hurt who writes to it: a full disk, a closed pipe or a stopped terminal takes lines, no more."""

import errno
import io
import os
import select
import stat
from typing import IO

PIECE = 4096  # what is ready takes so many bytes at least without blocking


class ResilientStream(io.TextIOBase):
    """Stands before another stream. What gets lost is counted, and reported when something can be written again."""

    encoding = "utf-8"  # of a stream that names none

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream
        self.lost = 0
        self.encoding = getattr(stream, "encoding", None) or self.encoding

    def write(self, text: str) -> int:
        """All of it, or nothing."""
        note = f"({self.lost} lines could not be written here)\n" if self.lost else ""
        try:
            self._put(note + text)
        except (OSError, ValueError, RuntimeError):  # ValueError: it has been closed
            self.lost += text.count("\n")
        else:
            self.lost = 0
        return len(text)

    def flush(self) -> None:
        """What was written is out."""

    def fileno(self) -> int:
        """Of the stream behind it."""
        return self.stream.fileno()

    def isatty(self) -> bool:
        """Whether somebody may look at it."""
        return not self.stream.closed and self.stream.isatty()

    def _put(self, text: str) -> None:
        try:
            descriptor = self.stream.fileno()
        except io.UnsupportedOperation:
            self.stream.write(text)
            return
        rest = text.encode(self.encoding, "replace")
        never_blocks = stat.S_ISREG(os.fstat(descriptor).st_mode)
        piece = len(rest) if never_blocks else PIECE
        while rest:
            if not never_blocks and not select.select([], [descriptor], [], 0)[1]:
                raise BlockingIOError(errno.EAGAIN, "nobody reads what is written")
            rest = rest[os.write(descriptor, rest[:piece]) :]
