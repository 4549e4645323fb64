"""Past cases from the files of other systems: columns found by their usual names, or as they are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any, ClassVar, Final, get_args
from zoneinfo import ZoneInfo

from contracts.intake import Channel, PastOutcome, Regime
from otklik.files import (
    OKTMO,
    FileError,
    Mapper,
    Row,
    as_sent,
    is_empty,
    two_digits,
    with_offset,
    zone_of,
)

# Field → the names its column may have, the likeliest first.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "external_id": ("external_id", "case_enquiry_id", "case_id", "id", "номер"),
    "received_at": ("received_at", "open_dt", "opened_at", "opened", "created_at", "дата поступления", "дата регистрации"),
    "due_at": ("due_at", "target_dt", "sla_target_dt", "target", "due", "deadline", "срок", "контрольный срок"),
    "accepted_at": ("accepted_at", "дата принятия"),
    "closed_at": ("closed_at", "closed_dt", "answered_at", "resolved_at", "closed", "дата ответа"),
    "text": ("text", "case_title", "description", "title", "текст"),
    "topic": ("topic", "type", "тема"),
    "group": ("group", "category", "reason", "группа тем"),
    "organisation": ("organisation", "organization", "agency", "department", "орган"),
    "outcome": ("outcome", "результат"),
    "answer": ("answer", "ответ"),
    "region": ("region",),
    "municipality": ("municipality", "октмо"),
    "address": ("address", "адрес"),
    "channel": ("channel", "канал"),
    "regime": ("regime",),
    "lat": ("lat", "latitude", "широта"),
    "lon": ("lon", "longitude", "долгота"),
}  # fmt: skip
INSTANTS: Final = ("received_at", "due_at", "accepted_at", "closed_at")
RUSSIAN: Final = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")
KNOWN: Final = {
    "outcome": get_args(PastOutcome),
    "regime": get_args(Regime),
    "channel": get_args(Channel),
}
LAST_SECOND: Final = time(23, 59, 59)


@dataclass
class CaseMapper(Mapper):
    """Turns rows into past cases.

    `told`: field → column, where the usual names do not find it. Times without an offset are those of `zone`, or of
    the region; a date without a time is its first second for what was received, its last for everything else. In a file
    that has due times, a row without one says that none was set.
    """

    told: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    columns: dict[str, str] = field(default_factory=dict)  # field → column, once the header is known
    without_due: Counter[str] = field(default_factory=Counter)
    required: ClassVar[str | None] = None

    def bind(self, header: Iterable[str]) -> None:
        """Find the columns. Raises FileError for a column that is not there or no time of receipt."""
        names = list(header)
        for wanted, column in self.told.items():
            if wanted not in NAMES:
                raise FileError(f"There is no field `{wanted}`; there are: {', '.join(NAMES)}.")
            if not column.strip():
                continue  # left out
            if column.strip().lower() not in names:
                raise FileError(f"The file has no column `{column}` (found: {', '.join(names[:20])}).")
            self.columns[wanted] = column.strip().lower()
        for wanted, usual in NAMES.items():
            if wanted in self.told:
                continue
            found = next((name for name in usual if name in names), None)
            if found is not None and found not in self.columns.values():
                self.columns.setdefault(wanted, found)
        if "received_at" not in self.columns:
            raise FileError(
                f"No column tells when a case was received (found: {', '.join(names[:20])}). "
                "Name it: `--column received_at=NAME`."
            )

    def appeal_of(self, row: Row) -> dict[str, Any]:
        """The JSON object to import; whether it is acceptable is for the server to say."""
        cells = {name: row.values.get(column) for name, column in self.columns.items()}
        values = {name: value for name, value in cells.items() if not is_empty(value)}
        case: dict[str, Any] = {
            name: as_sent(value) for name, value in values.items() if name not in ("lat", "lon")
        }
        case["region"] = two_digits(case.get("region", self.region))
        self.keep_only_code(case, "municipality", OKTMO)
        for name, known in KNOWN.items():
            if name in case and case[name] not in known:
                del case[name]
                self.ignored[f"{name} (not known)"] += 1
        self.place(case, values)
        zone = self.zone or zone_of(case["region"])
        for name in INSTANTS:
            if name in case:
                case[name] = _not_to_come(name, with_offset(_read_moment(name, case[name]), zone))
        if "due_at" in self.columns and "due_at" not in case:
            case["due_at"] = None
            self.without_due["closed" if "closed_at" in case else "open"] += 1
        case.setdefault("external_id", f"{self.prefix}-{row.number}")
        used = set(self.columns.values())
        self.ignored.update(
            name for name, value in row.values.items() if name not in used and not is_empty(value)
        )
        return case


def _read_moment(name: str, text: str) -> str:
    """ISO 8601 for a Russian date; a day on which something was due or done lasts until its last second."""
    for pattern in RUSSIAN:
        try:
            text = datetime.strptime(text, pattern).isoformat()  # noqa: DTZ007 – its zone comes later
        except ValueError:
            continue
        if pattern == RUSSIAN[-1]:
            text = text[:10]
        break
    return f"{text}T{LAST_SECOND}" if name != "received_at" and len(text) == len("2026-11-24") else text


def _not_to_come(name: str, moment: str) -> str:
    """What was done today was done by now, not at the end of the day."""
    if name not in ("accepted_at", "closed_at") or not moment.partition("T")[2].startswith(str(LAST_SECOND)):
        return moment
    now = datetime.now(UTC)
    read = datetime.fromisoformat(moment)
    return now.isoformat() if read.tzinfo and read > now else moment
