"""What an import would do, found out from the whole file before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from otklik.files import Draft, FileError, Row, RowError, Source
from otklik.files.appeals import as_sent, is_empty
from otklik.files.moments import AmbiguousDate, read_moment
from otklik.files.previews import Preview
from otklik.files.refusals import Refusals, refusal_of_row
from otklik.files.refused_rows import RefusedRows
from otklik.files.repeats import RepeatedIds
from otklik.legacy_cases.columns import ORGANISATION_WORDS, SIGNIFICANT_NAMES
from otklik.legacy_cases.mapper import LegacyCaseMapper
from otklik.legacy_cases.vocabulary import read_meaning

MANY_NAMES = 2_000
SAMPLE = 200
UNKNOWN_OUTCOME = "solved, as the file does not say"


@dataclass
class Names:
    """The topics or organisations of the file: by region and name, how many rows; `new`: those the region lacks, None
    while nobody has asked."""

    rows: Counter[tuple[str, str]] = field(default_factory=Counter)
    new: list[str] | None = None

    def find_new(self, known: Iterable[tuple[str, str]]) -> None:
        """Which names a region does not have; `known`: region and name or code."""
        have = {(region, _plain(name)) for region, name in known}
        self.new = sorted({name for region, name in self.rows if (region, _plain(name)) not in have})


@dataclass
class Plan:
    """What would be sent, and what would not."""

    rows: int = 0
    columns: dict[str, str] = field(default_factory=dict)  # field → column
    not_read: list[str] = field(default_factory=list)
    undecided: dict[str, str] = field(default_factory=dict)  # significant column → what it looks like
    first: str | None = None
    last: str | None = None
    closed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    open: int = 0
    overdue: int = 0
    without_due: int = 0
    refusals: Refusals = field(default_factory=Refusals)
    above: list[str] = field(default_factory=list)  # titles over the header
    left_out: int = 0  # totals, and the header once more
    preview: Preview | None = None
    topics: Names = field(default_factory=Names)
    organisations: Names = field(default_factory=Names)

    def add(self, case: Draft, now: datetime) -> None:
        """Count a case that would be sent."""
        texts = case.texts
        received_at = texts["received_at"]
        self.first = min(self.first or received_at, received_at, key=datetime.fromisoformat)
        self.last = max(self.last or received_at, received_at, key=datetime.fromisoformat)
        for names, name in ((self.topics, "topic"), (self.organisations, "organisation")):
            if name in texts:
                names.rows[case.region, texts[name]] += 1
        if "closed_at" in texts:
            self.closed += 1
            self.outcomes[texts.get("outcome", UNKNOWN_OUTCOME)] += 1
        else:
            self.open += 1
            self.overdue += "due_at" in texts and _is_past(texts["due_at"], now)
            self.without_due += "due_at" not in texts

    @property
    def sendable(self) -> int:
        """How many rows would be sent."""
        return self.rows - self.refusals.count


def make_plan(source: Source, mapper: LegacyCaseMapper, refused: RefusedRows | None = None) -> Plan:
    """Read the whole file twice: for its columns (records of NDJSON may each lack what others have) and faults, then for
    what its rows say. FileError for what makes the file as a whole unusable. `refused` gets the rows that cannot be sent."""
    names: dict[str, None] = {}
    rows = 0
    for row in source.rows(None):
        rows += 1
        names |= dict.fromkeys(row.values)
    mapper.bind(names)
    plan = Plan(rows, dict(mapper.columns), above=source.headings.above, left_out=source.headings.left_out)
    if refused is not None:
        refused.begin()
    survey = _Survey(plan, mapper, names, refused)
    samples: dict[str, list[str]] = {name: [] for name in mapper.unread(names)}
    now = datetime.now(UTC)
    for row in source.rows(None):
        _take_samples(samples, row)
        survey.add(row, now)
    plan.preview = survey.preview
    samples = {name: values for name, values in samples.items() if values}
    plan.not_read = [*samples, *sorted(mapper.left_out)]
    looks = {name: _looks_like(name, values) for name, values in samples.items()}
    plan.undecided = {name: what for name, what in looks.items() if what}
    mapper.ignored.clear()  # it will be counted again when rows are sent
    mapper.without_due.clear()
    return plan


class _Survey:
    """Goes over the rows for a plan."""

    def __init__(
        self, plan: Plan, mapper: LegacyCaseMapper, names: Iterable[str], refused: RefusedRows | None
    ) -> None:
        self.plan = plan
        self.mapper = mapper
        self.refused = refused
        self.repeats = RepeatedIds()
        self.preview = Preview(names, mapper)

    def add(self, row: Row, now: datetime) -> None:
        """Count a row, or note why it would be refused."""
        case: Draft | None = None
        try:
            case = self.mapper.map_row(row)
            error = self.mapper.check(case, now) or self.repeats.find(case, row.number)
        except RowError as unreadable:
            error = unreadable
        if error is None and case is not None:
            self.plan.add(case, now)
            _require_names(self.mapper, "topic", self.plan.topics)
            _require_names(self.mapper, "organisation", self.plan.organisations)
        elif error is not None:
            self._refuse(row, case, error)
        self.preview.note(row, case, self.mapper.column_of(error.field) if error and error.field else "")

    def _refuse(self, row: Row, case: Draft | None, error: RowError) -> None:
        refusal = refusal_of_row(row, case, error, self.mapper)
        self.plan.refusals.note(refusal)
        if self.refused is not None:
            self.refused.add(refusal)


def _take_samples(samples: Mapping[str, list[str]], row: Row) -> None:
    for name, found in samples.items():
        value = row.values.get(name)
        if len(found) < SAMPLE and not is_empty(value):
            found.append(as_sent(value))


def _is_date(value: str) -> bool:
    try:
        read_moment(value)
    except AmbiguousDate:
        return True
    except RowError:
        return False
    return True


def _is_outcome(value: str) -> bool:
    return bool(read_meaning(value).word)


def _is_organisation(value: str) -> bool:
    return len(value) < 120 and ORGANISATION_WORDS.search(value) is not None


# What a column is, where at least this share of its values looks like it.
_SIGNIFICANT_VALUES: Final = (
    ("a date", 0.8, _is_date),
    ("an outcome", 0.8, _is_outcome),
    ("an organisation", 0.5, _is_organisation),
)


def _looks_like(name: str, values: list[str]) -> str | None:
    """What a column is that nobody reads, by its name or by what stands in it."""
    by_name = (what for what, pattern in SIGNIFICANT_NAMES.items() if pattern.search(name))
    by_values = (
        what for what, share, looks in _SIGNIFICANT_VALUES if sum(map(looks, values)) >= share * len(values)
    )
    return next(chain(by_name, by_values), None)


def _require_names(mapper: LegacyCaseMapper, wanted: str, found: Names) -> None:
    """Topics and organisations of a wrongly read column would stay in the region's reference data."""
    if len(found.rows) > MANY_NAMES:
        raise FileError(
            f"Column `{mapper.columns[wanted]}` read as {wanted} holds {len(found.rows)} different values: it is probably "
            f"another column. Name the right one, `--column {wanted}=NAME`, or leave it out, `--column {wanted}=`."
        )


def _is_past(instant: str, now: datetime) -> bool:
    at = datetime.fromisoformat(instant)
    return at.tzinfo is not None and at < now


def _plain(name: str) -> str:
    return " ".join(name.lower().split())
