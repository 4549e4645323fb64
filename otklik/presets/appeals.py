"""Rows of an export as appeals to be posted: past dates are when they were sent, and nothing is closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from otklik.files import Draft, Mapper, Row, plain_column
from otklik.files.appeals import PLAIN, as_sent, is_empty
from otklik.files.cells import read_cells
from otklik.presets.exports import Preset

# The field of an appeal that a past case's goes to.
_POSTED_AS = {"received_at": "submitted_at"}
_FIELDS = frozenset({"text", "lat", "lon", *PLAIN})


@dataclass
class ExportMapper(Mapper):
    """Finds the columns by the export's own names; what an appeal has no field for is left out."""

    preset: Preset | None = None
    columns: dict[str, str] = field(default_factory=dict)  # field of the export → column
    required: ClassVar[str | None] = None

    def bind(self, names: Sequence[str]) -> None:
        """Find the columns."""
        assert self.preset is not None
        for wanted, usual in self.preset.columns.items():
            free = set(names) - set(self.columns.values())
            found = next((name for name in map(plain_column, usual) if name in free), None)
            if found is not None:
                self.columns[wanted] = found

    def column_of(self, name: str) -> str:
        """The column that a field is read from."""
        return next(
            (column for wanted, column in self.columns.items() if name in (wanted, _POSTED_AS.get(wanted))),
            "",
        )

    def field_of(self, column: str) -> str | None:
        """The field that a column becomes."""
        wanted = next((wanted for wanted, bound in self.columns.items() if bound == column), None)
        return _POSTED_AS.get(wanted, wanted) if wanted else None

    def draft_of(self, row: Row) -> Draft:
        """The appeal, by the fields of its own."""
        assert self.preset is not None
        cells = {name: row.values.get(column) for name, column in self.columns.items()}
        values = read_cells({name: as_sent(value) for name, value in cells.items() if not is_empty(value)})
        read = self.preset.read(values)
        texts = {_POSTED_AS.get(name, name): text for name, text in read.texts.items()}
        kept: dict[str, object] = {name: text for name, text in texts.items() if name in _FIELDS}
        if read.applicant:
            kept["applicant"] = read.applicant
        draft = super().draft_of(Row(row.number, kept, line=row.line))
        self.count_ignored(row, set(self.columns.values()))
        return draft
