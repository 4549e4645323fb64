"""`otklik backup` and `otklik restore`: a home is copied, and a home is made of a copy."""

from __future__ import annotations

import asyncio
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from infra.local.backup import Backup, back_up, find_home, restore
from otklik.cli.output import print_json, print_message, progress_console


def run_backup(home: Path, folder: Path, as_json: bool) -> None:
    """Into a new folder, whether the home runs or not."""
    found = find_home(home)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=progress_console) as bar:
        task = bar.add_task("Copying the database", total=None)

        def move(copied: int, all_of_it: int) -> None:
            bar.update(task, completed=copied * 1024, total=all_of_it * 1024)

        made = asyncio.run(back_up(found, folder, move))
    if as_json:
        print_json({"folder": str(folder)} | _shown(made))
        return
    print_message(
        f"{folder}: {made.size / 1e6:.0f} MB. What was acknowledged before {made.made_at} is in it. It holds every key and password of "
        f"the home: keep it where only you can read. Back with: otklik restore {folder} --home NEW"
    )


def run_restore(folder: Path, home: Path, as_json: bool) -> None:
    """Into a new home, which is then started like any other."""
    with progress_console.status(f"Looking through {folder}, and copying it to {home} …"):
        made = restore(folder, home)
    if as_json:
        print_json({"home": str(home)} | _shown(made))
        return
    print_message(f"{home} is as it was at {made.made_at}. Start it: otklik up --home {home}")


def _shown(made: Backup) -> dict[str, object]:
    return {
        "made_at": made.made_at,
        "otklik": made.otklik,
        "postgres": made.postgres,
        "bytes": made.size,
        "files": len(made.files),
    }
