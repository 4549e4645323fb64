"""Docker compose's part of the work: `prepare` once, then `run PART` in every container.

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
from infra.local.database import DRIVER, Server, parse_url, prepare_database
from infra.local.files import write_private
from infra.local.identity import Identity
from infra.local.nats import configuration, inbox_prefix
from infra.local.paths import Home
from infra.local.processes import PROCESSES, SECRETS, Process, upstream_variable

PORT = 8000
RUNNING = tuple(process.part for process in PROCESSES)
USER = 10001  # of the image
ATTACHMENTS = "/attachments"  # a volume of the part that answers requests


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
    await asyncio.gather(*(_migrate(part, secrets, server) for part in PARTS))
    for part in RUNNING:
        _leave(folder / part / "environment.json", json.dumps(environment_of(part, secrets, server)))
    broker = configuration(secrets.nats, store="/data", listen="0.0.0.0:4222", monitor="0.0.0.0:8222")
    _leave(folder / "nats" / "nats.conf", broker)
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
    """Become the process of a part."""
    os.execve(sys.executable, process_of(part).command, {**os.environ, **environment})  # noqa: S606


def main() -> None:
    """Command line of the image."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["prepare", *RUNNING])
    parser.add_argument("--folder", type=Path, default=Path("/secrets"))
    parser.add_argument("--data", type=Path, default=Path("/data"))
    parser.add_argument("--attachments", type=Path, default=Path(ATTACHMENTS))
    arguments = parser.parse_args()
    if arguments.what == "prepare":
        volumes = [arguments.data, arguments.attachments]
        asyncio.run(prepare(arguments.folder, volumes, os.environ["OTKLIK_DATABASE_URL"]))
    else:
        run(arguments.what, json.loads((arguments.folder / "environment.json").read_text()))


if __name__ == "__main__":
    main()
