"""What the commands share: the two lists they stand in, and their options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

from contracts.parts import Service

if TYPE_CHECKING:
    from otklik.cli.system import Target

app = typer.Typer(
    epilog="OTKLIK_URL, OTKLIK_HOME and OTKLIK_PORT choose the running system. "
    "Exit codes: 0 done, 1 failed, 2 wrong usage.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"otklik {version('otklik')}")
        raise typer.Exit


@app.callback()
def _of_all(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Otklik: appeals in, deadlines kept, figures out. Start everything with `otklik up --demo`."""


dead = typer.Typer(help="Events a service could not handle.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(dead, name="dead")
models = typer.Typer(help="Models that regions train from work.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models, name="models")
bench = typer.Typer(help="Measure this machine.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(bench, name="bench")


DateFormat = Literal[
    "dmy", "mdy", "excel"
]  # which number of `01/02/2026` is the day; days counted by a workbook
PresetName = Literal["auto", "im", "pos", "none"]
DemoRole = Literal[
    "portal", "coordinator", "analyst", "federal", "admin"
]  # whose clients credentials.json names

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
    typer.Option(
        help="What 01/02/2026 and 01-02-2026 mean: dmy (day first) or mdy (month first); excel: 46054 is a day, too."
    ),
]
PresetOption = Annotated[
    PresetName,
    typer.Option(
        help="Which system's export it is: im («Инцидент Менеджмент»), pos (ПОС), none; auto knows it by its header."
    ),
]
FixedValues = Annotated[
    list[str] | None,
    typer.Option(
        "--set", help="FIELD=VALUE of every row that has none, e.g. organisation=NAME; may be repeated."
    ),
]
Region = Annotated[str, typer.Option(help="Of rows without a region of their own.")]
Prefix = Annotated[
    str | None, typer.Option(help="external_id is PREFIX-ROW where a row has none; else the file's name.")
]
HistoryFile = Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, readable=True)]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        help="FIELD=COLUMN where a column has another name, FIELD= to leave a field out, none=COLUMN a column; may "
        "be repeated."
    ),
]
MappingFile = Annotated[
    Path | None, typer.Option(help="The same in a JSON or TOML file.", exists=True, dir_okay=False)
]
IgnoredColumns = Annotated[
    list[str] | None, typer.Option(help="A column that is not to be read; may be repeated.")
]
Zone = Annotated[
    str | None, typer.Option(help="Of times without an offset (IANA name); else the region's own.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and send nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask after the plan.")]
ImportToUndo = Annotated[
    UUID | None, typer.Option(help="Take an import back as a whole, while nobody has worked on it.")
]
ListImports = Annotated[bool, typer.Option("--list", help="Show the imports there were.")]
WaitForFigures = Annotated[float, typer.Option(min=0, help="Seconds to wait until figures are complete.")]
HOME = Path(".otklik")


def target_of(url: str | None, home: Path, client_id: str | None, client_secret: str | None) -> Target:
    """The system that these options name."""
    from otklik.cli.system import Target

    return Target(url, home, client_id, client_secret)
