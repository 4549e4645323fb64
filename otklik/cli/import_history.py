"""`otklik import-history`: the cases of another system, taken over with their own dates."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from uuid_utils.compat import uuid7

from otklik.cli.failures import Failed
from otklik.cli.operations import wait_until_handled, work_left
from otklik.cli.output import fail, print_json, progress_bar, say
from otklik.cli.import_plan import plan_as_json, refusal_of, show_plan
from otklik.cli.replay import Replay, Send, counts, report
from otklik.cli.system import Place
from otklik.client import Client, OtklikError
from otklik.files import Source
from otklik.files.encodings import kept
from otklik.legacy_cases.mapper import LegacyCaseMapper
from otklik.legacy_cases.mapping_file import FileMapping, read_mapping, read_order
from otklik.legacy_cases.plan import Plan, find_new, make_plan

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
    columns: Sequence[str]
    mapping: Path | None
    ignore: Sequence[str]
    zone: str | None
    date_format: str | None
    prefix: str | None
    dry_run: bool
    yes: bool
    wait: float
    as_json: bool


def import_history(place: Place, path: Path, options: Options) -> None:
    """Show the plan, ask, import every row; exit code 1 when one was not accepted or the figures are not complete in
    time. FileError, or Failed, before anything is sent."""
    mapper = _mapper_of(path, options)
    with kept(path) as readable:
        source = Source(readable)
        plan = make_plan(source, mapper)
        if options.dry_run:
            _only_show(place, plan, options.as_json)
            return
        refuse(plan)
        with place.client("admin", patience=60) as client:
            _compare(client, plan)
            show_plan(plan, say)
            _ask(plan, options.yes)
            _import(client, Replay(source, mapper), plan, options)


def refuse(plan: Plan) -> None:
    """Failed, after the plan was shown, where it cannot be carried out."""
    reason = refusal_of(plan)
    if reason is not None:
        show_plan(plan, say)
        raise Failed(reason)


def _only_show(place: Place, plan: Plan, as_json: bool) -> None:
    try:
        with place.client("admin", patience=2) as client:
            _compare(client, plan)
    except (Failed, OtklikError):
        pass  # the plan says that it does not know
    reason = refusal_of(plan)
    if as_json:
        print_json({**plan_as_json(plan, None), "refusal": reason})
    else:
        show_plan(plan, print)
    if reason:
        raise Failed(reason)
    if plan.refused:
        fail()


def _mapper_of(path: Path, options: Options) -> LegacyCaseMapper:
    mapping = read_mapping(options.mapping) if options.mapping else FileMapping()
    mapping.add_pairs(options.columns)
    mapping.none += options.ignore
    order = read_order(options.date_format) if options.date_format else mapping.date_order
    return LegacyCaseMapper(
        options.region,
        options.prefix or Path(path.name.removesuffix(".gz")).stem,
        date_order=order,
        told=mapping.columns,
        none=tuple(mapping.none),
        words=mapping.words,
        zone=_read_zone(options.zone),
    )


def _read_zone(zone: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone) if zone else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failed(f"There is no time zone `{zone}`; an IANA name is like Europe/Moscow.") from None


def _compare(client: Client, plan: Plan) -> None:
    """Which names the regions do not have."""
    for path, names in (("topics", plan.topics), ("organisations", plan.organisations)):
        known: list[tuple[str, str]] = []
        for region in sorted({region for region, _ in names.rows}):
            for item in _pages(
                client, f"/api/v1/{path}", {"region": region, "inactive": "true", "limit": 1000}
            ):
                known += [(region, str(item[name])) for name in ("name", "code", "id") if item.get(name)]
        find_new(names, known)


def _pages(client: Client, path: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        page = client.request("GET", path, params={**params, "cursor": cursor})
        yield from page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return


def _ask(plan: Plan, yes: bool) -> None:
    """Where somebody sits who can be asked."""
    if yes or not sys.stdin.isatty():
        return
    say(f"Take over {plan.sendable} cases? [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "д", "да"):
        raise Failed("Nothing was sent.")


def _import(client: Client, run: Replay, plan: Plan, options: Options) -> None:
    import_id = str(uuid7())
    say(f"This import is called {import_id}.")
    began = time.monotonic()
    left = 0
    try:
        _send(
            client, run, partial(client.import_cases, import_id=UUID(import_id), chunk_lines=CHUNK), plan.rows
        )
        left = wait_until_handled(client, options.wait)
    finally:
        report(
            run,
            time.monotonic() - began,
            options.as_json,
            import_id=import_id,
            columns=plan.columns,
            without_due=dict(run.mapper.without_due) if isinstance(run.mapper, LegacyCaseMapper) else {},
            unfinished=left,
            plan=plan_as_json(plan, import_id),
        )
    if left:
        say(f"{left} steps of work are left: figures are complete when `otklik status` shows none.")
    if run.outcome.created:
        say(f"To take it back as a whole: `otklik import-history --undo {import_id}`.")
    if run.outcome.refused or left:
        fail()


def _send(client: Client, run: Replay, send: Send, total: int) -> None:
    with progress_bar() as bar:
        task = bar.add_task(f"Importing {run.path.name}", total=total, note="")
        for number, _ in enumerate(run.run(send), 1):
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
