"""Docker compose's part of the work: `prepare` once, then `PART` in every container; `first-admin` says who makes all others.

`prepare` makes secrets, the broker's configuration, roles, schemas and tables – with the same code as the embedded
runtime – and leaves each part's environment in a folder of its own, which only that container mounts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts.parts import PAGES, PARTS
from infra.local.credentials import Secrets, load_or_create_secrets
from infra.local.database import ADMIN, DRIVER, Server, parse_url, prepare_database
from infra.local.errors import StartError
from infra.local.files import write_private
from infra.local.identity import Identity
from infra.local.nats import configuration, inbox_prefix
from infra.local.paths import Home
from infra.local.processes import PROCESSES, PROJECT, SECRETS, Process, upstream_variable
from infra.local.revisions import parts_up_to_date

PORT = 8000
RUNNING = tuple(process.part for process in PROCESSES)
USER = 10001  # of the image
ATTACHMENTS = "/attachments"  # a volume of the part that answers requests
# Where `prepare` finds volumes that parts write to: Docker makes a new one root's.
VOLUMES = {"data": "/data", "attachments": ATTACHMENTS, "figures": "/figures", "exports": "/exports"}


def process_of(part: str) -> Process:
    """What runs in the container of a part."""
    return next(process for process in PROCESSES if process.part == part)


def environment_of(part: str, secrets: Secrets, database: Server) -> dict[str, str]:
    """What the container of a part starts with; parts find each other by their compose names."""
    process = process_of(part)
    service = process.service
    environment = {
        "OTKLIK_SERVICE": service,
        "OTKLIK_LISTEN": f"0.0.0.0:{PORT}",
        **{SECRETS[name]: getattr(secrets, name) for name in process.secrets},
    }
    if service == PAGES:
        return environment | {"OTKLIK_GATEWAY_URL": f"http://gateway:{PORT + 1}"}
    environment["OTKLIK_DATABASE_URL"] = database.url(service, secrets.database[service], driver=DRIVER)
    if part == "gateway":
        upstreams = {upstream_variable(other): f"{other}:{PORT}" for other in RUNNING if other != part}
        return environment | upstreams | {"OTKLIK_INTERNAL_LISTEN": f"0.0.0.0:{PORT + 1}"}
    return environment | {
        "OTKLIK_NATS_URL": f"nats://{service}:{secrets.nats[service]}@nats:4222",
        "OTKLIK_NATS_INBOX_PREFIX": inbox_prefix(service),
        "OTKLIK_NATS_MONITOR_URL": "http://nats:8222",
        "OTKLIK_JWKS_URL": f"http://gateway:{PORT + 1}",
        **({"OTKLIK_ATTACHMENTS_FOLDER": ATTACHMENTS} if service == "intake" else {}),
    }


async def prepare(folder: Path, volumes: Sequence[Path], admin_url: str) -> None:
    """Everything before the first process: secrets, configuration, roles, schemas, tables; the `volumes` of parts that run as
    the image's user are given to it."""
    secrets = load_or_create_secrets(Home.at(folder / "prepare"))
    server, _, _ = parse_url(admin_url)
    await prepare_database(admin_url, secrets, server.database)
    await parts_up_to_date(admin_url, PARTS, PROJECT)  # says so where a newer version has worked here
    await asyncio.gather(*(_migrate(part, secrets, server) for part in PARTS))
    for part in RUNNING:
        _leave(folder / part / "environment.json", json.dumps(environment_of(part, secrets, server)))
    broker = configuration(secrets.nats, store="/data", listen="0.0.0.0:4222", monitor="0.0.0.0:8222")
    _leave(folder / "nats" / "nats.conf", broker)
    give_to_parts(volumes)


def give_to_parts(volumes: Sequence[Path]) -> None:
    """Those of them that are mounted become the image's user's, if this is root."""
    for volume in volumes:
        if volume.is_dir() and os.geteuid() == 0:
            Identity(USER, USER).own(volume)


async def _migrate(part: str, secrets: Secrets, server: Server) -> None:
    owner = f"{part}_owner"
    url = server.url(owner, secrets.database[owner], driver=DRIVER)
    command = (sys.executable, "-m", "chassis.migrations", part, "upgrade")
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "OTKLIK_DATABASE_URL": url})
    if await process.wait():
        raise SystemExit(f"migrations of {part} failed")


def _leave(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_private(file, content)
    if os.geteuid() == 0:
        for path in (file.parent, file):
            os.chown(path, USER, USER)


def run(part: str, environment: Mapping[str, str]) -> None:
    """Become the process of a part, with what `prepare` left for it; what the container is given besides wins, unless it is empty."""
    given = {name: value for name, value in os.environ.items() if value}
    os.execve(sys.executable, process_of(part).command, {**os.environ, **environment, **given})  # noqa: S606


def admin_url(environment: Mapping[str, str]) -> str:
    """Of the administrator of Postgres: as it is given, or made of host and password, which then may have any characters."""
    if given := environment.get("OTKLIK_DATABASE_URL"):
        return given
    try:
        host, password = environment["OTKLIK_POSTGRES_HOST"], environment["OTKLIK_POSTGRES_PASSWORD"]
    except KeyError as missing:
        raise SystemExit(f"set {missing.args[0]}, or OTKLIK_DATABASE_URL") from None
    return Server(host, int(environment.get("OTKLIK_POSTGRES_PORT", "5432"))).url(ADMIN, password)


def first_admin(folder: Path) -> dict[str, str]:
    """With whose id and secret everybody else is made (`POST /api/v1/clients`, `/people/invitations`)."""
    home = folder / "prepare"
    if not (home / "secrets.json").exists():
        raise SystemExit(f"{home} holds no secrets: `prepare` has not run yet")
    secrets = load_or_create_secrets(Home.at(home))
    return {"client_id": secrets.bootstrap_admin_id, "client_secret": secrets.bootstrap_admin_secret}


def main() -> None:
    """Command line of the image."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["prepare", "first-admin", *RUNNING])
    parser.add_argument("--folder", type=Path, default=Path("/secrets"))
    for name, usual in VOLUMES.items():
        parser.add_argument(f"--{name}", type=Path, default=Path(usual))
    arguments = parser.parse_args()
    if arguments.what == "prepare":
        volumes = [getattr(arguments, name) for name in VOLUMES]
        try:
            asyncio.run(prepare(arguments.folder, volumes, admin_url(os.environ)))
        except StartError as error:
            raise SystemExit(str(error)) from None
    elif arguments.what == "first-admin":
        sys.stdout.write(json.dumps(first_admin(arguments.folder)) + "\n")
    else:
        run(arguments.what, json.loads((arguments.folder / "environment.json").read_text()))


if __name__ == "__main__":
    main()
