"""`otklik replay`: a file of appeals, posted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from otklik.cli.output import fail, print_json, progress_bar, say
from otklik.cli.system import Place
from otklik.client import Client, LineResult
from otklik.files import Mapper, Row, read_rows

SHOWN_REFUSALS = 20
SHOWN_EVERY = 100


@dataclass
class Outcome:
    """What became of the rows."""

    created: int = 0
    existing: int = 0
    refused: int = 0
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

    def __init__(self, path: Path, mapper: Mapper) -> None:
        self.path = path
        self.mapper = mapper
        self.outcome = Outcome()
        self._sent: dict[int, tuple[int, str]] = {}  # line of the batch → row and external_id, until answered
        self._lines = 0

    def appeals(self) -> Iterator[dict[str, Any]]:
        """What to submit; unusable rows are noted as refused."""
        for row in read_rows(self.path, self.mapper.required):
            if row.error:
                self.outcome.note_refusal(row.number, None, 0, f"Row {row.number} {row.error}")
                continue
            yield self._remembered(row)

    def _remembered(self, row: Row) -> dict[str, Any]:
        appeal = self.mapper.appeal_of(row)
        self._lines += 1
        self._sent[self._lines] = (row.number, appeal["external_id"])
        return appeal

    def note(self, result: LineResult) -> None:
        """Count the answer to one line."""
        row, external_id = self._sent.pop(result.line)
        if result.status == 201:
            self.outcome.created += 1
        elif result.accepted:
            self.outcome.existing += 1
        else:
            self.outcome.note_refusal(
                row, external_id, result.status, str(result.problem or "no reason given")
            )


def replay(place: Place, path: Path, region: str, prefix: str | None, as_json: bool) -> None:
    """Post every row; exit code 1 when one was not accepted."""
    total = sum(1 for _ in read_rows(path))
    run = Replay(path, Mapper(region, prefix or path.stem))
    began = time.monotonic()
    with place.client("portal", patience=60) as client:
        try:
            _post(client, run, total)
        finally:
            report(run, time.monotonic() - began, as_json)
    if run.outcome.refused:
        fail()


def _post(client: Client, run: Replay, total: int) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Posting {run.path.name}", total=total, note="")
        for result in client.submit_batch(run.appeals()):
            run.note(result)
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
