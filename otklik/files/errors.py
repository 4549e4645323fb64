"""What can be wrong with a file."""

from __future__ import annotations


class FileError(ValueError):
    """The file as a whole cannot be used; the message says where, why and what to do."""


class RowError(ValueError):
    """One row cannot be used; the message says why and goes on after "Row 7 ".

    `field`: whose value it is, where one is to blame; `russian`: the same reason for whoever has to mend the file.
    """

    def __init__(self, message: str, *, field: str = "", russian: str = "") -> None:
        super().__init__(message)
        self.field = field
        self.russian = russian or message

    def about(self, field: str) -> RowError:
        """The same about a field, unless it names one."""
        self.field = self.field or field
        return self
