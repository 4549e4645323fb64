"""`otklik verify`: do the services hold the same appeals?"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from otklik.cli.operations import SERVICES
from otklik.cli.output import fail, print_json, print_table, progress_console
from otklik.cli.system import Place
from otklik.client import Client

POLL_SECONDS = 0.5
Counts = Mapping[str, list[dict[str, Any]]]  # by service, as /operations/<service>/counts gives them


@dataclass(frozen=True)
class Check:
    """One sum, as the register has it and as it was found."""

    what: str
    expected: int
    found: int

    @property
    def ok(self) -> bool:
        """Whether they agree."""
        return self.expected == self.found


def compare(counts: Counts, dead_letters: Mapping[str, int]) -> list[Check]:
    """The checks, the register (intake) being right."""
    registered = _sums(counts["intake"], "appeals")
    checks = [
        Check(
            f"{row['region']}: numbers 1…{row['last_number']} of {row['year']} without gaps",
            row["last_number"] - row["first_number"] + 1 if row["first_number"] == 1 else 0,
            row["appeals"],
        )
        for row in counts["intake"]
    ]
    questions = (
        ("routing", "with an assignment or in triage"),
        ("sla", "with a deadline"),
        ("analytics", "in the figures"),
    )
    for service, meaning in questions:
        found = _sums(counts[service], "appeals")
        for region in sorted(registered.keys() | found.keys()):
            what = f"{region}: appeals {meaning} ({service})"
            checks.append(Check(what, registered.get(region, 0), found.get(region, 0)))
    checks += [Check(f"dead letters of {service}", 0, count) for service, count in dead_letters.items()]
    return checks


def _sums(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["region"]] = sums.get(row["region"], 0) + row[name]
    return sums


def verify(place: Place, wait: float, as_json: bool) -> None:
    """Compare, for up to `wait` seconds while work is still on its way; exit code 1 on a difference."""
    deadline = time.monotonic() + wait
    with place.client("admin") as client, progress_console.status("Comparing …"):
        checks = _read(client)
        while not all(check.ok for check in checks) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            checks = _read(client)
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": [{**asdict(check), "ok": check.ok} for check in checks]})
    else:
        rows = [(check.what, check.expected, check.found, "ok" if check.ok else "NOT OK") for check in checks]
        print_table("Register and services", ("what", "expected", "found", ""), rows)
    if not ok:
        fail()


def _read(client: Client) -> list[Check]:
    path = "/api/v1/operations/{}/{}"
    counts = {name: client.request("GET", path.format(name, "counts"))["items"] for name in SERVICES}
    dead = {name: client.request("GET", path.format(name, "backlog"))["dead_letters"] for name in SERVICES}
    return compare(counts, dead)
