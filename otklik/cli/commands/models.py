"""Commands for the models of a region."""

from __future__ import annotations

from typing import Annotated

import typer

from otklik.cli.commands.options import (
    HOME,
    ClientId,
    ClientSecret,
    Home,
    Json,
    Url,
    models,
    target_of,
)

OfRegion = Annotated[str, typer.Option(help="Whose models.")]


@models.command("list")
def list_models(
    region: OfRegion = "46",
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Show the models with their figures on unseen appeals and at work."""
    from otklik.cli.models import list_models as run

    run(target_of(url, home, client_id, client_secret), region, json)


@models.command()
def train(
    region: OfRegion = "46",
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for it.")] = 3600.0,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Train a model on what people decided, beside the current one.

    A better one runs in shadow: it decides nothing before it is promoted.
    """
    from otklik.cli.models import train_model as run

    run(target_of(url, home, client_id, client_secret), region, wait, json)


@models.command()
def promote(
    model: Annotated[str, typer.Argument(help="Its id.")],
    region: OfRegion = "46",
    force: Annotated[bool, typer.Option("--force", help="Although it is not better.")] = False,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Put a model in use."""
    from otklik.cli.models import promote_model as run

    run(target_of(url, home, client_id, client_secret), region, model, force, json)


@models.command()
def rollback(
    region: OfRegion = "46",
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Return to the model before the current one."""
    from otklik.cli.models import roll_back as run

    run(target_of(url, home, client_id, client_secret), region, json)
