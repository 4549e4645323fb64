"""`otklik import-history`: the cases of another system, taken over with their own dates."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from uuid_utils.compat import uuid7

from otklik.cli.failures import Failed
from otklik.cli.import_plan import plan_as_json, plan_lines, refusal_of
from otklik.cli.import_undo import is_taken_back, list_imports, undo_import
from otklik.cli.operations import wait_until_handled, work_left
from otklik.cli.output import ask, fail, print_json, print_message, progress_bar
from otklik.cli.replay import report
from otklik.cli.resuming import Progress, Reached
from otklik.cli.sending import Replay, Send
from otklik.cli.system import Target
from otklik.files import Source
from otklik.files.encodings import seekable
from otklik.files.refused_rows import RefusedRows
from otklik.legacy_cases.columns import NAMES
from otklik.legacy_cases.mapper import LegacyCaseMapper
from otklik.legacy_cases.mapping_file import FileMapping, read_mapping, read_order
from otklik.legacy_cases.plan import Plan, make_plan
from otklik.presets import Recognition, known_headings, recognise_preset
from otklik.presets.recognition import PresetName
from otklik_client import Client, OtklikError

# The past waits for the present: while more than this (messages of up to a hundred events) is under way, no further
# chunk is sent, so that a new appeal finds no long queue before it.
MOST_UNDER_WAY = 100
STUCK_SECONDS = 300.0
PAUSE_SECONDS = 0.05
CHUNK = 500


@dataclass(frozen=True)
class Options:
    """How a file of past cases is to be read and sent, as the command line says it."""

    region: str
    columns: Sequence[str] | None
    mapping: Path | None
    ignore: Sequence[str] | None
    zone: str | None
    date_format: str | None
    prefix: str | None
    preset: PresetName
    fixed: Sequence[str] | None
    dry_run: bool
    yes: bool
    wait: float
    as_json: bool


def run(target: Target, file: Path | None, undo: UUID | None, options: Options) -> None:
    """Import a file, take an import back, or, where neither is given, list the imports."""
    if file is not None:
        import_history(target, file, options)
    elif undo is not None:
        undo_import(target, undo, options.wait, options.as_json)
    else:
        list_imports(target, options.as_json)


def import_history(target: Target, path: Path, options: Options) -> None:
    """Show the plan, ask, import every row; exit code 1 when one was not accepted or the figures are not complete in
    time. FileError, or Failed, before anything is sent."""
    mapper = _mapper_of(path, options)
    with seekable(path) as readable:
        source = Source(readable, known_headings(options.preset))
        recognised = recognise_preset(source.names(), options.preset)
        mapper.export = recognised.preset
        progress = Progress(
            path, "import-history", *target.identity("admin"), *_way_of_reading(mapper, recognised)
        )
        prepared = PreparedFile(source, mapper, recognised, RefusedRows(path), progress, progress.read())
        # What an earlier run was refused stays as it is until this one goes on.
        plan = make_plan(source, mapper, None if prepared.reached.row else prepared.refused)
        if options.dry_run:
            _only_show(target, plan, prepared, options.as_json)
            return
        refuse(plan, prepared)
        with target.client("admin", patience=60) as client:
            _compare(client, plan)
            prepared = _without_undone(client, prepared)
            show_plan(plan, prepared)
            if not prepared.reached.row:
                ask(f"Take over {plan.sendable} cases?", options.yes)
            _import(client, prepared, plan, options)


def _without_undone(client: Client, prepared: PreparedFile) -> PreparedFile:
    """An import that was taken back meanwhile does not go on: the file is a new one's."""
    run = prepared.reached.run
    if not run or not is_taken_back(client, UUID(run)):
        return prepared
    prepared.progress.end()
    return replace(prepared, reached=Reached())


@dataclass(frozen=True)
class PreparedFile:
    """A file that is ready to be sent, and how far an earlier run of the same came."""

    source: Source
    mapper: LegacyCaseMapper
    recognised: Recognition
    refused: RefusedRows
    progress: Progress
    reached: Reached


def refuse(plan: Plan, prepared: PreparedFile) -> None:
    """Failed, after the plan was shown, where it cannot be carried out."""
    reason = refusal_of(plan)
    if reason is not None:
        show_plan(plan, prepared)
        raise Failed(reason)


def show_plan(plan: Plan, prepared: PreparedFile) -> None:
    """To whoever decides about it."""
    for line in plan_lines(plan, prepared.recognised, prepared.refused):
        print_message(line)


def _only_show(target: Target, plan: Plan, prepared: PreparedFile, as_json: bool) -> None:
    # Without a running system the plan says that it does not know.
    with suppress(Failed, OtklikError), target.client("admin", patience=2) as client:
        _compare(client, plan)
    reason = refusal_of(plan)
    if as_json:
        shown = plan_as_json(plan, None, prepared.recognised)
        print_json({**shown, "refusal": reason, "refused_rows": prepared.refused.name})
    else:
        print(*plan_lines(plan, prepared.recognised, prepared.refused), sep="\n")
    if reason:
        raise Failed(reason)
    if plan.refusals.count:
        fail()


