"""The plan of an import, shown: to people as sentences, to programs as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from otklik.files.refused_rows import RefusedRows
from otklik.legacy_cases.columns import NAMES
from otklik.legacy_cases.plan import Names, Plan
from otklik.presets import Recognition

MOST_NAMES = 10


def plan_as_json(plan: Plan, import_id: str | None, recognised: Recognition) -> dict[str, object]:
    """Everything the plan says."""
    return {
        "import_id": import_id,
        "rows": plan.rows,
        "to_send": plan.sendable,
        "preset": recognised.as_json(),
        "titles": plan.above,
        "left_out": plan.left_out,
        "columns": plan.columns,
        "preview": plan.preview.as_json() if plan.preview else [],
        "not_read": plan.not_read,
        "undecided": plan.undecided,
        "first": plan.first,
        "last": plan.last,
        "closed": plan.closed,
        "outcomes": dict(plan.outcomes),
        "open": plan.open,
        "open_overdue": plan.overdue,
        "open_without_due": plan.without_due,
        "topics": _names_as_json(plan.topics),
        "organisations": _names_as_json(plan.organisations),
        "refused": plan.refusals.count,
        "refusals": plan.refusals.as_json(),
    }


def _names_as_json(names: Names) -> dict[str, object]:
    return {"rows": {name: count for (_, name), count in names.rows.most_common()}, "new": names.new}


def heading_lines(recognised: Recognition, above: Sequence[str], left_out: int) -> Iterator[str]:
    """What the file was taken for, and what of it is no row."""
    preset = recognised.preset.title if recognised.preset else "none"
    layout = f", {recognised.layout}" if recognised.layout else ""
    yield f"Preset: {preset}{layout} ({recognised.reason})."
    if above:
        yield "Above the header: " + "; ".join(f"«{title}»" for title in above if title)
    if left_out:
        yield f"Rows that are totals or the header once more, and no cases: {left_out}"


def refused_note(refused: RefusedRows) -> str:
    """Where all of them stand."""
    return f", all of them in {refused.name}" if refused.name else ""


def plan_lines(plan: Plan, recognised: Recognition, refused: RefusedRows) -> Iterator[str]:
    """Sentence by sentence."""
    span = f", received from {plan.first[:10]} to {plan.last[:10]}" if plan.first and plan.last else ""
    yield f"{plan.rows} rows, {plan.sendable} to be taken over{span}."
    yield from heading_lines(recognised, plan.above, plan.left_out)
    yield "Columns, as they are read:"
    if plan.preview:
        yield from (column.line() for column in plan.preview.columns.values() if column.becomes)
    if plan.not_read:
        yield "Columns that are not read: " + ", ".join(plan.not_read)
    outcomes = ", ".join(f"{outcome}: {count}" for outcome, count in plan.outcomes.most_common())
    yield f"Closed cases: {plan.closed}" + (f" ({outcomes})" if outcomes else "")
    yield from _open_lines(plan)
    yield from _names_lines("Organisations", plan.organisations)
    yield from _names_lines("Topics", plan.topics)
    if plan.refusals.count:
        yield f"Rows that will be refused: {plan.refusals.count}" + refused_note(refused)
    yield from plan.refusals.lines("  row {refusal.row} ({external_id}) {refusal.reason}")
    yield from (
        f"Column `{column}` looks like {what} and is not read." for column, what in plan.undecided.items()
    )


def _open_lines(plan: Plan) -> Iterator[str]:
    if not plan.open:
        yield "Open cases: 0"
        return
    yield (
        f"Open cases: {plan.open}. They go into the queue of their organisation, or to triage where it takes no work; "
        f"{plan.overdue} are past their due time already: they are shown as late, and nobody is reminded of them or has "
        "them escalated."
    )
    if plan.without_due:
        yield (
            f"  {plan.without_due} of them have no due time: messages count from today, statutory appeals from their "
            "registration, by the region's policies."
        )


def _names_lines(title: str, names: Names) -> Iterator[str]:
    if not names.rows:
        return
    found = len({name for _, name in names.rows})
    if names.new is None:
        yield f"{title}: {found}; which of them the region has is not known without a running system."
    else:
        new = len(names.new)
        yield f"{title}: {found}, {new} of them new (they will be added out of use)" + _some(names.new)


def _some(names: list[str]) -> str:
    if not names:
        return "."
    more = f" … and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ": " + ", ".join(f"«{name}»" for name in names[:MOST_NAMES]) + more


def refusal_of(plan: Plan) -> str | None:
    """Why the file is not imported as it is read now."""
    if plan.undecided:
        columns = ", ".join(f"`{column}` ({what})" for column, what in plan.undecided.items())
        first = next(iter(plan.undecided))
        return (
            f"Columns that may change what a case is are not read: {columns}. Say what each is, `--column FIELD={first}` "
            f"(fields: {', '.join(NAMES)}), or that it is to be left out, `--column none={first}`. Nothing was sent."
        )
    if not plan.sendable:
        return "No row can be taken over. Nothing was sent."
    return None
