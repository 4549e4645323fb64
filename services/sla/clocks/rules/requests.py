"""Requests for more days, as far as clocks know of them."""

from __future__ import annotations

from collections.abc import Sequence

from services.sla.clocks.rules.facts import ExtensionRequested, Fact
from services.sla.clocks.rules.journal import read_journal


def find_requests(facts: Sequence[Fact]) -> dict[str, bool]:
    """By id whether a request still waits: the clock that it is of runs, at whoever has the question now, or is not known yet."""
    asked = {fact.extension_id: fact.assignment_id for fact in facts if isinstance(fact, ExtensionRequested)}
    if not asked:
        return {}
    assignments = read_journal(facts).assignments
    running = {id for each in assignments.values() for line in each.open("answer") for id in line.requested}
    return {id: id in running or assignment not in assignments for id, assignment in asked.items()}
