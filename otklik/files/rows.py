"""A file of appeals or of past cases: every row by its columns' names, or what is wrong with it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, NoReturn

from otklik.files.encodings import as_text, recognise
from otklik.files.errors import FileError
from otklik.files.headings import Headings, plain_column
from otklik.files.separated import LONGEST_RECORD, Record, SeparatedText

SHOWN = 20


@dataclass(frozen=True)
class Row:
    """One record of a file, numbered from 1 after the header: its values by column, or what is wrong with it (`russian`:
    for whoever mends it). `line`: where it begins, 0 where that is not known."""

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    russian: str = ""
    line: int = 0


class Source:
    """A file, recognised once and then read as often as needed, in bounded memory (a workbook apart).

    FileError when the file as a whole cannot be used. `headings`: the header may stand below titles, and totals are no
    rows; without them the first record is the header, and all others are rows.
    """

    def __init__(self, path: Path, headings: Headings | None = None) -> None:
        self.path = path
        self.headings = headings or Headings()
        self._bytes = recognise(path)

    def rows(self, required: str | None = None) -> Iterator[Row]:
        """The records of a CSV (header; `,` `;` or tab), NDJSON or XLSX file.

        Column names are lower-cased and trimmed. Raises FileError for a fault of the file, as late as in its last line:
        whoever acts on rows has to read all of them first. A table without the column `required` is such a fault.
        """
        number = 0
        self.headings.left_out = 0
        for row in self._read(required):
            number = row.number
            yield row
        if not number:
            raise FileError(f"{self.path} has a header and no rows.")

    def names(self) -> list[str]:
        """The columns of the first row."""
        return list(next(self.rows(None)).values)

    def _read(self, required: str | None) -> Iterator[Row]:
        if self._bytes.encoding is None:
            from otklik.files.sheets import read_sheet

            yield from _read_table(read_sheet(self.path), self.path, required, self.headings)
            return
        with as_text(self._bytes) as text:
            first = next(_filled_lines(text), None)
        if first is None:
            raise FileError(f"{self.path} is empty.")
        with as_text(self._bytes) as text:
            if first.startswith(("{", "[")):
                yield from _read_ndjson(text, first, self.path)
            else:
                records = SeparatedText(self.path, text, self.headings).records()
                yield from _read_table(records, self.path, required, self.headings)


def read_rows(path: Path, required: str | None = "text") -> Iterator[Row]:
    """The rows of a file, see `Source`."""
    return Source(path).rows(required)


def _filled_lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines that are not blank, trimmed."""
    while line := text.readline(LONGEST_RECORD):
        if stripped := line.strip().strip("\ufeff"):
            yield stripped


def _read_table(
    records: Iterator[Record], path: Path, required: str | None, headings: Headings
) -> Iterator[Row]:
    first = list(islice(records, headings.looked_at))
    if not first:
        return
    heading = headings.find([record.cells for record in first])
    names = _names_of(heading.names, first[heading.records - 1].line, path)
    if required not in (None, *names):
        found = ", ".join(names[:SHOWN])
        raise FileError(f"{path} has no column `{required}` in its first line (found: {found}).")
    for number, record in enumerate(chain(first[heading.records :], records), 1):
        if headings.is_no_case(names, record.cells):
            headings.left_out += 1
        else:
            yield _row_of(number, names, record)


def _names_of(header: list[str], line: int, path: Path) -> list[str]:
    """The columns' names; one without a name is called by its place."""
    names = [plain_column(cell) or f"column {place}" for place, cell in enumerate(header, 1)]
    seen: dict[str, str] = {}
    for name in names:
        squeezed = name.replace(" ", "")
        if squeezed in seen:
            raise FileError(
                f"{path}, line {line}: two columns are called `{name}` (upper and lower case, spaces and invisible "
                "characters do not tell them apart). Rename or remove one of them."
            )
        seen[squeezed] = name
    return names


def _row_of(number: int, names: list[str], record: Record) -> Row:
    """Cells beyond the header may be blank, none may be missing: reading on would cut a text at a comma or a line end that
    somebody forgot to quote."""
    cells = record.cells
    beyond = any(map(str.strip, cells[len(names) :]))
    if beyond or len(cells) < len(names):
        what = "a separator" if beyond else "a line end"
        error = f"has {len(cells)} values under {len(names)} columns (line {record.line}); is a value with {what} not quoted?"
        return Row(number, dict.fromkeys(names), error, _uneven(len(cells), len(names)), record.line)
    return Row(number, dict(zip(names, cells, strict=False)), line=record.line)


def _uneven(values: int, columns: int) -> str:
    what = "разделитель" if values > columns else "перевод строки"
    return f"значений {values}, а столбцов {columns}: вероятно, {what} внутри значения не взят в кавычки"


def _read_ndjson(text: io.TextIOWrapper, first: str, path: Path) -> Iterator[Row]:
    if first == "{" or first.startswith("["):
        raise FileError(
            f"{path} is one JSON document. Write one object a line, e.g. `jq -c '.[]' {path.name} > rows.ndjson`."
        )
    for number, line in enumerate(_filled_lines(text), 1):
        yield _row_of_json(number, line)


def _row_of_json(number: int, line: str) -> Row:
    try:
        pairs = json.loads(line, object_pairs_hook=_Object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return Row(number, error=f"is not JSON ({error})", russian="строка не читается как JSON")
    if not isinstance(pairs, _Object):
        return Row(number, error="is not a JSON object", russian="строка не является объектом JSON")
    values = {plain_column(name): _plain(value) for name, value in pairs}
    if len(values) < len(pairs):
        return Row(
            number,
            error="names a field twice (upper and lower case and spaces do not tell them apart)",
            russian="поле названо дважды",
        )
    return Row(number, values)


class _Object(list[tuple[str, Any]]):
    """A JSON object with all its members, also those of one name."""


def _plain(value: Any) -> Any:
    if isinstance(value, _Object):
        return {name: _plain(each) for name, each in value}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")
