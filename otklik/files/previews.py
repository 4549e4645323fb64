"""Column by column, what was understood of a file: how many values it has, what they became, and examples of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from otklik.files.appeals import Mapper, as_sent, is_empty
from otklik.files.drafts import Draft
from otklik.files.rows import Row

EXAMPLES: Final = 3
LONGEST: Final = 60
# What a citizen or an official wrote, and who: shown by its length.
_UNSHOWN: Final = ("text", "answer", "applicant")


@dataclass
class ColumnPreview:
    """A column, the field that it `becomes` (None: it is not read), and how many of its values are filled or refused a row."""

    column: str
    becomes: str | None
    filled: int = 0
    refused: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)  # as written, as understood

    def as_json(self) -> dict[str, object]:
        """For programs."""
        examples = [{"written": written, "understood": read} for written, read in self.examples]
        return {
            "column": self.column,
            "field": self.becomes,
            "filled": self.filled,
            "refused": self.refused,
            "examples": examples,
        }

    def line(self) -> str:
        """For people."""
        shown = "; ".join(
            f"«{written}»" + (f" → {read}" if read != written else "") for written, read in self.examples
        )
        counts = f"{self.filled} filled" + (f", {self.refused} refused" if self.refused else "")
        return f"  {self.column} → {self.becomes or 'not read'} ({counts})" + (f": {shown}" if shown else "")


class Preview:
    """Of the columns of a file, as a mapper reads them."""

    def __init__(self, names: Iterable[str], mapper: Mapper) -> None:
        self.columns = {name: ColumnPreview(name, mapper.field_of(name)) for name in names}

    def note(self, row: Row, draft: Draft | None, refused: str) -> None:
        """A row, what was made of it, and the column that refused it."""
        for name, column in self.columns.items():
            value = row.values.get(name)
            if is_empty(value):
                continue
            column.filled += 1
            if draft is not None and len(column.examples) < EXAMPLES:
                _add_example(column, as_sent(value), draft)
        if refused in self.columns:
            self.columns[refused].refused += 1

    def as_json(self) -> list[dict[str, object]]:
        """For programs."""
        return [column.as_json() for column in self.columns.values()]

    def lines(self) -> list[str]:
        """For people, without columns that say nothing."""
        return [column.line() for column in self.columns.values() if column.filled]


def _add_example(column: ColumnPreview, written: str, draft: Draft) -> None:
    if column.becomes is None:
        return
    if column.becomes.startswith(_UNSHOWN):
        example = (f"{len(written)} characters", f"{len(written)} characters")
    else:
        short = " ".join(written.split())[:LONGEST]
        example = (short, draft.texts.get(column.becomes, short)[:LONGEST])
    if example not in column.examples:
        column.examples.append(example)
