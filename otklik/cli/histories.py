"""`otklik import-history`: the cases of another system, taken over with their own dates."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from otklik.cli.failures import Failed
from otklik.cli.operations import wait_until_handled, work_left
from otklik.cli.output import fail, progress_bar, say
from otklik.cli.replay import Replay, counts, report
from otklik.cli.system import Place
from otklik.client import Client
from otklik.files import FileError, read_rows
from otklik.histories import CaseMapper

# The past waits for the present: while more than this is under way, no further chunk is sent.
MOST_UNDER_WAY = 4_000
PAUSE_SECONDS = 0.2
CHUNK = 500
MANY_NAMES = 2_000


def import_history(
    place: Place,
    path: Path,
    region: str,
    columns: Sequence[str],
    zone: str | None,
    prefix: str | None,
    wait: float,
    as_json: bool,
) -> None:
    """Import every row; exit code 1 when one was not accepted or the figures are not complete in time."""
    mapper = CaseMapper(
        region, prefix or path.name.partition(".")[0], told=_read_pairs(columns), zone=_read_zone(zone)
    )
    total = _look_through(path, mapper)
    run = Replay(path, mapper)
    began = time.monotonic()
    left = 0
    with place.client("admin", patience=60) as client:
        try:
            _send(client, run, total)
            left = wait_until_handled(client, wait)
        finally:
            report(
                run,
                time.monotonic() - began,
                as_json,
                columns=mapper.columns,
                without_due=dict(mapper.without_due),
                unfinished=left,
            )
    _say_more(mapper, left, as_json)
    if run.outcome.refused or left:
        fail()


def _read_pairs(columns: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for pair in columns:
        name, equals, column = pair.partition("=")
        if not (name and equals and column):
            raise Failed(f"`{pair}` is not FIELD=COLUMN, e.g. `--column received_at=open_dt`.")
        pairs[name.strip()] = column
    return pairs


def _read_zone(zone: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failed(f"There is no time zone `{zone}`; an IANA name is like Europe/Moscow.") from None


def _look_through(path: Path, mapper: CaseMapper) -> int:
    """Bind the columns and count the rows, before anything is sent: topics and bodies of a wrongly read column would
    stay in the region's reference data."""
    header = next((row for row in islice(read_rows(path, None), 1)), None)
    if header is None:
        raise Failed(f"{path} has no rows.")
    try:
        mapper.bind(header.values)
    except FileError as error:
        raise Failed(str(error)) from None
    names: dict[str, set[object]] = {"topic": set(), "organisation": set()}
    total = 0
    for row in read_rows(path, None):
        total += 1
        for name, found in names.items():
            if column := mapper.columns.get(name):
                found.add(row.values.get(column))
    for name, found in names.items():
        if len(found) > MANY_NAMES:
            raise Failed(
                f"Column `{mapper.columns[name]}` read as {name} holds {len(found)} different values: it is probably "
                f"another column. Name the right one: `--column {name}=NAME`."
            )
    return total


def _send(client: Client, run: Replay, total: int) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Importing {run.path.name}", total=total, note="")
        for number, result in enumerate(client.import_cases(run.appeals(), chunk_lines=CHUNK), 1):
            run.note(result)
            if number % CHUNK == 0:
                bar.update(task, completed=run.outcome.rows, note=counts(run.outcome))
                while work_left(client) > MOST_UNDER_WAY:
                    time.sleep(PAUSE_SECONDS)
        bar.update(task, completed=run.outcome.rows, note=counts(run.outcome))


def _say_more(mapper: CaseMapper, left: int, as_json: bool) -> None:
    if not as_json:
        say("Read as: " + _pairs(mapper.columns))
    if mapper.without_due["open"]:
        say(
            f"{mapper.without_due['open']} open cases came without a due time: messages count from today, statutory "
            "appeals from their registration, by the region's policies."
        )
    if left:
        say(f"{left} steps of work are left: figures are complete when `otklik status` shows none.")


def _pairs(columns: Mapping[str, str]) -> str:
    return ", ".join(name if name == column else f"{name} = {column}" for name, column in columns.items())
