"""Sending a file's rows: each once, in their order, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from otklik.cli.failures import Failed
from otklik.cli.resuming import Progress, Reached
from otklik.files import Draft, Mapper, RowError, Source
from otklik.files.refusals import Refusal, Refusals, refusal_of_row
from otklik.files.refused_rows import RefusedRows
from otklik.files.repeats import RepeatedIds
from otklik_client.models import BatchLine, Fault, Problem

# So many rows go ahead: if all of them bear ids that another file's rows have, so do the others.
PROBE = 20
ID_REUSED = "external-id-reused"
SEND_AGAIN = 503
Send = Callable[[Iterable[Mapping[str, object]]], Iterable[BatchLine]]


@dataclass
class Outcome:
    """What became of the rows."""

    created: int = 0
    existing: int = 0
    reused: int = 0  # of the refused: the id that was made for the row belongs to another file's
    refusals: Refusals = field(default_factory=Refusals)

    @property
    def rows(self) -> int:
        """All rows that have their answer."""
        return self.created + self.existing + self.refusals.count

    def __str__(self) -> str:
        return f"{self.created} new, {self.existing} already there, {self.refusals.count} refused"


@dataclass(frozen=True, slots=True)
class SentRow:
    """A row on its way: its number, its line in the file, and the id that it goes by."""

    row: int
    line: int
    external_id: str


class Replay:
    """Feeds a file's rows to a batch and matches the answers to their rows.

    `progress`: how far an earlier run came; what it has done is not sent again, and its refusals stay in `refused`.
    """

    def __init__(
        self, source: Source, mapper: Mapper, refused: RefusedRows, progress: Progress, reached: Reached
    ) -> None:
        self.source = source
        self.mapper = mapper
        self.refused = refused
        self.progress = progress
        self.reached = reached
        refused.begin(reached.row)
        self.outcome = Outcome(reached.created, reached.existing)
        self.outcome.refusals.count = refused.kept if reached.row else 0
        self._sent: dict[int, SentRow] = {}  # line of the batch → the row, until answered
        self._lines = 0
        self._final = reached  # every row up to it has its final answer, and what became of them
        self.complete = True  # no row is to be sent again
        self._repeats = RepeatedIds()

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def appeals(self) -> Iterator[Mapping[str, object]]:
        """What to submit; unusable rows are counted as refused."""
        now = datetime.now(UTC)
        for row in self.source.rows(self.mapper.required):
            draft: Draft | None = None
            try:
                draft = self.mapper.map_row(row)
                error = self.mapper.check(draft, now) or self._repeats.find(draft, row.number)
            except RowError as unreadable:
                error = unreadable
            if row.number <= self.reached.row:
                continue
            if draft is None or error is not None:
                assert error is not None
                refusal = refusal_of_row(row, draft, error, self.mapper)
                self._refuse(replace(refusal, status=0, reason=f"Row {row.number} {error}"))
                continue
            self._lines += 1
            self._sent[self._lines] = SentRow(row.number, row.line, draft.external_id)
            yield draft.as_json()

    def _refuse(self, refusal: Refusal) -> None:
        self.outcome.refusals.note(refusal)
        self.refused.add(refusal)

    def run(self, send: Send) -> Iterator[None]:
        """Send all rows, the first ones ahead; a step after every answer. Failed when those are another file's."""
        appeals = self.appeals()
        yield from self._send(send, islice(appeals, PROBE))
        if self.outcome.reused and self.outcome.reused == self._lines:
            raise Failed(f"Nothing was taken, and the rest was not sent. {self.advice()}")
        yield from self._send(send, appeals)

    def _send(self, send: Send, appeals: Iterator[Mapping[str, object]]) -> Iterator[None]:
        first = self._lines
        for result in send(appeals):
            self.record(result, first)
            yield

    def record(self, result: BatchLine, first: int = 0) -> None:
        """Count the answer to one line; `first`: how many lines went before its batch."""
        sent = self._sent.pop(first + result.line)
        self.complete &= result.status != SEND_AGAIN
        if result.status == 201:
            self.outcome.created += 1
        elif result.problem is None:
            self.outcome.existing += 1
        else:
            self.outcome.reused += self._is_reused(result, sent)
            self._refuse(refusal_of_answer(result, sent, self.mapper))
        if self.complete:
            self._final = Reached(sent.row, self.outcome.created, self.outcome.existing)

    def keep(self, run: str = "") -> None:
        """Remember how far it went; `run`: the import's id."""
        self.progress.keep(replace(self._final, run=run))

    def end(self, run: str = "") -> None:
        """All rows were sent; what is to be sent again is remembered."""
        if self.complete:
            self.progress.end()
        else:
            self.keep(run)

    def _is_reused(self, result: BatchLine, sent: SentRow) -> bool:
        made = sent.external_id == self.mapper.external_id_of(sent.row)
        return made and result.problem is not None and result.problem.type.endswith(ID_REUSED)

    def advice(self) -> str:
        """What to do where the ids of rows belong to others."""
        return (
            f"Rows called `{self.mapper.prefix}-1`, `{self.mapper.prefix}-2` … were sent before with another content: by "
            "another file of the same name, or by this one before it was changed. If these are other appeals, give them "
            "names of their own: `--prefix NAME`."
        )


_NO_REASON = Problem(type="about:blank", title="no reason given", status=0)
_NOWHERE = Fault(pointer="", message="")
# What the register says most, for whoever mends the file.
_IN_RUSSIAN: Mapping[str, str] = {
    ID_REUSED: "номер уже занят обращением с другим содержанием",
    "regime-not-admitted": "закон не допускает обращение по 59-ФЗ через этот канал",
    "forbidden": "регион вне ваших полномочий",
    "too-large": "строка длиннее допустимого",
    "unavailable": "система занята; повторите загрузку",
}


def refusal_of_answer(result: BatchLine, sent: SentRow, mapper: Mapper) -> Refusal:
    """Why the register did not take a row, with the column that it names."""
    problem = result.problem or _NO_REASON
    faults = problem.errors or [_NOWHERE]
    slug = problem.type.rstrip("/").rsplit("/", 1)[-1]
    field_name = faults[0].pointer.strip("/").partition("/")[0]
    column = mapper.column_of("external_id" if slug == ID_REUSED else field_name)
    places = [f"{fault.pointer}: {fault.message}" for fault in faults if fault.message]
    reason = " – ".join(part for part in (problem.title, problem.detail, *places) if part)
    messages = "; ".join(fault.message for fault in faults)
    russian = _IN_RUSSIAN.get(slug, f"система не приняла значение ({messages or reason})")
    return Refusal(sent.row, sent.external_id, result.status, reason, column, russian, sent.line)
