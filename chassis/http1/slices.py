"""Cuts what comes where a message may end: there one looks anew. What the bytes mean is the parser's to say."""

from __future__ import annotations

SLICE_BYTES = 4096
BLANK_LINE = b"\r\n\r\n"  # ends every head, and every body in chunks


class Slicer:
    """Where the next slice of a connection ends."""

    def __init__(self) -> None:
        self._tail = b""  # of the slice before: a blank line may come in two pieces

    def end(self, data: bytes, start: int) -> int:
        """The end of the slice of `data` that begins at `start`: behind a blank line, or after so many bytes."""
        window = self._tail + data[start : start + SLICE_BYTES]
        found = window.find(BLANK_LINE)
        if found >= 0:
            end = start + found + len(BLANK_LINE) - len(self._tail)
            self._tail = b""
            return end
        end = start + len(window) - len(self._tail)
        self._tail = window[-3:]
        return end