def _mapper_of(path: Path, options: Options) -> LegacyCaseMapper:
    mapping = read_mapping(options.mapping) if options.mapping else FileMapping()
    mapping.add_pairs(options.columns or ())
    return LegacyCaseMapper(
        options.region,
        options.prefix or Path(path.name.removesuffix(".gz")).stem,
        date_order=read_order(options.date_format) if options.date_format else mapping.date_order,
        given=mapping.columns,
        excluded=(*mapping.excluded, *(options.ignore or ())),
        meanings=mapping.meanings,
        zone=_read_zone(options.zone),
        fixed=_read_fixed(options.fixed or ()),
    )


def _read_fixed(pairs: Sequence[str]) -> dict[str, str]:
    """`FIELD=VALUE`; Failed for a field that there is not."""
    fixed = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    wrong = [
        pair for pair in pairs if pair.partition("=")[0] not in NAMES or not pair.partition("=")[2].strip()
    ]
    if wrong:
        raise Failed(f"`{wrong[0]}` is not FIELD=VALUE; fields are: {', '.join(NAMES)}.")
    return fixed


def _way_of_reading(mapper: LegacyCaseMapper, recognised: Recognition) -> tuple[object, ...]:
    """What makes rows other cases when it is another."""
    return (
        mapper.region,
        mapper.prefix,
        mapper.date_order,
        sorted(mapper.given.items()),
        sorted(mapper.excluded),
        sorted((name, sorted(words.items())) for name, words in mapper.meanings.items()),
        str(mapper.zone),
        sorted(mapper.fixed.items()),
        recognised.preset.name if recognised.preset else None,
    )


def _read_zone(zone: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failed(f"There is no time zone `{zone}`; an IANA name is like Europe/Moscow.") from None


def _compare(client: Client, plan: Plan) -> None:
    """Which names the regions do not have."""
    for names, known in ((plan.topics, _known_topics), (plan.organisations, _known_organisations)):
        regions = sorted({region for region, _ in names.rows})
        names.find_new((region, name) for region in regions for name in known(client, region))


def _known_topics(client: Client, region: str) -> Iterator[str]:
    """What a region's topics may be called in a file."""
    for topic in client.reference.list_topics(region=region, inactive=True, limit=1000):
        yield from (topic.name, topic.code)


def _known_organisations(client: Client, region: str) -> Iterator[str]:
    """What a region's organisations may be called in a file."""
    for each in client.reference.list_organisations(region=region, inactive=True, limit=1000):
        yield from (each.name, each.code, str(each.id))


def _import(client: Client, prepared: PreparedFile, plan: Plan, options: Options) -> None:
    reached = prepared.reached
    run = Replay(prepared.source, prepared.mapper, prepared.refused, prepared.progress, reached)
    import_id = UUID(reached.run) if reached.run else uuid7()
    print_message(f"This import is called {import_id}.")
    if reached.row:
        print_message(f"It goes on after row {reached.row}.")
    began = time.monotonic()
    left = 0
    try:
        send = partial(client.imports.import_cases, import_id=import_id, chunk_lines=CHUNK)
        _send(client, run, send, plan.rows, str(import_id))
        left = wait_until_handled(client, options.wait)
    finally:
        report(
            run,
            time.monotonic() - began,
            options.as_json,
            import_id=str(import_id),
            columns=plan.columns,
            without_due=dict(prepared.mapper.without_due),
            unfinished=left,
            plan=plan_as_json(plan, str(import_id), prepared.recognised),
        )
    if left:
        print_message(f"{left} steps of work are left: figures are complete when `otklik status` shows none.")
    if run.outcome.created:
        print_message(f"To take it back as a whole: `otklik import-history --undo {import_id}`.")
    if run.outcome.refusals.count or left:
        fail()


def _send(client: Client, run: Replay, send: Send, total: int, import_id: str) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Importing {run.path.name}", total=total, note="")
        for number, _ in enumerate(run.run(send), 1):
            if number % CHUNK == 0:
                bar.update(task, completed=run.outcome.rows, note=str(run.outcome))
                run.keep(import_id)
                _yield_to_others(client)
        bar.update(task, completed=run.outcome.rows, note=str(run.outcome))
    run.end(import_id)


def _yield_to_others(client: Client) -> None:
    """Wait until the services are free for others; Failed when they do not get on at all."""
    least, since = work_left(client), time.monotonic()
    while (left := work_left(client)) > MOST_UNDER_WAY:
        if left < least:
            least, since = left, time.monotonic()
        if time.monotonic() - since > STUCK_SECONDS:
            raise Failed(
                f"The services have stopped working off their events ({left} wait): see `otklik status`. Repeat the "
                "same command later; nothing is taken over twice."
            )
        time.sleep(PAUSE_SECONDS)
