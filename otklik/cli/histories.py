"""`otklik import-history`: the cases of another system, taken over with their own dates."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from otklik.cli.failures import Failed
from otklik.cli.operations import wait_until_handled, work_left
from otklik.cli.output import fail, progress_bar, say
from otklik.cli.replay import Replay, counts, report
from otklik.cli.system import Place
from otklik.client import Client
from otklik.files import FileError, as_sent, read_rows
from otklik.histories import CaseMapper

# The past waits for the present: while more than this (messages of up to a hundred events) is under way, no further
# chunk is sent, so that a new appeal finds no long queue before it.
MOST_UNDER_WAY = 100
STUCK_SECONDS = 300.0
PAUSE_SECONDS = 0.05
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
        region,
        prefix or Path(path.name.removesuffix(".gz")).stem,
        told=_read_pairs(columns),
        zone=_read_zone(zone),
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
    _say_more(mapper, run.outcome.refusals, left, as_json)
    if run.outcome.refused or left:
        fail()


def _read_pairs(columns: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for pair in columns:
        name, equals, column = pair.partition("=")
        if not (name and equals):
            raise Failed(
                f"`{pair}` is not FIELD=COLUMN, e.g. `--column received_at=open_dt` (`FIELD=` leaves a field out)."
            )
        pairs[name.strip()] = column
    return pairs


def _read_zone(zone: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failed(f"There is no time zone `{zone}`; an IANA name is like Europe/Moscow.") from None


def _look_through(path: Path, mapper: CaseMapper) -> int:
    """Bind the columns and count the rows, before anything is sent: topics and bodies of a wrongly read column would
    stay in the region's reference data. Records of NDJSON may each lack what others have, so all of them are asked."""
    columns: dict[str, None] = {}
    total = 0
    for row in read_rows(path, None):
        total += 1
        columns |= dict.fromkeys(row.values)
    if not columns:
        raise Failed(f"{path} has no rows.")
    try:
        mapper.bind(columns)
    except FileError as error:
        raise Failed(str(error)) from None
    wide = ("topic", "group", "organisation")
    names: dict[str, str] = {name: mapper.columns[name] for name in wide if name in mapper.columns}
    found: dict[str, set[str]] = {name: set() for name in names}
    for row in read_rows(path, None):
        for name, column in names.items():
            found[name].add(as_sent(row.values.get(column)))
    for wanted, values in found.items():
        if len(values) > MANY_NAMES:
            raise Failed(
                f"Column `{names[wanted]}` read as {wanted} holds {len(values)} different values: it is probably another "
                f"column. Name the right one, `--column {wanted}=NAME`, or leave it out, `--column {wanted}=`."
            )
    return total


def _send(client: Client, run: Replay, total: int) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Importing {run.path.name}", total=total, note="")
        for number, result in enumerate(client.import_cases(run.appeals(), chunk_lines=CHUNK), 1):
            run.note(result)
            if number % CHUNK == 0:
                bar.update(task, completed=run.outcome.rows, note=counts(run.outcome))
                _give_way(client)
        bar.update(task, completed=run.outcome.rows, note=counts(run.outcome))


def _give_way(client: Client) -> None:
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


def _say_more(mapper: CaseMapper, refusals: Sequence[Mapping[str, Any]], left: int, as_json: bool) -> None:
    if not as_json:
        say("Read as: " + _pairs(mapper.columns))
    if mapper.without_due["open"]:
        say(
            f"{mapper.without_due['open']} open cases came without a due time: messages count from today, statutory "
            "appeals from their registration, by the region's policies."
        )
    if any(
        "external-id-reused" in refusal["reason"] or "external_id" in refusal["reason"]
        for refusal in refusals
    ):
        say(
            "Rows whose external_id was used by another file: give this file ids of its own with `--prefix NAME`."
        )
    if left:
        say(f"{left} steps of work are left: figures are complete when `otklik status` shows none.")


def _pairs(columns: Mapping[str, str]) -> str:
    return ", ".join(name if name == column else f"{name} = {column}" for name, column in columns.items())
