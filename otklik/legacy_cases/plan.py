"""What an import would do, found out from the whole file before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from otklik.files import FileError, Row, RowError, Source
from otklik.files.appeals import as_sent, is_empty
from otklik.files.moments import AmbiguousDate, read_moment
from otklik.legacy_cases.mapper import LegacyCaseMapper
from otklik.legacy_cases.validation import find_fault
from otklik.legacy_cases.columns import ORGANISATION_WORDS, TELLING
from otklik.legacy_cases.vocabulary import read_meaning

MANY_NAMES = 2_000
SHOWN = 20
SAMPLE = 200
NOT_SAID = "solved, as the file does not say"


@dataclass
class Names:
    """The topics or organisations of the file: by region and name, how many rows; `new`: those the region lacks, None
    while nobody has asked."""

    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    new: list[str] | None = None


@dataclass
class Plan:
    """What would be sent, and what would not."""

    rows: int = 0
    columns: dict[str, str] = field(default_factory=dict)  # field → column
    not_read: list[str] = field(default_factory=list)
    telling: dict[str, str] = field(
        default_factory=dict
    )  # column that may not be left out unsaid → what it looks like
    first: str | None = None
    last: str | None = None
    closed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    open: int = 0
    overdue: int = 0
    without_due: int = 0
    refused: int = 0
    refusals: list[dict[str, Any]] = field(default_factory=list)
    topics: Names = field(default_factory=Names)
    organisations: Names = field(default_factory=Names)
    regions: set[str] = field(default_factory=set)

    def note(self, case: Mapping[str, Any], now: datetime) -> None:
        """Count a case that would be sent."""
        received_at = case.get("received_at")
        if received_at is not None:
            self.first = min(self.first or received_at, received_at, key=datetime.fromisoformat)
            self.last = max(self.last or received_at, received_at, key=datetime.fromisoformat)
        region = case["region"]
        self.regions.add(region)
        for names, name in ((self.topics, case.get("topic")), (self.organisations, case.get("organisation"))):
            if name:
                names.rows[region, name] += 1
        if "closed_at" in case:
            self.closed += 1
            self.outcomes[case.get("outcome", NOT_SAID)] += 1
        else:
            self.open += 1
            due_at = case.get("due_at")
            self.overdue += due_at is not None and _is_past(due_at, now)
            self.without_due += due_at is None

    def refuse(self, row: int, external_id: str | None, reason: str) -> None:
        """Count a row that would not be sent."""
        self.refused += 1
        if len(self.refusals) < SHOWN:
            self.refusals.append({"row": row, "external_id": external_id, "reason": reason})

    @property
    def sendable(self) -> int:
        """How many rows would be sent."""
        return self.rows - self.refused


def make_plan(source: Source, mapper: LegacyCaseMapper) -> Plan:
    """Read the whole file twice: for its columns (records of NDJSON may each lack what others have) and faults, then for
    what its rows say. FileError for what makes the file as a whole unusable."""
    names: dict[str, None] = {}
    rows = 0
    for row in source.rows(None):
        rows += 1
        names |= dict.fromkeys(row.values)
    mapper.bind(names)
    plan = Plan(rows, dict(mapper.columns))
    samples: dict[str, list[str]] = {name: [] for name in mapper.unread(names)}
    now = datetime.now(UTC)
    for row in source.rows(None):
        _take_samples(samples, row)
        _survey(plan, mapper, row, now)
    for wanted, found in (("topic", plan.topics), ("organisation", plan.organisations)):
        _require_names(mapper, wanted, found)
    plan.not_read = [*(name for name, values in samples.items() if values), *sorted(mapper.left_out)]
    plan.telling = {
        name: told for name, values in samples.items() if values and (told := _looks_like(name, values))
    }
    mapper.ignored.clear()  # it will be counted again when rows are sent
    mapper.without_due.clear()
    return plan


def _survey(plan: Plan, mapper: LegacyCaseMapper, row: Row, now: datetime) -> None:
    if row.error:
        plan.refuse(row.number, None, row.error)
        return
    try:
        case = mapper.appeal_of(row)
    except RowError as error:
        plan.refuse(row.number, None, str(error))
    except AmbiguousDate as error:
        raise FileError(f"Row {row.number}: {error}") from None
    else:
        reason = find_fault(case, now)
        if reason is None:
            plan.note(case, now)
        else:
            plan.refuse(row.number, case["external_id"], reason)


def _take_samples(samples: Mapping[str, list[str]], row: Row) -> None:
    for name, found in samples.items():
        value = row.values.get(name)
        if len(found) < SAMPLE and not is_empty(value):
            found.append(as_sent(value))


def _looks_like(name: str, values: list[str]) -> str | None:
    """What a column is that nobody reads, by its name or by what stands in it."""
    named = next((what for what, pattern in TELLING.items() if pattern.search(name)), None)
    if named:
        return named
    shares = {
        "a date": (0.8, _is_date),
        "an outcome": (0.8, lambda value: bool(read_meaning(value)[0])),
        "an organisation": (0.5, lambda value: bool(ORGANISATION_WORDS.search(value)) and len(value) < 120),
    }
    for what, (share, looks) in shares.items():
        if sum(map(looks, values)) >= share * len(values):
            return what
    return None


def _is_date(value: str) -> bool:
    try:
        read_moment(value)
    except AmbiguousDate:
        return True
    except RowError:
        return False
    return True


def _require_names(mapper: LegacyCaseMapper, wanted: str, found: Names) -> None:
    """Topics and organisations of a wrongly read column would stay in the region's reference data."""
    if len(found.rows) > MANY_NAMES:
        raise FileError(
            f"Column `{mapper.columns[wanted]}` read as {wanted} holds {len(found.rows)} different values: it is probably "
            f"another column. Name the right one, `--column {wanted}=NAME`, or leave it out, `--column {wanted}=`."
        )


def _is_past(moment: str, now: datetime) -> bool:
    read = datetime.fromisoformat(moment)
    return read.tzinfo is not None and read < now


def find_new(names: Names, known: Iterable[tuple[str, str]]) -> None:
    """Which names a region does not have; `known`: region and name or code."""
    have = {(region, _plain(name)) for region, name in known}
    names.new = sorted({name for region, name in names.rows if (region, _plain(name)) not in have})


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
