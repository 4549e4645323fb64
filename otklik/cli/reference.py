"""`otklik reference export` and `import`: a region's reference data as a folder of CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from otklik.cli.failures import Failed
from otklik.cli.output import ask, fail, print_json, print_message, progress_bar
from otklik.cli.system import Target
from otklik.files.reference import TABLES, ReferenceFolder, read_folder, write_folder
from otklik_client import Client, ProblemError
from services.routing.reference.rules.addresses import read_street
from services.routing.reference.schemas.reference import Reference

# What may differ in a row that stays the same thing; of tables that are not here all but the first column.
_CHANGEABLE = {
    "streets": set(),
    "rules": {"comment", "active", "position"},
    "service_areas": {"street", "houses", "valid_to", "comment"},
}


@dataclass(frozen=True)
class TablePlan:
    """How many rows of a table are new, would be changed, and are there already."""

    new: int = 0
    changed: int = 0
    same: int = 0


def export_reference(target: Target, region: str, folder: Path, as_json: bool) -> None:
    """Write the files, and how many rows each has."""
    with target.client("admin") as client:
        written = write_folder(folder, _read_region(client, region).model_dump(mode="json"))
    if as_json:
        print_json({"region": region, "folder": str(folder), "rows": written})
        return
    for table, count in written.items():
        print_message(f"{folder / table}.csv: {count}")


def import_reference(
    target: Target, region: str, folder: Path, as_json: bool, *, dry_run: bool, yes: bool
) -> None:
    """Check all files, show the plan, ask, send; Failed, before anything is sent, where a row is wrong."""
    wanted = _read_files(folder)
    with target.client("admin", patience=60) as client:
        plan = _compare(_read_region(client, region), wanted)
        if dry_run:
            _show(region, plan, as_json)
            return
        if not as_json:
            _show(region, plan, as_json)
        ask("Import this?", yes)
        changed = _send(client, region, wanted, folder)
    if as_json:
        print_json({"region": region, "plan": _plan_as_json(plan), "changed": changed})
    else:
        print_message(
            "Changed: " + (", ".join(f"{name} {n}" for name, n in changed.items() if n) or "nothing")
        )


def _read_region(client: Client, region: str) -> Reference:
    return Reference.model_validate(client.request("GET", f"/api/v1/reference/{region}"))


def _read_files(folder: Path) -> Reference:
    """The files as they would be sent; Failed with every row that is wrong, as far as that shows without a server."""
    found = read_folder(folder)
    body = {table: [_stated(row) for row in rows] for table, rows in found.tables.items()}
    try:
        if not found.refusals:
            return Reference.model_validate(body)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False, include_context=False):
            _refuse(found, [str(part) for part in each["loc"]], each["msg"])
    raise _refused(found)


def _stated(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def _refuse(found: ReferenceFolder, place: Sequence[str], message: str) -> None:
    """A place is that of a value in the body: `rules`, `6`, `topic`."""
    table, row, *names = place
    column = ".".join(names)
    found.refuse(table, int(row) + 1, f"{column}: {message}" if column else message)


def _refused(found: ReferenceFolder) -> Failed:
    for line in found.refusal_lines():
        print_message(line)
    count = sum(refusals.count for refusals in found.refusals.values())
    return Failed(f"{count} rows are wrong. Nothing was sent; correct them and repeat.")


def _compare(stored: Reference, wanted: Reference) -> dict[str, TablePlan]:
    """What sending would do, table by table."""
    return {
        table: _compare_table(table, getattr(stored, table), getattr(wanted, table))
        for table in TABLES
        if getattr(wanted, table)
    }


def _compare_table(table: str, stored: Sequence[BaseModel], wanted: Sequence[BaseModel]) -> TablePlan:
    known = {_key_of(table, row): row for row in stored}
    latest = {_key_of(table, row): row for row in wanted}
    new = sum(key not in known for key in latest)
    same = sum(known.get(key) == row for key, row in latest.items())
    return TablePlan(new, len(latest) - new - same, same)


def _key_of(table: str, row: BaseModel) -> tuple[str, ...]:
    """What makes it another thing."""
    values = row.model_dump(mode="json")
    if table not in _CHANGEABLE:
        return (str(values[TABLES[table][0]]),)
    street = (str(read_street(values["street"])),) if "street" in values else ()
    kept = (str(value) for name, value in values.items() if name not in _CHANGEABLE[table])
    return (*kept, *street)


def _show(region: str, plan: dict[str, TablePlan], as_json: bool) -> None:
    if as_json:
        print_json({"region": region, "plan": _plan_as_json(plan)})
        return
    for line in _plan_lines(plan):
        print_message(line)


def _plan_lines(plan: dict[str, TablePlan]) -> Iterator[str]:
    for table, rows in plan.items():
        yield f"{table}: {rows.new} new, {rows.changed} to be changed, {rows.same} as they are"


def _plan_as_json(plan: dict[str, TablePlan]) -> dict[str, dict[str, int]]:
    return {table: asdict(rows) for table, rows in plan.items()}


def _send(client: Client, region: str, wanted: Reference, folder: Path) -> dict[str, int]:
    """All in one transaction of the server; how many of each were new or different."""
    body = wanted.model_dump(mode="json", exclude_defaults=True)
    with progress_bar() as bar:
        task = bar.add_task(f"Importing {folder.name}", total=1, note="")
        try:
            loaded = client.request("PUT", f"/api/v1/reference/{region}", body=body)
        except ProblemError as problem:
            _name_rows(problem)
            raise
        bar.update(task, completed=1)
    changed: dict[str, int] = loaded["changed"]
    return changed


def _name_rows(problem: ProblemError) -> None:
    """What only the server knows to be wrong – a topic or an organisation that the region does not have –, by file and row."""
    found = ReferenceFolder()
    for error in problem.errors:
        place = error.pointer.strip("/").split("/")
        if len(place) > 1 and place[0] in TABLES and place[1].isdigit():
            _refuse(found, place, error.message)
    for line in found.refusal_lines():
        print_message(line)
    if found.refusals:
        fail()
