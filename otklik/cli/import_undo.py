"""`otklik import-history --undo` and `--list`: imports as a whole, taken back while nobody has worked on them."""

from __future__ import annotations

import time
from uuid import UUID

from otklik.cli.failures import Failed
from otklik.cli.operations import wait_until_handled
from otklik.cli.output import fail, print_json, print_message, progress_bar
from otklik.cli.system import Target
from otklik_client import Client, NotFound
from otklik_client.models import ImportView

POLL_SECONDS = 0.2


def undo_import(target: Target, import_id: UUID, wait: float, as_json: bool) -> None:
    """Ask for it and wait until all services have removed the cases; exit code 1 when it is refused or not done in
    time. Asked again, it goes on where it was."""
    with target.client("admin", patience=60) as client:
        state = _follow(client, _begin(client, import_id), wait)
        left = wait_until_handled(client, wait) if state.status == "undone" else 0
    if as_json:
        print_json({**state.as_received(), "unfinished": left})
    if state.status == "refused":
        raise Failed(_refusal(state))
    if state.status != "undone" or left:
        print_message("It is not done yet; the services go on with it. Look again with the same command.")
        fail()
    if not as_json:
        print_message(
            f"{state.removed} cases of import {import_id} were taken back. Their numbers are not given out again."
        )
    if state.kept:
        print_message(f"{state.kept} cases were taken to work at that very moment and have stayed.")
        fail()


def _begin(client: Client, import_id: UUID) -> ImportView:
    try:
        return client.imports.undo_import(import_id)
    except NotFound:
        raise Failed(f"There is no import {import_id}. `otklik import-history --list` shows them.") from None


def is_taken_back(client: Client, import_id: UUID) -> bool:
    """Whether it was, or is about to be; one that has no case yet was not."""
    try:
        state = client.imports.show_import(import_id)
    except NotFound:
        return False
    return state.status in ("undoing", "undone")


def _follow(client: Client, state: ImportView, wait: float) -> ImportView:
    deadline = time.monotonic() + wait
    with progress_bar() as bar:
        task = bar.add_task("Taking back", total=state.cases, note="")
        while state.status == "undoing" and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            state = client.imports.show_import(state.id)
            bar.update(task, completed=state.removed + state.kept)
    return state


def _refusal(state: ImportView) -> str:
    shown = ", ".join(state.worked_on_numbers)
    more = " …" if state.worked_on > len(state.worked_on_numbers) else ""
    return (
        f"The import cannot be taken back: {state.worked_on} of its {state.cases} cases are worked on ({shown}{more}). "
        "Nothing was changed. Close or correct these cases one by one."
    )


def list_imports(target: Target, as_json: bool) -> None:
    """The newest imports."""
    with target.client("admin") as client:
        items = client.imports.list_imports(limit=100).page().items
    if as_json:
        print_json({"items": [item.as_received() for item in items]})
        return
    for item in items:  # whole ids, whatever the width: they are to be copied
        taken = f"{item.cases} cases of {', '.join(item.regions)}"
        print(f"{item.id}  {item.began_at:%Y-%m-%dT%H:%M}  {taken}  {item.status}  {item.removed} taken back")
