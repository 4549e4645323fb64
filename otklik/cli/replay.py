"""`otklik replay`: a file of appeals, posted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from otklik.cli.failures import Failed
from otklik.cli.output import fail, print_json, print_message, progress_bar
from otklik.cli.system import Target
from otklik.client import LineResult
from otklik.files import Mapper, RowError, Source
from otklik.files.encodings import seekable
from otklik.files.moments import DateOrder
from otklik.files.refusals import Refusals

SHOWN_EVERY = 100
# So many rows go ahead: if all of them bear ids that another file's rows have, so do the others.
PROBE = 20
ID_REUSED = "external-id-reused"
Send = Callable[[Iterable[Mapping[str, object]]], Iterator[LineResult]]


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


class Replay:
    """Feeds a file's rows to a batch and matches the answers to their rows."""

    def __init__(self, source: Source, mapper: Mapper) -> None:
        self.source = source
        self.mapper = mapper
        self.outcome = Outcome()
        self._sent: dict[int, tuple[int, str]] = {}  # line of the batch → row and external_id, until answered
        self._lines = 0

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def appeals(self) -> Iterator[Mapping[str, object]]:
        """What to submit; unusable rows are counted as refused."""
        for row in self.source.rows(self.mapper.required):
            try:
                draft = self.mapper.map_row(row)
            except RowError as error:
                self.outcome.refusals.add(row.number, None, f"Row {row.number} {error}", status=0)
                continue
            self._lines += 1
            self._sent[self._lines] = (row.number, draft.external_id)
            yield draft.as_json()

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

    def record(self, result: LineResult, first: int = 0) -> None:
        """Count the answer to one line; `first`: how many lines went before its batch."""
        row, external_id = self._sent.pop(first + result.line)
        if result.status == 201:
            self.outcome.created += 1
        elif result.accepted:
            self.outcome.existing += 1
        else:
            reason = str(result.problem or "no reason given")
            self.outcome.reused += self._is_reused(result, row, external_id)
            self.outcome.refusals.add(row, external_id, reason, result.status)

    def _is_reused(self, result: LineResult, row: int, external_id: str) -> bool:
        made = external_id == self.mapper.external_id_of(row)
        return made and result.problem is not None and result.problem.type.endswith(ID_REUSED)

    def advice(self) -> str:
        """What to do where the ids of rows belong to others."""
        return (
            f"Rows called `{self.mapper.prefix}-1`, `{self.mapper.prefix}-2` … were sent before with another content: by "
            "another file of the same name, or by this one before it was changed. If these are other appeals, give them "
            "names of their own: `--prefix NAME`."
        )


def read_through(source: Source, mapper: Mapper) -> int:
    """How many rows there are. The whole file is read before anything is sent: FileError for what is wrong with it, or
    for a date that may mean two days."""
    rows = 0
    for row in source.rows(mapper.required):
        rows += 1
        with suppress(RowError):
            mapper.map_row(row)
    mapper.ignored.clear()  # it will be counted again when rows are sent
    return rows


def replay(
    target: Target, path: Path, region: str, prefix: str | None, date_order: DateOrder | None, as_json: bool
) -> None:
    """Post every row; exit code 1 when one was not accepted."""
    mapper = Mapper(region, prefix or path.stem, date_order=date_order)
    with seekable(path) as readable:
        source = Source(readable)
        total = read_through(source, mapper)
        run = Replay(source, mapper)
        began = time.monotonic()
        with target.client("portal", patience=60) as client:
            try:
                _post(run, client.submit_batch, total, path)
            finally:
                report(run, time.monotonic() - began, as_json)
    if run.outcome.refusals.count:
        fail()


def _post(run: Replay, send: Send, total: int, path: Path) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Posting {path.name}", total=total, note="")
        for _ in run.run(send):
            if run.outcome.rows % SHOWN_EVERY == 0:
                bar.update(task, completed=run.outcome.rows, note=str(run.outcome))
        bar.update(task, completed=run.outcome.rows, note=str(run.outcome))


def report(run: Replay, seconds: float, as_json: bool, **more: object) -> None:
    """Print what became of the file; `more` goes into the JSON."""
    if as_json:
        print_json(_result(run, seconds) | more)
        return
    outcome = run.outcome
    print_message(f"{outcome.rows} rows in {seconds:.1f} s: {outcome}.")
    ignored = ", ".join(f"{name} ({count})" for name, count in run.mapper.ignored.most_common())
    if ignored:
        print_message(f"Not sent: {ignored}")
    for line in outcome.refusals.lines(
        "  row {refusal.row} ({external_id}): {refusal.status} {refusal.reason}"
    ):
        print_message(line)
    if 0 < outcome.reused < outcome.rows:
        print_message(run.advice())


def _result(run: Replay, seconds: float) -> dict[str, object]:
    return {
        "file": str(run.path),
        "rows": run.outcome.rows,
        "created": run.outcome.created,
        "existing": run.outcome.existing,
        "refused": run.outcome.refusals.count,
        "refusals": run.outcome.refusals.as_json(),
        "ignored": dict(run.mapper.ignored),
        "seconds": round(seconds, 3),
    }
