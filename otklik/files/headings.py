"""Where a table begins: exports have titles above their header, and headers of two lines; and where its totals stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from chassis.normal import fold

LOOKED_AT: Final = 20
_TOTAL: Final = re.compile(r"(?:итого|всего|общий итог|total)\b", re.IGNORECASE)


def plain_column(name: str) -> str:
    """A column's name for comparison and look-up: its normal form."""
    return " ".join(fold(name).split())


@dataclass(frozen=True)
class Heading:
    """Names of columns as they are written, and how many records stand before the first row."""

    names: list[str]
    records: int


@dataclass
class Headings:
    """By which columns a header is known. `texts`: those that hold what a citizen wrote.

    `above` and `left_out` are what was found: the titles over the header, and the rows that are no cases.
    """

    known: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    above: list[str] = field(default_factory=list)
    left_out: int = 0

    @property
    def looked_at(self) -> int:
        """So many records at the beginning may be titles."""
        return LOOKED_AT if self.known else 1

    def score(self, cells: Sequence[str]) -> int:
        """How many known names stand in a record."""
        return len(self.known.intersection(map(plain_column, cells)))

    def find(self, records: Sequence[Sequence[str]]) -> Heading:
        """The header among the first records: the one with the most known names, joined with a neighbour that has others
        where it is blank; the first record where none has two."""
        scores = [self.score(cells) for cells in records]
        best = max(range(len(scores)), key=scores.__getitem__)  # the first one of several
        if scores[best] < 2:
            best = 0
        begin, end = best, best + 1
        if best and scores[best - 1] >= 2 and _fits_above(records[best - 1], records[best], self):
            begin = best - 1
        elif end < len(records) and scores[end] >= 2 and _fits_above(records[best], records[end], self):
            end += 1
        self.above = [_joined(cells) for cells in records[:begin]]
        return Heading(_merge(records[begin:end]), end)

    def is_no_case(self, names: Sequence[str], cells: Sequence[str]) -> bool:
        """Whether a record is a total or the header once more. A total begins with its word, has few values and no text."""
        if not self.known:
            return False
        filled = [(place, cell) for place, cell in enumerate(cells) if cell.strip()]
        place, first = filled[0]
        text = next((at for at, name in enumerate(names) if name in self.texts), None)
        if text is not None and place != text and len(cells) > 1 and self._repeats(names, filled):
            return True
        if text is None or text == place or not _TOTAL.match(first.strip()):
            return False
        return len(filled) <= max(2, len(names) // 3) and not (text < len(cells) and cells[text].strip())

    def _repeats(self, names: Sequence[str], filled: Sequence[tuple[int, str]]) -> bool:
        return len(filled) > 2 and all(
            place < len(names) and plain_column(cell) == names[place] for place, cell in filled
        )


def _fits_above(upper: Sequence[str], lower: Sequence[str], headings: Headings) -> bool:
    """Two lines of one header: every name of the lower line is known, and only names of the upper one stand alone."""
    lower_names = [plain_column(cell) for cell in lower if cell.strip()]
    alone = [
        place
        for place, cell in enumerate(upper)
        if cell.strip() and not "".join(lower[place : place + 1]).strip()
    ]
    return bool(alone) and headings.known.issuperset(lower_names)


def _merge(lines: Sequence[Sequence[str]]) -> list[str]:
    """The lower name of each column, the upper one where there is none."""
    width = max(map(len, lines))
    columns = [
        [line[place] for line in lines if place < len(line) and line[place].strip()] for place in range(width)
    ]
    return [names[-1] if names else "" for names in columns]


def _joined(cells: Sequence[str]) -> str:
    return " ".join(cell.strip() for cell in cells if cell.strip())[:200]
