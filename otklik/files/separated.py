"""Records of a CSV file, by RFC 4180 and no more generously: a quote that stands where none may is a fault of the file.

A reader that forgives takes one forgotten quote for the beginning of a value that ends hundreds of rows later: all of
them become one appeal, and nobody notices.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from otklik.files.errors import FileError
from otklik.files.headings import Headings

SEPARATORS = ",;\t"
LONGEST_RECORD = 16 * 1024 * 1024
_SEP_LINE = re.compile(r'"?sep=([^"\w\s]|\t)"?', re.IGNORECASE)
_NOTHING = " \t\r\n\v\f\u00a0\x1a"  # the last one ends the files of old programs
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Record:
    """The cells that begin in a line (from 1) of the file."""

    line: int
    cells: list[str]


class _Stray(Exception):
    """A quote stands at this place of a record where none may."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class _Unclosed(Exception):
    """A quote is never closed in a record that begins in this line."""

    def __init__(self, line: int, raw: str) -> None:
        super().__init__(line)
        self.line = line
        self.raw = raw


class SeparatedText:
    """The records of a text. FileError names the line in which a quote is wrong. `headings`: where the header may stand."""

    def __init__(self, path: Path, text: io.TextIOWrapper, headings: Headings | None = None) -> None:
        self.path = path
        self.headings = headings or Headings()
        self.separator = ""
        self._text = text
        self._line = 0  # the last one that was read

    def records(self) -> Iterator[Record]:
        """All that are not blank. The header decides about the separator unless a line `sep=;` before it did."""
        raw_records = self._raw_records()
        first: list[tuple[int, str]] = []
        try:
            for line, raw in raw_records:
                first.append((line, raw))
                if self._is_settled(first):
                    break
        except _Unclosed as unclosed:
            self._settle(first)
            raise self._unclosed(unclosed.raw, unclosed.line) from None
        self._settle(first)
        try:
            for line, raw in chain(first, raw_records):
                cells = self._split(raw, line)
                if any(map(str.strip, cells)):
                    yield Record(line, cells)
        except _Unclosed as unclosed:
            raise self._unclosed(unclosed.raw, unclosed.line) from None

    def _is_settled(self, first: Sequence[tuple[int, str]]) -> bool:
        declared = _SEP_LINE.fullmatch(first[0][1].strip(" \r\n"))
        return bool(declared) or len(first) >= self.headings.looked_at

    def _settle(self, first: list[tuple[int, str]]) -> None:
        """Decide about the separator by what was read first, and take away what only says it."""
        if not first:
            return
        line, raw = first[0]
        if declared := _SEP_LINE.fullmatch(raw.strip(" \r\n")):
            self.separator = declared[1]
            del first[0]
            return
        scores = {each: max(self._scores(first, each)) for each in SEPARATORS}
        likeliest = max(scores, key=scores.__getitem__)
        if scores[likeliest] >= 2 and list(scores.values()).count(scores[likeliest]) == 1:
            self.separator = likeliest
        else:
            self.separator = self._separator_of(raw, line)

    def _scores(self, first: Iterable[tuple[int, str]], separator: str) -> Iterator[int]:
        """How many columns of a header each record has, cut by a separator."""
        for _, raw in first:
            try:
                yield self.headings.score(split_record(raw, separator))
            except _Stray:
                yield 0

    def _raw_records(self) -> Iterator[tuple[int, str]]:
        """Lines, joined where a quoted value goes on: as long as the quotes up to here do not come in pairs."""
        for raw in self._lines():
            begun, parts, length, odd = self._line, [raw], len(raw), raw.count('"') % 2
            while odd:
                following = next(self._lines(), None)
                if following is None or length > LONGEST_RECORD:
                    raise _Unclosed(begun, "".join(parts))
                parts.append(following)
                length += len(following)
                odd ^= following.count('"') % 2
            if raw.strip(_NOTHING):
                yield begun, "".join(parts)

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_RECORD):
            self._line += 1
            if len(line) == LONGEST_RECORD:
                raise FileError(
                    f"{self.path}, line {self._line} is longer than {LONGEST_RECORD} characters. Is it a table with one "
                    "appeal a line?"
                )
            yield line

    def _split(self, raw: str, line: int) -> list[str]:
        try:
            return split_record(raw, self.separator)
        except _Stray as stray:
            raise self._stray(raw, line, stray.place) from None

    def _separator_of(self, header: str, line: int) -> str:
        """The one that stands most often in the header, outside quotes."""
        bare = re.sub(r'"(?:[^"]|"")*"', "", header)
        first, second = sorted(SEPARATORS, key=bare.count, reverse=True)[:2]  # the comma where there is none
        if 0 < bare.count(first) == bare.count(second):
            raise FileError(
                f"{self.path}, line {line}: columns may be separated by {first!r} or by {second!r}. Put names with either "
                'into quotes, or say it in a line before the header: "sep=;".'
            )
        return first

    def _stray(self, raw: str, line: int, place: int) -> FileError:
        at = line + len(_LINE_END.findall(raw, 0, place))
        opened = (
            "" if at == line else f" (the value that goes on there was opened in line {line} or after it)"
        )
        return FileError(
            f"{self.path}, line {at}: a quote stands where none may{opened}. A value with quotes in it stands in quotes "
            'as a whole, with every quote inside doubled: "ООО ""Свет""". Nothing was read; correct the line and repeat.'
        )

    def _unclosed(self, raw: str, line: int) -> FileError:
        at = line + len(_LINE_END.findall(raw, 0, _stray_quote(raw, self.separator or SEPARATORS[0])))
        return FileError(
            f"{self.path}, line {at}: a quote is opened and never closed, so that everything after it would be one value. "
            "Close it, or double it if it belongs to the text. Nothing was read; correct the line and repeat."
        )


def _stray_quote(raw: str, separator: str) -> int:
    """Where a record stops to be one."""
    try:
        split_record(raw, separator)
    except _Stray as stray:
        return stray.place
    return 0


def split_record(raw: str, separator: str) -> list[str]:
    """The cells of one record."""
    if '"' not in raw:
        return raw.rstrip("\r\n").split(separator)
    cell = _cell_before(separator)
    end = len(raw.rstrip("\r\n"))
    cells: list[str] = []
    place = 0
    while True:
        found = cell.match(raw, place)
        assert found is not None  # an empty cell matches everywhere
        quoted = found[1]
        cells.append(found[2] if quoted is None else quoted.replace('""', '"'))
        place = found.end()
        if place >= end:
            return cells
        if raw[place] != separator:
            raise _Stray(place)
        place += 1


@cache
def _cell_before(separator: str) -> re.Pattern[str]:
    return re.compile(rf'"([^"]*(?:""[^"]*)*)"|([^"\r\n{re.escape(separator)}]*)')
