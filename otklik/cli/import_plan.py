"""The plan of an import, shown: to people as sentences, to programs as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from otklik.legacy_cases.columns import NAMES
from otklik.legacy_cases.plan import Names, Plan

MOST_NAMES = 10


def plan_as_json(plan: Plan, import_id: str | None) -> dict[str, Any]:
    """Everything the plan says."""
    return {
        "import_id": import_id,
        "rows": plan.rows,
        "to_send": plan.sendable,
        "columns": plan.columns,
        "not_read": plan.not_read,
        "undecided": plan.telling,
        "first": plan.first,
        "last": plan.last,
        "closed": plan.closed,
        "outcomes": dict(plan.outcomes),
        "open": plan.open,
        "open_overdue": plan.overdue,
        "open_without_due": plan.without_due,
        "topics": _names_as_json(plan.topics),
        "organisations": _names_as_json(plan.organisations),
        "refused": plan.refused,
        "refusals": plan.refusals,
    }


def _names_as_json(names: Names) -> dict[str, Any]:
    return {"rows": {name: count for (_, name), count in names.rows.most_common()}, "new": names.new}


def show_plan(plan: Plan, say: Callable[[str], None]) -> None:
    """Sentence by sentence."""
    say(f"{plan.rows} rows, {plan.sendable} to be taken over" + _span(plan) + ".")
    say("Columns, as they are read:")
    for name in NAMES:
        if name in plan.columns:
            say(f"  {plan.columns[name]} → {name}")
    if plan.not_read:
        say("Columns that are not read: " + ", ".join(plan.not_read))
    outcomes = ", ".join(f"{outcome}: {count}" for outcome, count in plan.outcomes.most_common())
    say(f"Closed cases: {plan.closed}" + (f" ({outcomes})" if outcomes else ""))
    _show_open(plan, say)
    _show_names("Organisations", plan.organisations, say)
    _show_names("Topics", plan.topics, say)
    _show_refusals(plan, say)


def _show_open(plan: Plan, say: Callable[[str], None]) -> None:
    if not plan.open:
        say("Open cases: 0")
        return
    say(
        f"Open cases: {plan.open}. They go into the queue of their organisation, or to triage where it takes no work; "
        f"{plan.overdue} are past their due time already: they are shown as late, and nobody is reminded of them or has "
        "them escalated."
    )
    if plan.without_due:
        say(
            f"  {plan.without_due} of them have no due time: messages count from today, statutory appeals from their "
            "registration, by the region's policies."
        )


def _show_refusals(plan: Plan, say: Callable[[str], None]) -> None:
    if plan.refused:
        say(f"Rows that will be refused: {plan.refused}")
        for refusal in plan.refusals:
            say(f"  row {refusal['row']} ({refusal['external_id'] or '-'}) {refusal['reason']}")
        if plan.refused > len(plan.refusals):
            say(f"  … and {plan.refused - len(plan.refusals)} more")
    for column, what in plan.telling.items():
        say(f"Column `{column}` looks like {what} and is not read.")


def _span(plan: Plan) -> str:
    return f", received from {plan.first[:10]} to {plan.last[:10]}" if plan.first and plan.last else ""


def _show_names(title: str, names: Names, say: Callable[[str], None]) -> None:
    if not names.rows:
        return
    found = len({name for _, name in names.rows})
    if names.new is None:
        say(f"{title}: {found}; which of them the region has is not known without a running system.")
        return
    say(f"{title}: {found}, {len(names.new)} of them new (they will be added out of use)" + _some(names.new))


def _some(names: list[str]) -> str:
    if not names:
        return "."
    more = f" … and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ": " + ", ".join(f"«{name}»" for name in names[:MOST_NAMES]) + more


def refusal_of(plan: Plan) -> str | None:
    """Why the file is not imported as it is read now."""
    if plan.telling:
        columns = ", ".join(f"`{column}` ({what})" for column, what in plan.telling.items())
        first = next(iter(plan.telling))
        return (
            f"Columns that may change what a case is are not read: {columns}. Say what each is, `--column FIELD={first}` "
            f"(fields: {', '.join(NAMES)}), or that it is to be left out, `--column none={first}`. Nothing was sent."
        )
    if not plan.sendable:
        return "No row can be taken over. Nothing was sent."
    return None
