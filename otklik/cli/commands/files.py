"""Commands that read a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from otklik.cli.commands.options import (
    HOME,
    ClientId,
    ClientSecret,
    Columns,
    DateFormats,
    DryRun,
    HistoryFile,
    Home,
    IgnoredColumns,
    ImportToUndo,
    InputFile,
    Json,
    ListImports,
    MappingFile,
    Prefix,
    Region,
    Url,
    WaitForFigures,
    Yes,
    Zone,
    app,
    target_of,
)


@app.command()
def replay(
    file: InputFile,
    region: Region = "46",
    prefix: Prefix = None,
    date_format: DateFormats = None,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Post the appeals of a CSV, NDJSON or XLSX file (UTF-8, cp1251, UTF-16; also gzip).

    A column `text` is enough. Also understood: region, municipality (ОКТМО), address, channel, regime, external_id,
    submitted_at, topic (a code), complained_about, lat and lon. The file is read to its end first: when it as a whole is
    faulty (a quote that is not closed, two columns of one name), nothing is sent. Doing it again creates nothing.
    """
    from otklik.cli.replay import replay as run

    target = target_of(url, home, client_id, client_secret)
    run(target, file, region, prefix, date_format, json)


@app.command("import-history")
def import_history(
    file: HistoryFile = None,
    region: Region = "46",
    column: Columns = None,
    mapping: MappingFile = None,
    ignore: IgnoredColumns = None,
    zone: Zone = None,
    date_format: DateFormats = None,
    prefix: Prefix = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    undo: ImportToUndo = None,
    show: ListImports = False,
    wait: WaitForFigures = 600.0,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Take over the cases of another system (CSV, NDJSON or XLSX, also gzip) with their own dates.

    Fields: received_at; closed_at, due_at, accepted_at, external_id, text, topic, group, organisation, status, outcome,
    promised_on, answer, address, municipality, channel, regime, lat, lon. Columns are found by these and other usual
    names, Russian and English; the plan shows how, before anything is sent. Cases with closed_at are kept as answered by
    their body, the others go into its queue or to triage. Topics and bodies that the region does not have are added out
    of use. Doing it again takes over nothing twice.
    """
    from otklik.cli.import_history import Options, run

    if sum((file is not None, undo is not None, show)) != 1:
        raise typer.BadParameter("give a FILE, or --undo ID, or --list")
    options = Options(region, column, mapping, ignore, zone, date_format, prefix, dry_run, yes, wait, json)
    run(target_of(url, home, client_id, client_secret), file, undo, options)


@app.command()
def train(
    file: InputFile,
    model: Annotated[Path, typer.Option(file_okay=False, help="Folder to write the model to.")],
    json: Json = False,
) -> None:
    """Train a classifier on labelled appeals.

    Columns `text`, `topic` and perhaps `agency`; the labels are the names in the file. Needs no running system.
    """
    from otklik.cli.classifier import train as run

    run(file, model, json)


@app.command()
def evaluate(
    file: InputFile,
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained model; without it the shipped one is judged.")
    ] = None,
    json: Json = False,
) -> None:
    """Judge a classifier on labelled appeals.

    Accuracy, calibration (ece: top label, 15 bins) and the share that may be routed by itself at a precision of
    0.80. The shipped model knows no bodies: there the demo region's competence rules name them.
    """
    from otklik.cli.classifier import evaluate as run

    run(file, model, json)
