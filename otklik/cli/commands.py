"""The commands: names, options, help. What they do is imported when they are called, so that help is quick."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from otklik.cli.system import Place

app = typer.Typer(
    help="Otklik: appeals in, deadlines kept, figures out. Start everything with `otklik up --demo`.",
    epilog="OTKLIK_URL, OTKLIK_HOME and OTKLIK_PORT choose the running system. "
    "Exit codes: 0 done, 1 failed, 2 wrong usage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
dead = typer.Typer(help="Events a service could not handle.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(dead, name="dead")


class Service(StrEnum):
    """The services that handle events."""

    intake = "intake"
    routing = "routing"
    sla = "sla"
    analytics = "analytics"


class DateFormat(StrEnum):
    """Which number of `01/02/2026` is the day."""

    dmy = "dmy"
    mdy = "mdy"


class DemoRole(StrEnum):
    """The clients that credentials.json names."""

    portal = "portal"
    coordinator = "coordinator"
    analyst = "analyst"
    federal = "federal"
    admin = "admin"


Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
Home = Annotated[
    Path, typer.Option(envvar="OTKLIK_HOME", help="Folder of the embedded system.", file_okay=False)
]
Url = Annotated[
    str | None, typer.Option(envvar="OTKLIK_URL", help="The running system; else what runs on --home.")
]
ClientId = Annotated[
    str | None,
    typer.Option(envvar="OTKLIK_CLIENT_ID", help="Who asks; else taken from <home>/credentials.json."),
]
ClientSecret = Annotated[
    str | None, typer.Option(envvar="OTKLIK_CLIENT_SECRET", help="The secret of --client-id.")
]
AnyService = Annotated[Service | None, typer.Option(help="Only this service.")]
InputFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
DateFormats = Annotated[
    DateFormat | None,
    typer.Option(help="What 01/02/2026 and 01-02-2026 mean: dmy (day first) or mdy (month first)."),
]
HOME = Path(".otklik")


def _place(url: str | None, home: Path, client_id: str | None, client_secret: str | None) -> Place:
    from otklik.cli.system import Place

    return Place(url, home, client_id, client_secret)


@app.command()
def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Load region 46 and create clients for everybody.")
    ] = False,
    home: Home = HOME,
    port: Annotated[int, typer.Option(envvar="OTKLIK_PORT", min=1, max=65535, help="Of the gateway.")] = 8080,
    host: Annotated[str, typer.Option(help="Address the gateway listens on; 0.0.0.0 for all.")] = "127.0.0.1",
    json: Json = False,
) -> None:
    """Start everything and keep it running until Ctrl-C.

    Postgres and NATS are embedded unless OTKLIK_DATABASE_URL or OTKLIK_NATS_URL name others. All data is kept under
    --home: the next start continues there.
    """
    from otklik.cli.up import up as run

    run(home, port, host, demo, json)


@app.command()
def replay(
    file: InputFile,
    region: Annotated[str, typer.Option(help="Of rows without a region of their own.")] = "46",
    prefix: Annotated[
        str | None, typer.Option(help="external_id is PREFIX-ROW where a row has none; else the file's name.")
    ] = None,
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

    place = _place(url, home, client_id, client_secret)
    run(place, file, region, prefix, date_format.value if date_format else None, json)


@app.command("import-history")
def import_history(
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, readable=True)] = None,
    region: Annotated[str, typer.Option(help="Of rows without a region of their own.")] = "46",
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="FIELD=COLUMN where a column has another name, FIELD= to leave a field out, none=COLUMN a column; may "
            "be repeated."
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="The same in a JSON or TOML file.", exists=True, dir_okay=False)
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="A column that is not to be read; may be repeated.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Of times without an offset (IANA name); else the region's own.")
    ] = None,
    date_format: DateFormats = None,
    prefix: Annotated[
        str | None, typer.Option(help="external_id is PREFIX-ROW where a row has none; else the file's name.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and send nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask after the plan.")] = False,
    undo: Annotated[
        UUID | None, typer.Option(help="Take an import back as a whole, while nobody has worked on it.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Show the imports there were.")] = False,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait until figures are complete.")] = 600.0,
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
    from otklik.cli.histories import Options
    from otklik.cli.histories import import_history as run
    from otklik.cli.undoing import list_imports, undo_import

    place = _place(url, home, client_id, client_secret)
    if sum((file is not None, undo is not None, show)) != 1:
        raise typer.BadParameter("give a FILE, or --undo ID, or --list")
    if undo is not None:
        undo_import(place, undo, wait, json)
    elif show:
        list_imports(place, json)
    elif file is not None:
        order = date_format.value if date_format else None
        more = (column or [], mapping, ignore or [], zone, order, prefix, dry_run, yes, wait, json)
        run(place, file, Options(region, *more))


@app.command()
def train(
    file: InputFile,
    model: Annotated[Path, typer.Option(file_okay=False, help="Folder to write the model to.")],
    json: Json = False,
) -> None:
    """Train a classifier on labelled appeals.

    Columns `text`, `topic` and perhaps `agency`; the labels are the names in the file. Needs no running system.
    """
    from otklik.cli.learning import train as run

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
    from otklik.cli.learning import evaluate as run

    run(file, model, json)


@app.command()
def token(
    role: Annotated[DemoRole, typer.Argument(help="Whose credentials of credentials.json to use.")],
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Print an access token, for use with curl: `-H "Authorization: Bearer $(otklik token portal)"`."""
    from otklik.cli.operations import show_token

    show_token(_place(url, home, client_id, client_secret), role.value, json)


@app.command()
def verify(
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait while work is on its way.")] = 30.0,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Do the services hold the same appeals?

    Every appeal of the register has to be routed, watched by the deadline service and counted in the figures;
    numbers run from 1 without gaps; no event was given up on. Exit code 1 when something differs.
    """
    from otklik.cli.verify import verify as run

    run(_place(url, home, client_id, client_secret), wait, json)


@app.command()
def status(
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Is the system ready, what is waiting?

    Exit code 1 when it is not ready.
    """
    from otklik.cli.operations import status as run

    run(_place(url, home, client_id, client_secret), json)


@app.command("replay-events")
def replay_events(
    consumer: Annotated[Service | None, typer.Option(help="Only what this service listens to.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only events from this time (UTC) on.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait until all is handled.")] = 600.0,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Send the events of the permanent logs again.

    Services drop those they have. `--consumer analytics` first forgets all figures and so builds them anew.
    """
    from otklik.cli.operations import replay_events as run

    run(_place(url, home, client_id, client_secret), consumer, since, wait, json)


@app.command()
def openapi(
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="Write to this file.")] = None,
    url: Url = None,
    home: Home = HOME,
    json: Json = False,
) -> None:
    """Print the system's OpenAPI document.

    It is JSON with and without --json.
    """
    from otklik.cli.operations import openapi as run

    run(_place(url, home, None, None), out)


@dead.command("list")
def dead_list(
    service: AnyService = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many of each service.")] = 100,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Show what handlers gave up on, and why."""
    from otklik.cli.operations import dead_list as run

    run(_place(url, home, client_id, client_secret), service, limit, json)


@dead.command("retry")
def dead_retry(
    service: AnyService = None,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Handle them again. Exit code 1 when some fail again."""
    from otklik.cli.operations import dead_retry as run

    run(_place(url, home, client_id, client_secret), service, json)
