"""Rows as past cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from otklik.files import FileError, Mapper, Row, RowError, plain_column
from otklik.files.appeals import OKTMO, as_sent, is_empty, two_digits, zone_of
from otklik.files.moments import read_moment
from otklik.legacy_cases.columns import INSTANTS, NAMES
from otklik.legacy_cases.vocabulary import (
    CLOSED,
    OPEN,
    OUTCOMES,
    plain_phrase,
    read_meaning,
    read_word,
    refuse_outcome,
)

LAST_SECOND: Final = time(23, 59, 59)
JUDGED: Final = ("status", "outcome", "promised_on")
Words = Mapping[str, Mapping[str, str]]  # field → a word of the file, plain → ours


@dataclass
class LegacyCaseMapper(Mapper):
    """Turns rows into past cases.

    `told`: field → column, where the usual names do not find it ("" leaves a field out); `none`: columns that are not to
    be read; `words`: what the file's own words mean. Times without an offset are those of `zone`, or of the region; a
    date without a time is its first second for what was received, its last for everything else. In a file that has due
    times, a row without one says that none was set.
    """

    told: Mapping[str, str] = field(default_factory=dict)
    none: tuple[str, ...] = ()
    words: Words = field(default_factory=dict)
    zone: ZoneInfo | None = None
    columns: dict[str, str] = field(default_factory=dict)  # field → column, once the header is known
    left_out: set[str] = field(default_factory=set)  # columns that nobody is to be warned of
    without_due: Counter[str] = field(default_factory=Counter)
    required: ClassVar[str | None] = None

    def bind(self, header: Iterable[str]) -> None:
        """Find the columns. Raises FileError for a column that is not there or no time of receipt."""
        names = list(header)
        self.left_out = {_find(column, names) for column in self.none}
        for wanted, column in self.told.items():
            self._bind_told(wanted, column, names)
        for wanted, usual in NAMES.items():
            if wanted not in self.told:
                self._bind_usual(wanted, usual, names)
        if "topic" not in self.columns and "topic" not in self.told and "group" in self.columns:
            self.columns["topic"] = self.columns.pop("group")
        if "received_at" not in self.columns:
            raise FileError(
                f"No column tells when a case was received (found: {', '.join(names[:20])}). "
                "Name it: `--column received_at=NAME`."
            )

    def _bind_told(self, wanted: str, column: str, names: list[str]) -> None:
        if wanted not in NAMES:
            raise FileError(f"There is no field `{wanted}`; there are: {', '.join(NAMES)}.")
        if column.strip():
            self.columns[wanted] = _find(column, names)
        else:
            self.left_out |= set(map(plain_column, NAMES[wanted])) & set(names)

    def _bind_usual(self, wanted: str, usual: tuple[str, ...], names: list[str]) -> None:
        free = set(names) - set(self.columns.values()) - self.left_out
        found = next((name for name in map(plain_column, usual) if name in free), None)
        if found is not None:
            self.columns[wanted] = found

    def unread(self, names: Iterable[str]) -> list[str]:
        """Columns that become nothing, without those that somebody has left out on purpose."""
        used = {*self.columns.values(), *self.left_out}
        return [name for name in names if name not in used]

    def appeal_of(self, row: Row) -> dict[str, Any]:
        """The JSON object to import; whether it is acceptable is for the server to say. RowError for a value that is not
        known or contradicts another one, FileError for a date that may mean two days."""
        cells = {name: row.values.get(column) for name, column in self.columns.items()}
        values = {name: as_sent(value) for name, value in cells.items() if not is_empty(value)}
        case: dict[str, Any] = {
            name: value for name, value in values.items() if name not in ("lat", "lon", *JUDGED)
        }
        case["region"] = two_digits(case.get("region", self.region))
        self.keep_only_code(case, "municipality", OKTMO)
        self.place(case, values)
        for name in ("channel", "regime"):
            if name in case:
                case[name] = read_word(name, case[name], self.words.get(name, {}))
        zone = self.zone or zone_of(case["region"])
        for name in INSTANTS:
            if name in case:
                case[name] = self._instant(name, case[name], zone)
        _end_of_day_or_of_case(case)
        case |= self._judge(values)
        if "due_at" in self.columns and "due_at" not in case:
            case["due_at"] = None
            self.without_due["closed" if "closed_at" in case else "open"] += 1
        case.setdefault("external_id", f"{self.prefix}-{row.number}")
        used = set(self.columns.values())
        self.ignored.update(
            name for name, value in row.values.items() if name not in used and not is_empty(value)
        )
        return case

    def _instant(self, name: str, text: str, zone: ZoneInfo | None) -> str:
        """A day on which something was due or done lasts until its last second; what was done today was done by now."""
        moment = read_moment(text, self.date_order)
        at = moment.within(zone)
        if moment.whole_day and name != "received_at":
            at = at.replace(hour=LAST_SECOND.hour, minute=LAST_SECOND.minute, second=LAST_SECOND.second)
            now = datetime.now(UTC)
            if name != "due_at" and at.tzinfo and at > now and at.date() == now.astimezone(at.tzinfo).date():
                at = now
        return at.isoformat()

    def _judge(self, values: Mapping[str, str]) -> dict[str, str]:
        """What status and outcome say together, if it agrees with the dates."""
        meanings: dict[str, str] = {}
        promised_on = ""
        for name in ("status", "outcome"):
            if name in values:
                meanings[name], day = self._read(name, values[name])
                promised_on = day or promised_on
        closed = "closed_at" in values
        for name, meaning in meanings.items():
            if closed == (meaning == OPEN):
                dates = "a closing date" if closed else "no closing date"
                raise RowError(f"has {name} «{values[name][:60]}» and {dates}: which of them is right?")
        outcomes = {meaning for meaning in meanings.values() if meaning in OUTCOMES}
        if len(outcomes) > 1:
            raise RowError(f"has status «{values['status'][:60]}» and outcome «{values['outcome'][:60]}»")
        judged = {"outcome": outcomes.pop()} if outcomes else {}
        promised_on = values.get("promised_on") or promised_on
        if promised_on and judged.get("outcome") == "postponed":
            judged["promised_on"] = read_moment(promised_on, self.date_order).at.date().isoformat()
        elif promised_on:
            self.ignored["promised_on (not postponed)"] += 1
        return judged

    def _read(self, name: str, text: str) -> tuple[str, str]:
        told = self.words.get(name, {}).get(plain_phrase(text))
        if told:
            return told, ""
        meaning, day = read_meaning(text)
        if not meaning or (name == "outcome" and meaning == CLOSED):
            raise refuse_outcome(name, text)
        return meaning, day


def _end_of_day_or_of_case(case: dict[str, Any]) -> None:
    """The day on which a case was accepted ends with the case, if it was closed on the same day."""
    accepted_at, closed_at = case.get("accepted_at", ""), case.get("closed_at", "")
    if accepted_at[:10] == closed_at[:10] and accepted_at[10:].startswith(f"T{LAST_SECOND}"):
        case["accepted_at"] = min(accepted_at, closed_at, key=datetime.fromisoformat)


def _find(column: str, names: list[str]) -> str:
    plain = plain_column(column)
    if plain not in names:
        raise FileError(f"The file has no column `{column.strip()}` (found: {', '.join(names[:20])}).")
    return plain
