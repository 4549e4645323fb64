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
    FixedValues,
    HistoryFile,
    Home,
    IgnoredColumns,
    ImportToUndo,
    InputFile,
    Json,
    ListImports,
    MappingFile,
    Prefix,
    PresetOption,
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
    preset: PresetOption = "auto",
    dry_run: DryRun = False,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Post the appeals of a CSV, NDJSON or XLSX file (UTF-8, cp1251, UTF-16; also gzip).

    A column `text` is enough. Also understood: region, municipality (ОКТМО), address, channel, regime, external_id,
    submitted_at, topic (a code), complained_about, lat and lon; exports of «Инцидент Менеджмент» and ПОС are known by their
    headers, also below titles. The file is read to its end first: when it as a whole is
    faulty (a quote that is not closed, two columns of one name), nothing is sent. Doing it again creates nothing; whoever was killed in the middle goes on there. Refused rows are listed
    beside the file, FILE.refused.csv.
    """
    from otklik.cli.replay import Options
    from otklik.cli.replay import replay as run

    target = target_of(url, home, client_id, client_secret)
    run(target, file, Options(region, prefix, date_format, preset, dry_run, json))


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
    preset: PresetOption = "auto",
    fixed: FixedValues = None,
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
    their body, the others go into its queue or to triage. Exports of «Инцидент Менеджмент» and ПОС are known by their headers,
    also below titles; whoever was killed in the middle goes on there; refused rows are listed beside the file,
    FILE.refused.csv. Topics and bodies that the region does not have are added out
    of use. Doing it again takes over nothing twice.
    """
    from otklik.cli.import_history import Options, run

    if sum((file is not None, undo is not None, show)) != 1:
        raise typer.BadParameter("give a FILE, or --undo ID, or --list")
    how = (region, column, mapping, ignore, zone, date_format, prefix, preset, fixed)
    options = Options(*how, dry_run, yes, wait, json)
    run(target_of(url, home, client_id, client_secret), file, undo, options)


Parents = Annotated[
    Path | None, typer.Option(help="CSV `agency,level`: the city or district whose committee it is.")
]
Places = Annotated[
    Path | None,
    typer.Option(
        help="CSV `name,stems` (stems divided by |): places a text may name; without it the demo region's."
    ),
]


@app.command()
def train(
    model: Annotated[Path, typer.Option(file_okay=False, help="Folder to write the model to.")],
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, show_default=False)] = None,
    frequencies: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="CSV `topic,count`, no texts: the shipped model expects them."
        ),
    ] = None,
    parents: Parents = None,
    places: Places = None,
    json: Json = False,
) -> None:
    """Train a classifier on labelled appeals, or give the shipped one a region's own frequencies of topics.

    Columns `text`, `topic` and perhaps `agency`, `group` (or `category`); the labels are the names in the file. With the
    model lie the thresholds at which it was right in 80, 90 and 95 % of the texts it had not seen. Needs no running system.
    """
    from otklik.cli.classifier import train as run
    from otklik.cli.classifier import train_by_frequencies

    if file is not None and frequencies is None:
        run(file, model, parents, places, json)
    elif frequencies is not None and file is None:
        train_by_frequencies(frequencies, model, json)
    else:
        raise typer.BadParameter("give a FILE, or --frequencies FILE")


@app.command()
def evaluate(
    file: InputFile,
    model: Annotated[
        Path | None, typer.Option(help="Folder of a trained model; without it the shipped one is judged.")
    ] = None,
    parents: Parents = None,
    places: Places = None,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2, help="Judge every row by a model trained on the other folds, instead of a model."
        ),
    ] = None,
    learning_curve: Annotated[
        bool,
        typer.Option(help="Figures for models trained on 1/8, 1/4, 1/2 and all of four fifths of the rows."),
    ] = False,
    json: Json = False,
) -> None:
    """Judge a classifier on labelled appeals.

    Accuracy, calibration (ece: top label, 15 bins), the share that may be routed by itself at a precision of 0.80 and
    0.90, and what the model's own thresholds reach here. The shipped model knows no organisations: there the demo region's
    competence rules name them.
    """
    from otklik.cli.classifier import Judging
    from otklik.cli.classifier import evaluate as run

    if model is not None and (folds is not None or learning_curve):
        raise typer.BadParameter("--folds and --learning-curve train models of their own")
    run(file, Judging(model, parents, places, folds, learning_curve), json)
