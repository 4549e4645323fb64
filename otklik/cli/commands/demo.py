"""Commands for the demo region."""

from __future__ import annotations

from typing import Annotated

import typer

from otklik.cli.commands.options import HOME, Home, Json, Url, Yes, app, target_of


@app.command("demo-data")
def demo_data(
    months: Annotated[int, typer.Option(min=1, max=24, help="How long a past is written.")] = 6,
    per_day: Annotated[
        int, typer.Option(min=1, max=127, help="Appeals on an even day; season and weekday change it.")
    ] = 34,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="The same seed gives the same story.")] = 1,
    yes: Yes = False,
    url: Url = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Fill the demo region with believable work, for pages and figures to be judged by.

    Appeals of the last months with their seasons and weeks, answers in time and late, ratings, a burst; and today: queues,
    answers in review, moderation, incidents, planned works. It is written through the public API, past cases as an import.
    Done again it adds nothing; interrupted, it goes on where it stopped. Wants the system of `otklik up --demo`.
    """
    from otklik.cli.demo_data import Options, fill

    fill(target_of(url, home, None, None), Options(months, per_day, seed, yes, json))
