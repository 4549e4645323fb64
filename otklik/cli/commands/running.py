"""Commands for a running system, and the one that starts it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from contracts.parts import Service
from otklik.cli.commands.options import (
    HOME,
    AnyService,
    ClientId,
    ClientSecret,
    DemoRole,
    Home,
    Json,
    Url,
    app,
    dead,
    target_of,
)


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
def token(
    role: Annotated[
        DemoRole, typer.Argument(help="Whose credentials of credentials.json to use.")
    ] = "portal",
    organisation: Annotated[
        str | None, typer.Option(help="An organisation's client instead: its id, or words of its name.")
    ] = None,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Print an access token, for use with curl: `-H "Authorization: Bearer $(otklik token portal)"`."""
    from otklik.cli.operations import show_token

    show_token(target_of(url, home, client_id, client_secret), role, organisation, json)


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

    run(target_of(url, home, client_id, client_secret), wait, json)


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

    run(target_of(url, home, client_id, client_secret), json)


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

    The newest come first, bit by bit, and go to the named service alone. Services drop those they have; analytics takes all
    once more, so that whatever its figures lack comes back while they stay readable.
    """
    from otklik.cli.operations import replay_events as run

    run(target_of(url, home, client_id, client_secret), consumer, since, wait, json)


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

    run(target_of(url, home, None, None), out)


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

    run(target_of(url, home, client_id, client_secret), service, limit, json)


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

    run(target_of(url, home, client_id, client_secret), service, json)
