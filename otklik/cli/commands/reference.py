"""Commands for the reference data of regions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.commands.options import (
    HOME,
    ClientId,
    ClientSecret,
    Home,
    Json,
    Url,
    Yes,
    app,
    target_of,
)

reference = typer.Typer(
    help="Topics, organisations, rules, territories and houses of a region, as files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(reference, name="reference")
OfRegion = Annotated[str, typer.Option("--region", help="Whose reference data.")]
Folder = Annotated[Path, typer.Argument(file_okay=False, help="Folder of the CSV files.")]
ExistingFolder = Annotated[
    Path, typer.Argument(exists=True, file_okay=False, readable=True, help="Folder of the CSV files.")
]


@reference.command("export")
def export_reference(
    folder: Folder,
    region: OfRegion = "46",
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Write a region's reference data into a folder, a CSV file for each table that has rows.

    Another installation that imports it has the same. Files of an earlier export in the folder are replaced.
    """
    from otklik.cli.reference import export_reference as run

    run(target_of(url, home, client_id, client_secret), region, folder, json)


@reference.command("import")
def import_reference(
    folder: ExistingFolder,
    region: OfRegion = "46",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and send nothing.")
    ] = False,
    yes: Yes = False,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Create or change a region's reference data from the CSV files of a folder; what they do not name stays.

    Files: groups, topics, organisations, municipalities, settlements, streets, rules, service_areas (.csv; also cp1251 and UTF-16). All of them
    are checked first: where one row is wrong, nothing is sent. The plan shows what is new and what would be changed.
    """
    from otklik.cli.reference import import_reference as run

    run(target_of(url, home, client_id, client_secret), region, folder, json, dry_run=dry_run, yes=yes)
