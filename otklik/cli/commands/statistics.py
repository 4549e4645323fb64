"""Commands that count."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.commands.options import DateFormats, InputFile, Json, app


@app.command()
def analyse(
    file: InputFile,
    time: Annotated[str, typer.Option(help="Column with the day, or day and time, a row came.")],
    type_: Annotated[str, typer.Option("--type", help="Column with what it is about.")],
    place: Annotated[str | None, typer.Option(help="Column with a district or municipality.")] = None,
    lat: Annotated[str | None, typer.Option(help="Column with the latitude, degrees.")] = None,
    lon: Annotated[str | None, typer.Option(help="Column with the longitude, degrees.")] = None,
    source: Annotated[str | None, typer.Option(help="Column with the way it came.")] = None,
    official: Annotated[
        str | None, typer.Option(help="Value of --source of what officials enter themselves.")
    ] = None,
    horizon: Annotated[int, typer.Option(min=1, max=28, help="Days that are predicted ahead.")] = 7,
    holidays: Annotated[str, typer.Option(help="A country, or a part of one: RU, US-MA.")] = "RU",
    zone: Annotated[
        str, typer.Option(help="IANA name; times with an offset are brought to it.")
    ] = "Europe/Moscow",
    date_format: DateFormats = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="Folder for forecasts.csv and the like.")
    ] = None,
    json: Json = False,
) -> None:
    """Find problems in a register and forecast it, going through it day by day (CSV, NDJSON or XLSX, also gzip).

    Bursts against each type's and place's own past, hot spots on the map, places with too much of a type for weeks, new
    types. A day knows the days before it and nothing else. The forecast is judged on the last third of the days. Needs no
    running system.
    """
    from otklik.cli.analyse import Analysing
    from otklik.cli.analyse import analyse as run
    from otklik.files.registers import Columns

    if (lat is None) != (lon is None):
        raise typer.BadParameter("give --lat and --lon, or neither")
    if official is not None and source is None:
        raise typer.BadParameter("--official is a value of --source: give that column, too")
    columns = Columns(time, type_, place, lat, lon, source)
    run(file, Analysing(columns, official, horizon, holidays, zone, date_format, out), json)
