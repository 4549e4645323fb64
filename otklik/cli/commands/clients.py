"""Commands for who may ask for tokens."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import typer

from otklik.cli.commands.options import HOME, ClientId, ClientSecret, Home, Json, Url, Yes, app, target_of

client = typer.Typer(
    help="Systems that may ask for tokens: with the administrator of credentials.json, or the first of the home.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(client, name="client")
ClientRole = Literal["portal", "agency", "coordinator", "analyst", "federal", "admin"]
Id = Annotated[str, typer.Argument(help="The client's id, as `otklik client list` shows it.")]


@client.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    role: Annotated[ClientRole, typer.Option(help="What it may do.")],
    region: Annotated[
        list[str] | None, typer.Option(help="Where, two digits; may be repeated; `*` for all.")
    ] = None,
    organisation: Annotated[
        UUID | None, typer.Option(help="Whose queue; agencies need it, nobody else has it.")
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, help="Its limit; else the usual one.")
    ] = None,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Make a client and print its secret, which is shown this once."""
    from otklik.cli.clients import WantedClient, create_client

    wanted = WantedClient(name, role, tuple(region or ()), organisation, requests_per_minute)
    create_client(target_of(url, home, client_id, client_secret), wanted, json)


@client.command("list")
def list_all(
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Show the clients of your regions, revoked ones included."""
    from otklik.cli.clients import list_clients

    list_clients(target_of(url, home, client_id, client_secret), json)


@client.command("rotate")
def rotate(
    id: Id,
    keep_old_seconds: Annotated[
        int, typer.Option(min=0, max=604800, help="The old secret works on for so long.")
    ] = 0,
    revoke_tokens: Annotated[
        bool, typer.Option("--revoke-tokens", help="Take back the tokens it holds, too.")
    ] = False,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Give a client another secret, which is shown this once."""
    from otklik.cli.clients import rotate_client

    rotate_client(target_of(url, home, client_id, client_secret), id, keep_old_seconds, revoke_tokens, json)


@client.command("revoke")
def revoke(
    id: Id,
    yes: Yes = False,
    url: Url = None,
    home: Home = HOME,
    client_id: ClientId = None,
    client_secret: ClientSecret = None,
    json: Json = False,
) -> None:
    """Take a client's secret and tokens back, for good."""
    from otklik.cli.clients import revoke_client

    revoke_client(target_of(url, home, client_id, client_secret), id, yes, json)
