"""`otklik verify`: do the services hold the same appeals?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from contracts.parts import PUBLISHERS, SERVICES
from otklik.cli.failures import Failed
from otklik.cli.output import fail, print_json, print_table, progress_console
from otklik.cli.service_operations import operations_of
from otklik.cli.system import Target
from otklik_client import Client

POLL_SECONDS = 0.5
# Service, the name of its count, the service whose count it has to equal, and what that means.
EQUALITIES = (
    ("routing", "appeals", "intake", "appeals", "appeals routed: assigned or in triage"),
    ("sla", "appeals", "intake", "appeals", "appeals whose deadlines are watched"),
    ("analytics", "appeals", "intake", "appeals", "appeals projected"),
    ("sla", "assignments", "routing", "assignments", "assignments with clocks"),
    ("analytics", "assignments", "routing", "assignments", "assignments projected"),
    *((service, "feed_readable", service, "feed", "rows that its feed gives") for service in PUBLISHERS),
)


@dataclass(frozen=True)
class Reading:
    """What the services report of themselves at one time."""

    counts: Mapping[str, Mapping[str, int]]  # by service, by name
    dead_letters: Mapping[str, int]  # by service
    received: int  # the public figure


@dataclass(frozen=True)
class Check:
    """One sum: where it was read, what it has to be and what it is."""

    service: str
    what: str
    expected: int
    found: int

    @property
    def ok(self) -> bool:
        """Whether they agree."""
        return self.expected == self.found


def compare(reading: Reading) -> list[Check]:
    """The checks; the register (intake) is right by definition."""
    counts = reading.counts
    checks = [
        Check(service, what, counts[right][right_name], counts[service][name])
        for service, name, right, right_name, what in EQUALITIES
    ]
    # Numbers of an import that was taken back stay in the register and are never given out again.
    given_out = counts["intake"]["appeals"] + counts["intake"].get("annulled", 0)
    what = "numbers given out: 1…N without gaps"
    checks.append(Check("intake", what, given_out, counts["intake"]["numbers"]))
    checks.append(Check("intake", "appeals not masked yet", 0, counts["intake"]["unmasked"]))
    checks.append(
        Check("analytics", "received, as everybody sees it", counts["intake"]["appeals"], reading.received)
    )
    return checks + [
        Check(service, "events given up on", 0, count) for service, count in reading.dead_letters.items()
    ]


def verify(target: Target, wait: float, as_json: bool) -> None:
    """Compare, for up to `wait` seconds while work is still on its way; exit code 1 on a difference."""
    deadline = time.monotonic() + wait
    try:
        with target.client("admin") as client, progress_console.status("Comparing …"):
            checks = compare(_read(client))
            while not all(check.ok for check in checks) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
                checks = compare(_read(client))
    except KeyError as error:
        raise Failed(f"The running system is of another version: it has no {error}.") from None
    ok = all(check.ok for check in checks)
    if as_json:
        print_json({"ok": ok, "checks": [{**asdict(check), "ok": check.ok} for check in checks]})
    else:
        rows = [
            (check.service, check.what, check.expected, check.found, "ok" if check.ok else "NOT OK")
            for check in checks
        ]
        print_table("The register and the services", ("service", "what", "expected", "found", ""), rows)
    if not ok:
        fail()


def _read(client: Client) -> Reading:
    services = {service: operations_of(client, service) for service in SERVICES}
    return Reading(
        counts={name: service.counts().counts for name, service in services.items()},
        dead_letters={name: service.backlog().dead_letters for name, service in services.items()},
        received=client.analytics.summarise().received,
    )
