"""`otklik replay`: a file of appeals, posted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from otklik.cli.failures import Failed
from otklik.cli.output import fail, print_json, progress_bar, say
from otklik.cli.system import Place
from otklik.client import LineResult
from otklik.files import FileError, Mapper, Row, RowError, Source
from otklik.files.encodings import kept
from otklik.files.moments import AmbiguousDate, DateOrder

SHOWN_REFUSALS = 20
SHOWN_EVERY = 100
# So many rows go ahead: if all of them bear ids that another file's rows have, so do the others.
PROBE = 20
ID_REUSED = "external-id-reused"
Send = Callable[[Iterable[dict[str, Any]]], Iterator[LineResult]]


@dataclass
class Outcome:
    """What became of the rows."""

    created: int = 0
    existing: int = 0
    refused: int = 0
    reused: int = 0  # of the refused: the id that was made for the row belongs to another file's
    refusals: list[dict[str, Any]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """All rows that have their answer."""
        return self.created + self.existing + self.refused

    def note_refusal(self, row: int, external_id: str | None, status: int, reason: str) -> None:
        """Count a refused row; only the first ones are kept."""
        self.refused += 1
        if len(self.refusals) < SHOWN_REFUSALS:
            self.refusals.append({"row": row, "external_id": external_id, "status": status, "reason": reason})


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

    def appeals(self) -> Iterator[dict[str, Any]]:
        """What to submit; unusable rows are noted as refused."""
        for row in self.source.rows(self.mapper.required):
            try:
                yield self._remembered(row)
            except RowError as error:
                self.outcome.note_refusal(row.number, None, 0, f"Row {row.number} {error}")

    def _remembered(self, row: Row) -> dict[str, Any]:
        if row.error:
            raise RowError(row.error)
        appeal = self.mapper.appeal_of(row)
        self._lines += 1
        self._sent[self._lines] = (row.number, appeal["external_id"])
        return appeal

    def run(self, send: Send) -> Iterator[None]:
        """Send all rows, the first ones ahead; a step after every answer. Failed when those are another file's."""
        appeals = self.appeals()
        for ahead in (True, False):
            first = self._lines
            for result in send(islice(appeals, PROBE) if ahead else appeals):
                self.note(result, first)
                yield
            if ahead and self.outcome.reused and self.outcome.reused == self._lines:
                raise Failed(f"Nothing was taken, and the rest was not sent. {self.advice()}")

    def note(self, result: LineResult, first: int = 0) -> None:
        """Count the answer to one line; `first`: how many lines went before its batch."""
        row, external_id = self._sent.pop(first + result.line)
        if result.status == 201:
            self.outcome.created += 1
        elif result.accepted:
            self.outcome.existing += 1
        else:
            problem = result.problem
            made = external_id == f"{self.mapper.prefix}-{row}"
            self.outcome.reused += made and problem is not None and problem.type.endswith(ID_REUSED)
            self.outcome.note_refusal(row, external_id, result.status, str(problem or "no reason given"))

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
        try:
            if not row.error:
                mapper.appeal_of(row)
        except RowError:
            continue
        except AmbiguousDate as error:
            raise FileError(f"Row {row.number}: {error}") from None
    mapper.ignored.clear()  # it will be counted again when rows are sent
    return rows


def replay(
    place: Place, path: Path, region: str, prefix: str | None, date_order: DateOrder | None, as_json: bool
) -> None:
    """Post every row; exit code 1 when one was not accepted."""
    mapper = Mapper(region, prefix or path.stem, date_order=date_order)
    with kept(path) as readable:
        source = Source(readable)
        total = read_through(source, mapper)
        run = Replay(source, mapper)
        began = time.monotonic()
        with place.client("portal", patience=60) as client:
            try:
                _post(run, client.submit_batch, total, path)
            finally:
                report(run, time.monotonic() - began, as_json)
    if run.outcome.refused:
        fail()


def _post(run: Replay, send: Send, total: int, path: Path) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Posting {path.name}", total=total, note="")
        for _ in run.run(send):
            if run.outcome.rows % SHOWN_EVERY == 0:
                bar.update(task, completed=run.outcome.rows, note=counts(run.outcome))
        bar.update(task, completed=run.outcome.rows, note=counts(run.outcome))


def counts(outcome: Outcome) -> str:
    """What became of the rows so far."""
    return f"{outcome.created} new, {outcome.existing} already there, {outcome.refused} refused"


def report(run: Replay, seconds: float, as_json: bool, **more: Any) -> None:
    """Say what became of the file; `more` goes into the JSON."""
    outcome = run.outcome
    if as_json:
        result = {
            "file": str(run.path),
            "rows": outcome.rows,
            "created": outcome.created,
            "existing": outcome.existing,
            "refused": outcome.refused,
            "refusals": outcome.refusals,
            "ignored": dict(run.mapper.ignored),
            "seconds": round(seconds, 3),
            **more,
        }
        print_json(result)
        return
    say(f"{outcome.rows} rows in {seconds:.1f} s: {counts(outcome)}.")
    if run.mapper.ignored:
        say("Not sent: " + ", ".join(f"{name} ({count})" for name, count in run.mapper.ignored.most_common()))
    for refusal in outcome.refusals:
        say(
            f"  row {refusal['row']} ({refusal['external_id'] or '-'}): {refusal['status']} {refusal['reason']}"
        )
    if outcome.refused > len(outcome.refusals):
        say(f"  … and {outcome.refused - len(outcome.refusals)} more")
    if outcome.reused and outcome.reused < outcome.rows:
        say(run.advice())
