"""Rows that are not taken: all are counted, the first ones are kept to be shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from otklik.files.appeals import Mapper
from otklik.files.drafts import Draft
from otklik.files.errors import RowError
from otklik.files.rows import Row

SHOWN = 20


@dataclass(frozen=True)
class Refusal:
    """Why a row was not taken; `status`: of the answer, None where nothing was sent. `column`: whose value is to blame, in
    the file's words; `russian`: the reason for whoever mends the file."""

    row: int
    external_id: str | None
    status: int | None
    reason: str
    column: str = ""
    russian: str = ""
    line: int = 0

    def as_json(self) -> dict[str, object]:
        """For programs."""
        may_lack: dict[str, object] = {"status": None, "column": "", "russian": "", "line": 0}
        return {name: value for name, value in asdict(self).items() if value != may_lack.get(name, self)}


@dataclass
class Refusals:
    """How many there are, and the first of them."""

    count: int = 0
    first: list[Refusal] = field(default_factory=list)

    def add(self, row: int, external_id: str | None, reason: str, status: int | None = None) -> None:
        """Count a refused row."""
        self.note(Refusal(row, external_id, status, reason))

    def note(self, refusal: Refusal) -> None:
        """The same with everything that is known of it."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(refusal)

    def as_json(self) -> list[dict[str, object]]:
        """The first ones, for programs."""
        return [refusal.as_json() for refusal in self.first]

    def lines(self, form: str) -> list[str]:
        """The first ones for people, each in the `form`, and how many more there are."""
        shown = [
            form.format(refusal=refusal, external_id=refusal.external_id or "-") for refusal in self.first
        ]
        more = self.count - len(self.first)
        return [*shown, f"  … and {more} more"] if more else shown


def refusal_of_row(row: Row, draft: Draft | None, error: RowError, mapper: Mapper) -> Refusal:
    """Why a row is not sent, in the file's own words."""
    column = mapper.column_of(error.field) if error.field else ""
    known_as = draft.external_id if draft is not None else None
    return Refusal(row.number, known_as, None, str(error), column, error.russian, row.line)
