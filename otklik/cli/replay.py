"""`otklik replay`: a file of appeals, posted."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from otklik.cli.import_plan import heading_lines, refused_note
from otklik.cli.output import fail, print_json, print_message, progress_bar
from otklik.cli.resuming import Progress
from otklik.cli.sending import Replay, Send
from otklik.cli.system import Target
from otklik.files import Draft, Mapper, RowError, Source
from otklik.files.encodings import seekable
from otklik.files.moments import DateOrder
from otklik.files.previews import Preview
from otklik.files.refusals import Refusals, refusal_of_row
from otklik.files.refused_rows import RefusedRows
from otklik.files.repeats import RepeatedIds
from otklik.presets import Preset, Recognition, known_headings, recognise_preset
from otklik.presets.appeals import ExportMapper
from otklik.presets.recognition import PresetName

SHOWN_EVERY = 100
KEPT_EVERY = 500


@dataclass
class Reading:
    """What the whole file says: how many rows, column by column, and which cannot be sent."""

    preview: Preview
    rows: int = 0
    refusals: Refusals = field(default_factory=Refusals)


def read_through(
    source: Source, mapper: Mapper, names: Iterable[str], refused: RefusedRows | None
) -> Reading:
    """The whole file is read before anything is sent: FileError for what is wrong with it, or for a date that may mean two
    days. `refused` gets the rows that cannot be sent."""
    reading = Reading(Preview(names, mapper))
    repeats = RepeatedIds()
    if refused is not None:
        refused.begin()
    for row in source.rows(mapper.required):
        reading.rows += 1
        draft: Draft | None = None
        try:
            draft = mapper.map_row(row)
            error = repeats.find(draft, row.number)
        except RowError as unreadable:
            error = unreadable
        if error is not None:
            refusal = refusal_of_row(row, draft, error, mapper)
            reading.refusals.note(refusal)
            if refused is not None:
                refused.add(refusal)
        reading.preview.note(row, draft, mapper.column_of(error.field) if error and error.field else "")
    mapper.ignored.clear()  # it will be counted again when rows are sent
    return reading


@dataclass(frozen=True)
class Options:
    """How a file of appeals is to be read and sent, as the command line says it."""

    region: str
    prefix: str | None
    date_order: DateOrder | None
    preset: PresetName
    dry_run: bool
    as_json: bool


def replay(target: Target, path: Path, options: Options) -> None:
    """Post every row; exit code 1 when one was not accepted."""
    with seekable(path) as readable:
        source = Source(readable, known_headings(options.preset))
        names = source.names()
        recognised = recognise_preset(names, options.preset)
        mapper = _mapper_of(path, names, recognised.preset, options)
        refused = RefusedRows(path)
        reading = read_through(source, mapper, names, refused if options.dry_run else None)
        if options.dry_run:
            _show(reading, recognised, source, refused, options.as_json)
            return
        how = (
            options.region,
            mapper.prefix,
            options.date_order,
            recognised.preset and recognised.preset.name,
        )
        progress = Progress(path, "replay", *target.identity("portal"), *how)
        reached = progress.read()
        if reached.row:
            print_message(f"It goes on after row {reached.row}.")
        run = Replay(source, mapper, refused, progress, reached)
        began = time.monotonic()
        with target.client("portal", patience=60) as client:
            try:
                _post(run, client.appeals.submit_batch, reading.rows, path)
            finally:
                report(run, time.monotonic() - began, options.as_json)
    if run.outcome.refusals.count:
        fail()


def _mapper_of(path: Path, names: Sequence[str], preset: Preset | None, options: Options) -> Mapper:
    prefix = options.prefix or path.stem
    if preset is None:
        return Mapper(options.region, prefix, date_order=options.date_order)
    mapper = ExportMapper(options.region, prefix, date_order=options.date_order, preset=preset)
    mapper.bind(names)
    return mapper


def _post(run: Replay, send: Send, total: int, path: Path) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Posting {path.name}", total=total, note="")
        for number, _ in enumerate(run.run(send), 1):
            if number % SHOWN_EVERY == 0:
                bar.update(task, completed=run.outcome.rows, note=str(run.outcome))
            if number % KEPT_EVERY == 0:
                run.keep()
        bar.update(task, completed=run.outcome.rows, note=str(run.outcome))
    run.end()


def _show(
    reading: Reading, recognised: Recognition, source: Source, refused: RefusedRows, as_json: bool
) -> None:
    """What was understood of a file; exit code 1 where a row would be refused."""
    if as_json:
        print_json(
            {
                "rows": reading.rows,
                "preset": recognised.as_json(),
                "titles": source.headings.above,
                "left_out": source.headings.left_out,
                "columns": reading.preview.as_json(),
                "refused": reading.refusals.count,
                "refusals": reading.refusals.as_json(),
                "refused_rows": refused.name,
            }
        )
    else:
        print(*_lines(reading, recognised, source, refused), sep="\n")
    if reading.refusals.count:
        fail()


def _lines(reading: Reading, recognised: Recognition, source: Source, refused: RefusedRows) -> Iterator[str]:
    yield f"{reading.rows} rows."
    yield from heading_lines(recognised, source.headings.above, source.headings.left_out)
    yield "Columns, as they are read:"
    yield from reading.preview.lines()
    if reading.refusals.count:
        yield f"Rows that will be refused: {reading.refusals.count}" + refused_note(refused)
    yield from reading.refusals.lines("  row {refusal.row} ({external_id}) {refusal.reason}")


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
    if run.refused.name:
        print_message(f"All refused rows: {run.refused.name}")
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
        "refused_rows": run.refused.name,
        "resumed_after": run.reached.row or None,
        "left_out": run.source.headings.left_out,
        "ignored": dict(run.mapper.ignored),
        "seconds": round(seconds, 3),
    }
