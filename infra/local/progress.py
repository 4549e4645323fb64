"""What the person at the terminal sees while everything starts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from rich.console import Console
from rich.markup import escape

from infra.local.terminal import ResilientStream


class Progress:
    """Steps, warnings and notes on a console, which never fails."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(quiet=True)
        self.console.file = cast(IO[str], ResilientStream(self.console.file))

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Shows `what` with a spinner, then ticked off with the time it took."""
        began = time.monotonic()
        try:
            with self.console.status(f"{escape(what)} …"):
                yield
        except BaseException:
            self.console.print(f"[red]✗[/red] {escape(what)}")
            raise
        self.console.print(f"[green]✓[/green] {escape(what)} [dim]{time.monotonic() - began:.1f} s[/dim]")

    def ready(self, url: str, home: str) -> None:
        """That everything runs, and where."""
        self.console.print(
            f"[bold green]Otklik is ready:[/bold green] [link={url}]{url}[/link]  [dim]home {escape(home)}, "
            f"Ctrl-C stops it[/dim]"
        )

    def warn(self, what: str) -> None:
        """Something to look after."""
        self.console.print(f"[yellow]![/yellow] {escape(what)}")

    def note(self, what: str) -> None:
        """Something to know."""
        self.console.print(f"[dim]{escape(what)}[/dim]")
