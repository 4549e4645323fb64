"""Rows as past cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from otklik.files import Draft, FileError, Mapper, Row, RowError, plain_column
from otklik.files.appeals import as_sent, is_empty, read_field, zone_of
from otklik.files.cells import read_cells
from otklik.files.drafts import Export, ReadValues
from otklik.files.moments import Moment
from otklik.legacy_cases.columns import INSTANTS, NAMES
from otklik.legacy_cases.validation import find_violation
from otklik.legacy_cases.vocabulary import (
    CLOSED,
    OPEN,
    OTHER_FIELDS,
    OUTCOMES,
    Meaning,
    plain_phrase,
    read_meaning,
    read_word,
    refuse_outcome,
)

LAST_SECOND: Final = time(23, 59, 59)
DONE: Final = ("accepted_at", "closed_at")
JUDGED: Final = ("status", "outcome")
INTERPRETED: Final = frozenset({"lat", "lon", "promised_on", *JUDGED})
Meanings = Mapping[str, Mapping[str, str]]  # field → a word of the file, plain → ours


@dataclass
class LegacyCaseMapper(Mapper):
    """Turns rows into past cases.

    `given`: field → column, where the usual names do not find it ("" leaves a field out); `excluded`: columns that are not
    to be read; `meanings`: what the file's own words mean. Times without an offset are those of `zone`, or of the region; a
    date without a time is its first second for what was received, its last for everything else. In a file that has due
    times, a row without one says that none was set. `export`: what is known of the system that the file comes from;
    `fixed`: values of fields where a row has none.
    """

    given: Mapping[str, str] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    meanings: Meanings = field(default_factory=dict)
    zone: ZoneInfo | None = None
    export: Export | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)  # field → column, once the header is known
    left_out: set[str] = field(default_factory=set)  # columns that nobody is to be warned of
    without_due: Counter[str] = field(default_factory=Counter)
    required: ClassVar[str | None] = None

    def bind(self, header: Iterable[str]) -> None:
        """Find the columns. Raises FileError for a column that is not there or no time of receipt."""
        names = list(header)
        self.left_out = {_find(column, names) for column in self.excluded}
        usual = self._usual_names()
        for wanted, column in self.given.items():
            self._bind_given(wanted, column, names)
        for wanted in (name for name in usual if name not in self.given):
            self._bind_usual(usual[wanted], wanted, names)
        if self.export is not None:
            self.left_out |= self.export.unneeded & set(names) - set(self.columns.values())
        if "group" in self.columns and "topic" not in {*self.columns, *self.given}:
            self.columns["topic"] = self.columns.pop("group")
        if "received_at" not in self.columns:
            raise FileError(
                f"No column tells when a case was received (found: {', '.join(names[:20])}). "
                "Name it: `--column received_at=NAME`."
            )

    def _bind_given(self, wanted: str, column: str, names: list[str]) -> None:
        usual = self._usual_names()
        if wanted not in usual:
            raise FileError(f"There is no field `{wanted}`; there are: {', '.join(usual)}.")
        if column.strip():
            self.columns[wanted] = _find(column, names)
        else:
            self.left_out |= set(map(plain_column, usual[wanted])) & set(names)

    def _usual_names(self) -> Mapping[str, tuple[str, ...]]:
        """An export's own names; what it has none for, by the names of any register."""
        return NAMES if self.export is None else {**NAMES, **self.export.columns}

    def _bind_usual(self, usual: Iterable[str], wanted: str, names: list[str]) -> None:
        free = set(names) - set(self.columns.values()) - self.left_out
        found = next((name for name in map(plain_column, usual) if name in free), None)
        if found is not None:
            self.columns[wanted] = found

    def column_of(self, name: str) -> str:
        """The column that a field is read from; of an address, the first of its parts."""
        return self.columns.get(name, "")

    def field_of(self, column: str) -> str | None:
        """The field that a column becomes."""
        return next((name for name, bound in self.columns.items() if bound == column), None)

    def check(self, draft: Draft, now: datetime) -> RowError | None:
        """Why the register would refuse the case."""
        return find_violation(draft, now)

    def unread(self, names: Iterable[str]) -> list[str]:
        """Columns that become nothing, without those that somebody has left out on purpose."""
        used = {*self.columns.values(), *self.left_out}
        return [name for name in names if name not in used]

    def draft_of(self, row: Row) -> Draft:
        """The case to import. RowError for a value that is not known or contradicts another one, AmbiguousDate for one that
        may mean two days."""
        cells = {name: row.values.get(column) for name, column in self.columns.items()}
        given = {name: as_sent(value) for name, value in cells.items() if not is_empty(value)}
        read = self._read_cells({**self.fixed, **given})
        values = read.texts
        draft = Draft({name: text for name, text in values.items() if name not in INTERPRETED})
        if read.applicant:
            draft.others["applicant"] = read.applicant
        self.complete(draft, row, values)
        draft.texts |= {
            name: read_word(name, values[name], self.meanings.get(name, {}))
            for name in OTHER_FIELDS
            if name in values
        }
        draft.texts |= self._read_instants(values, self.zone or zone_of(draft.region))
        draft.texts |= self._judge(values)
        if "due_at" in self.columns and "due_at" not in values:
            draft.others["due_at"] = None
            self.without_due["closed" if "closed_at" in values else "open"] += 1
        self.count_ignored(row, set(self.columns.values()))
        return draft

    def _read_cells(self, cells: Mapping[str, str]) -> ReadValues:
        values = read_cells(cells)
        return self.export.read(values) if self.export is not None else ReadValues(values)

    def _read_instants(self, values: Mapping[str, str], zone: ZoneInfo | None) -> dict[str, str]:
        instants = {
            name: _instant(name, read_field(name, values[name], self.date_order), zone).isoformat()
            for name in INSTANTS
            if name in values
        }
        _end_of_day_or_of_case(instants)
        return instants

    def _judge(self, values: Mapping[str, str]) -> dict[str, str]:
        """What status and outcome say together, if it agrees with the dates."""
        meanings = {name: self._meaning_of(name, values[name]) for name in JUDGED if name in values}
        _require_agreement(values, meanings)
        outcome = next((found.word for found in meanings.values() if found.word in OUTCOMES), None)
        days = (values.get("promised_on"), *(found.until for found in reversed(meanings.values())))
        promised_on = next(filter(None, days), None)
        judged = {"outcome": outcome} if outcome else {}
        if promised_on and outcome == "postponed":
            judged["promised_on"] = (
                read_field("promised_on", promised_on, self.date_order).at.date().isoformat()
            )
        elif promised_on:
            self.ignored["promised_on (not postponed)"] += 1
        return judged

    def _meaning_of(self, name: str, text: str) -> Meaning:
        given = self.meanings.get(name, {}).get(plain_phrase(text))
        found = Meaning(given) if given else read_meaning(text)
        if found.word and (given or name == "status" or found.word != CLOSED):
            return found
        raise refuse_outcome(name, text)


