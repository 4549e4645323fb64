"""`otklik client …`: who may ask for tokens. A secret is printed once, on stdout, and kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from otklik.cli.output import ask, print_json, print_message, print_table
from otklik.cli.system import Target
from otklik_client.models import ClientCreate, ClientWithSecret, SecretRotate


@dataclass(frozen=True)
class WantedClient:
    """What a new client is to be."""

    name: str
    role: str
    regions: tuple[str, ...]
    organisation_id: UUID | None = None
    requests_per_minute: int | None = None

    def body(self) -> ClientCreate:
        """As it is sent."""
        stated = {name: value for name, value in vars(self).items() if value is not None}
        return ClientCreate.model_validate(stated)


def create_client(target: Target, wanted: WantedClient, as_json: bool) -> None:
    """A new one."""
    with target.client("admin") as client:
        made = client.clients.create_client(wanted.body())
    _show_secret(made, as_json)


def list_clients(target: Target, as_json: bool) -> None:
    """All that the administrator reaches, revoked ones included."""
    with target.client("admin") as client:
        found = list(client.clients.list_clients(limit=1000))
    if as_json:
        print_json([each.as_received() for each in found])
        return
    rows = [
        (each.id, each.name, each.role, " ".join(each.regions), each.organisation_id, each.revoked_at)
        for each in found
    ]
    print_table(f"Clients: {len(found)}", ("id", "name", "role", "regions", "organisation", "revoked"), rows)


def rotate_client(
    target: Target, client_id: str, keep_old_seconds: int, revoke_tokens: bool, as_json: bool
) -> None:
    """Another secret."""
    body = SecretRotate(keep_old_seconds=keep_old_seconds, revoke_tokens=revoke_tokens)
    with target.client("admin") as client:
        made = client.clients.rotate_secret(client_id, body)
    _show_secret(made, as_json)


def revoke_client(target: Target, client_id: str, yes: bool, as_json: bool) -> None:
    """For good."""
    ask(f"Revoke {client_id}? Its tokens are refused within five seconds, and it never gets another.", yes)
    with target.client("admin") as client:
        client.clients.revoke_client(client_id)
    if as_json:
        print_json({"id": client_id, "revoked": True})
    else:
        print_message(f"{client_id} is revoked.")


def _show_secret(made: ClientWithSecret, as_json: bool) -> None:
    if as_json:
        print_json(made.as_received())
        return
    print_message(f"{made.name} ({made.role}). The secret is shown this once:")
    print(f"client_id={made.client_id}\nclient_secret={made.client_secret}")
