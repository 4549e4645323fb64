"""What can be wrong with a file."""

from __future__ import annotations


class FileError(ValueError):
    """The file as a whole cannot be used; the message says where, why and what to do."""


class RowError(ValueError):
    """One row cannot be used; the message says why and goes on after "Row 7 "."""
