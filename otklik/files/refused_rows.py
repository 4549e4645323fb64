"""Refused rows in a file beside the one that was read, for whoever mends it: row, column, reason, in Russian."""

from __future__ import annotations

import csv
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from otklik.files.refusals import Refusal

HEADER: Final = ("запись", "строка файла", "столбец", "номер", "причина")
_ENDING: Final = ".refused.csv"


class RefusedRows:
    """The file, as a spreadsheet opens it; made with the first refusal, in the order of rows.

    It names ids and words of the file, never texts of citizens. Nothing is written where the folder is closed to us.
    """

    def __init__(self, source: Path) -> None:
        self.path = source.with_name(source.name + _ENDING)
        self.kept = 0
        self._writable = source.is_file() and os.access(source.parent, os.W_OK)

    @property
    def name(self) -> str | None:
        """Where refusals stand; None while there are none."""
        return str(self.path) if self.kept else None

    def begin(self, until_row: int = 0) -> None:
        """Forget those behind a row; by default all of them, also of an earlier run."""
        if not self._writable:
            return
        lines = self._lines_until(until_row) if until_row else []
        self.kept = len(lines)
        with suppress(FileNotFoundError):
            self.path.unlink()
        if lines:
            self._append(lines, with_header=True)

    def add(self, refusal: Refusal) -> None:
        """Write a refusal down."""
        if not self._writable:
            return
        line = [
            str(refusal.row),
            str(refusal.line or ""),
            _harmless(refusal.column),
            _harmless(refusal.external_id or ""),
            _harmless(" ".join((refusal.russian or refusal.reason).split())),
        ]
        self._append([line], with_header=not self.kept)
        self.kept += 1

    def _append(self, lines: list[list[str]], with_header: bool) -> None:
        with self.path.open("a", encoding="utf-8-sig" if with_header else "utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
            writer.writerows([HEADER, *lines] if with_header else lines)

    def _lines_until(self, row: int) -> list[list[str]]:
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                lines = list(csv.reader(file, delimiter=";"))
        except FileNotFoundError:
            return []
        whole = (line for line in lines if len(line) == len(HEADER) and line[0].isdecimal())
        return [line for line in whole if int(line[0]) <= row]


def _harmless(cell: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
