"""What pages of lists cost, as their readers ask for them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from typing import Any

from harness.system import Account, System

ROUNDS = 15
# Limits where a small register may have less than a page: a full page costs more than a short one.
LISTS = {
    "agency": (
        "queue",
        "queue?status=answered&limit=10",
        "queue?status=in_review",
        "queue?topic=nowhere",
        "queue/changes",
        "appeals",
        "appeals?status=answered&limit=10",
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
        "extensions?limit=5",
        "escalations",
    ),
    "portal": ("appeals", "appeals?status=answered&limit=10", "appeals?status=refused", "appeals/changes"),
    "admin": ("appeals", "deadlines"),
}
# Pages of each service that do not depend on the register: how fast the machine is just now.
REFERENCES = {"routing": "topics?region=46", "sla": "policies?region=46", "intake": "settings/46/intake"}
SERVICES = {
    "queue": "routing",
    "triage": "routing",
    "deadlines": "sla",
    "extensions": "sla",
    "escalations": "sla",
}


def measure_pages(system: System) -> dict[str, float]:
    """Milliseconds (median) of the first page of every list, and of a second where there is one."""
    accounts = {role: system.account(role) for role in LISTS if role != "agency"}
    accounts["agency"] = busiest_agency(system)
    asked = [(f"{role} {path}", accounts[role], path) for role, paths in LISTS.items() for path in paths]
    asked += [page for name, account, path in list(asked) for page in _second(name, account, path)]
    asked += [(service, accounts["admin"], path) for service, path in REFERENCES.items()]
    times: dict[str, list[float]] = {name: [] for name, _, _ in asked}
    for _ in range(ROUNDS):
        for name, account, path in asked:
            began = time.perf_counter()
            _get(account, path)
            times[name].append((time.perf_counter() - began) * 1000)
    return {name: round(statistics.median(taken), 2) for name, taken in times.items()}


def compare_pages(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    """How many times more each page cost the second time, beside what its service's reference page did."""
    return {name: round(second[name] / first[name] / _drift(name, first, second), 2) for name in first}


def _drift(name: str, first: Mapping[str, float], second: Mapping[str, float]) -> float:
    if name in REFERENCES:
        return 1.0
    resource = name.split()[1].partition("?")[0].partition("/")[0]
    service = SERVICES.get(resource, "intake")
    return second[service] / first[service]


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
