"""What pages of lists cost, as their readers ask for them."""

from __future__ import annotations

import statistics
import time
from typing import Any

from tests.system import Account, System

ROUNDS = 15
LISTS = {
    "agency": (
        "queue",
        "queue?status=answered",
        "queue?status=in_review",
        "queue?topic=nowhere",
        "queue/changes",
        "appeals",
        "appeals?status=answered",
        "appeals?status=refused",
        "deadlines",
        "deadlines?state=breached",
        "escalations",
    ),
    "coordinator": (
        "triage",
        "appeals",
        "appeals?status=in_work",
        "appeals?status=refused",
        "appeals?from=2020-01-01&to=2020-02-01",
        "appeals?q=46-2026-0000042",
        "appeals?q=дорога",
        "appeals?q=дорога яма",
        "moderation",
        "deadlines?state=running",
        "deadlines?due_before=2020-01-01T00:00:00Z",
        "extensions",
        "escalations",
    ),
    "portal": ("appeals", "appeals?status=answered", "appeals?status=refused", "appeals/changes"),
    "admin": ("appeals", "deadlines"),
}
# Does not depend on the register: how fast the machine is just now.
REFERENCE = "topics?region=46&limit=100"


def measure_pages(system: System) -> dict[str, float]:
    """Milliseconds (median) of the first page of every list, and of a second where there is one."""
    accounts = {role: system.account(role) for role in LISTS if role != "agency"}
    accounts["agency"] = busiest_agency(system)
    asked = [(f"{role} {path}", accounts[role], path) for role, paths in LISTS.items() for path in paths]
    asked.append(("reference", accounts["coordinator"], REFERENCE))
    asked += [page for name, account, path in list(asked) for page in _second(name, account, path)]
    times: dict[str, list[float]] = {name: [] for name, _, _ in asked}
    for _ in range(ROUNDS):
        for name, account, path in asked:
            began = time.perf_counter()
            _get(account, path)
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: round(statistics.median(taken), 2) for name, taken in times.items()}


def busiest_agency(system: System) -> Account:
    """Whose queue is the longest."""
    return max(system.agencies(), key=lambda agency: len(_get(agency, "queue?limit=1000").get("items", ())))


def _second(name: str, account: Account, path: str) -> list[tuple[str, Account, str]]:
    cursor = _get(account, path).get("next_cursor")
    if not cursor:
        return []
    return [(f"{name} (2)", account, f"{path}{'&' if '?' in path else '?'}cursor={cursor}")]


def _get(account: Account, path: str) -> dict[str, Any]:
    answer = account.get(f"/api/v1/{path}")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found
