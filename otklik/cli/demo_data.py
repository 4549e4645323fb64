"""`otklik demo-data`: the demo region with a half-year of believable work."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from rich.progress import Progress, TaskID

from otklik.cli.failures import Failed
from otklik.cli.output import ask, fail, print_json, print_message, progress_bar
from otklik.cli.system import Target, require_answer
from otklik.demo import REGION
from otklik.demo_data.connection import Accounts, Report, StuckError, opened
from otklik.demo_data.filling import MOST_SHOWN, Counts, Filling, fetch_region, find_story, is_complete
from otklik.demo_data.identity import new_span
from otklik.demo_data.past import Span
from otklik.demo_data.region import Region
from otklik.demo_data.story import read_story

ROLES: Final = ("admin", "portal", "coordinator", "analyst")
NOT_THE_DEMO: Final = (
    "{file} names no bodies with credentials of their own, so this is not the demo system: demo data are written through "
    "all of its accounts. Start one with `otklik up --demo` (or `make run`), or set OTKLIK_HOME to its home."
)


@dataclass(frozen=True)
class Options:
    """What is to be written, as the command line says it."""

    months: int
    per_day: int
    seed: int
    yes: bool
    as_json: bool


def fill(target: Target, options: Options) -> None:
    """Bring the story in; exit code 1 when something was not taken. Failed where this is not the demo."""
    roles = {role: target.credentials(role) for role in ROLES}
    agencies = target.agencies()
    if not agencies:
        raise Failed(NOT_THE_DEMO.format(file=target.home / "credentials.json"))
    url = target.find_url()
    require_answer(url)

    async def run() -> None:
        async with opened(url, roles, agencies) as accounts:
            await _fill(accounts, url, options)

    try:
        asyncio.run(run())
    except StuckError as error:
        raise Failed(f"{error}: see `otklik status`. The same command goes on where it stopped.") from None


async def _fill(accounts: Accounts, url: str, options: Options) -> None:
    region = await fetch_region(accounts, REGION)
    if not (region.districts and region.rules):
        raise Failed(f"{url} has no reference data of region {REGION}: start it with `otklik up --demo`.")
    found = await find_story(accounts, REGION)
    if found is not None and await is_complete(accounts, REGION, read_story()):
        _show_existing(found, options.as_json)
        return
    span = found or new_span(datetime.now(UTC), options.months, options.per_day, options.seed)
    if found is not None:
        print_message(
            f"Going on with what was begun on {_day(found)}: {found.months} months, seed {found.seed}."
        )
    ask(f"Write {span.months} months of appeals into region {REGION} of {url}?", options.yes)
    await _run(accounts, region, span, options.as_json)


async def _run(accounts: Accounts, region: Region, span: Span, as_json: bool) -> None:
    began = time.monotonic()
    with progress_bar() as bar:
        counts = await Filling(accounts, read_story(), region, span, _reporting(bar)).run()
    _show(counts, span, time.monotonic() - began, as_json)
    if counts.refused:
        fail()


def _reporting(bar: Progress) -> Report:
    tasks: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total, note="")
        bar.update(tasks[what], completed=done, total=total)

    return report


def _show_existing(found: Span, as_json: bool) -> None:
    print_message(
        f"The demo data are there already (written on {_day(found)}: {found.months} months, seed {found.seed}). Nothing was added; "
        "for others start a new home: `otklik up --demo --home DIR`."
    )
    if as_json:
        print_json({"status": "there", "months": found.months, "seed": found.seed})


def _show(counts: Counts, span: Span, seconds: float, as_json: bool) -> None:
    if as_json:
        head = {"status": "written", "months": span.months, "seed": span.seed, "seconds": round(seconds, 1)}
        print_json(head | counts.as_json())
    print_message(
        f"{counts.cases} cases ({counts.open_cases} open, {counts.late_answers} answered late) and {counts.letters_today} letters of "
        f"today in {seconds:.0f} s; {counts.ratings} ratings, {counts.acts} acts of bodies and {counts.citizens_acts} of citizens, {counts.incidents} incidents, "
        f"{counts.works} planned works."
    )
    for reason in counts.refused[:MOST_SHOWN]:
        print_message(f"  not taken: {reason}")
    if len(counts.refused) > MOST_SHOWN:
        print_message(f"  and {len(counts.refused) - MOST_SHOWN} more.")


def _day(span: Span) -> str:
    return f"{span.now.astimezone():%Y-%m-%d %H:%M}"
