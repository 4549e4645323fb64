"""Commands that measure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.commands.options import Json, bench


@bench.command("analytics")
def bench_analytics(
    home: Annotated[
        Path, typer.Option(file_okay=False, help="Folder to fill; it may not have figures of its own.")
    ],
    appeals: Annotated[int, typer.Option(min=1000, help="How many appeals the nation had in two years.")] = (
        13_700_000
    ),
    seed: Annotated[int, typer.Option(help="The same seed gives the same appeals and questions.")] = 1,
    questions: Annotated[int, typer.Option(min=4, help="How many of each kind are timed.")] = 60,
    json: Json = False,
) -> None:
    """Fill a home with a nation's appeals and measure how soon figures are answered. Prints JSON.

    Only the tables of analytics are filled: 89 regions, 530 municipal centres, 160 topics, the last two years. The home is
    left so that `otklik up --home DIR` serves it, with the clients of the demo.
    """
    from otklik.cli.bench import bench_analytics as run

    del json  # it is JSON in any case
    run(home, appeals, seed, questions)
