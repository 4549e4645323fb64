"""What commands print: results on stdout, progress and messages on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from otklik.cli.failures import Failed

FAILED = 1  # exit code; 0 is done, 2 wrong usage
progress_console = Console(stderr=True)


def progress_bar() -> Progress:
    """A bar on stderr for long work."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        console=progress_console,
    )


def print_json(result: object) -> None:
    """One JSON document on stdout; never wrapped or coloured, so that a pipe can read it."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, default=str) + "\n")
    sys.stdout.flush()


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people on stdout."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table, markup=False)


def print_message(text: str) -> None:
    """A line for people on stderr."""
    progress_console.print(text, markup=False, highlight=False, soft_wrap=True)


def ask(question: str, yes: bool) -> None:
    """Where somebody sits who can be asked; Failed for any other answer than yes."""
    if yes or not sys.stdin.isatty():
        return
    print_message(f"{question} [y/N]")
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "д", "да"):
        raise Failed("Nothing was sent.")


def fail() -> NoReturn:
    """End with exit code 1 after everything has been printed."""
    sys.exit(FAILED)