def _require_agreement(values: Mapping[str, str], meanings: Mapping[str, Meaning]) -> None:
    closed = "closed_at" in values
    for name, found in meanings.items():
        if closed == (found.word == OPEN):
            dates = "a closing date" if closed else "no closing date"
            raise RowError(
                f"has {name} «{values[name][:60]}» and {dates}: which of them is right?",
                field=name,
                russian=f"«{values[name][:60]}» противоречит дате закрытия: {'она есть' if closed else 'её нет'}",
            )
    if len({found.word for found in meanings.values() if found.word in OUTCOMES}) > 1:
        raise RowError(
            f"has status «{values['status'][:60]}» and outcome «{values['outcome'][:60]}»",
            field="outcome",
            russian=f"статус «{values['status'][:60]}» и итог «{values['outcome'][:60]}» противоречат друг другу",
        )


def _instant(name: str, moment: Moment, zone: ZoneInfo | None) -> datetime:
    """A day on which something was due or done lasts until its last second; what was done today was done by now."""
    at = moment.within(zone)
    if not moment.whole_day or name == "received_at":
        return at
    end = at.replace(hour=LAST_SECOND.hour, minute=LAST_SECOND.minute, second=LAST_SECOND.second)
    return min(end, datetime.now(UTC)) if name in DONE and _is_today(end) else end


def _is_today(at: datetime) -> bool:
    return at.tzinfo is not None and at.date() == datetime.now(at.tzinfo).date()


def _end_of_day_or_of_case(instants: dict[str, str]) -> None:
    """The day on which a case was accepted ends with the case, if it was closed on the same day."""
    accepted_at, closed_at = instants.get("accepted_at", ""), instants.get("closed_at", "")
    if accepted_at[:10] == closed_at[:10] and accepted_at[10:].startswith(f"T{LAST_SECOND}"):
        instants["accepted_at"] = min(accepted_at, closed_at, key=datetime.fromisoformat)


def _find(column: str, names: list[str]) -> str:
    plain = plain_column(column)
    if plain not in names:
        raise FileError(f"The file has no column `{column.strip()}` (found: {', '.join(names[:20])}).")
    return plain
