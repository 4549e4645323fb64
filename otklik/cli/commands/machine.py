"""Commands for the system of a home on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.commands.options import HOME, Home, Json, app


@app.command()
def stop(
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for its end.")] = 90.0,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Stop the system that runs in --home, in order: what is under way is finished.

    Exit code 1 when nothing runs there, or when it does not end.
    """
    from otklik.cli.machine import stop as run

    run(home, wait, json)


@app.command()
def logs(
    part: Annotated[
        str | None, typer.Argument(help="Only this process, such as gateway or intake-work.")
    ] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="The newest so many.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="And what comes, until Ctrl-C.")] = False,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Show what the processes of --home wrote, by time.

    With --json the lines are as they stand in the files: one JSON document each, but for those of Postgres and NATS.
    """
    from otklik.cli.machine import show_logs

    show_logs(home, part, lines, follow, json)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder, best on another disk.", file_okay=False)],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Copy --home so that a system can go on from it: database, files, keys. It may run meanwhile.

    The folder holds every key and password of the home. Where database and broker are servers of your own, copy those there.
    """
    from otklik.cli.backup import run_backup

    run_backup(home, folder, json)


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(help="What `otklik backup` wrote.", exists=True, file_okay=False)],
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Make a new --home of a copy. The copy is looked through first, and stays as it is.

    Whoever follows a feed goes on with the cursor they have: what came in after the copy is gone, nothing else is missed or repeated.
    """
    from otklik.cli.backup import run_restore

    run_restore(folder, home, json)
