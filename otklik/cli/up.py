"""`otklik up`: everything, started and kept running."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import Progress, TaskID

from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home
from infra.local.runtime import run
from otklik.cli.output import print_json, print_message, progress_bar, progress_console

if TYPE_CHECKING:
    from otklik.demo import ReportProgress

DEMO_REQUESTS_PER_MINUTE = 600_000
STEPS = """
Everything runs. The API is described at {url}/docs.
Clients and their secrets: {credentials}

Post an appeal:
  TOKEN=$({otklik} token portal)
  curl -s {url}/api/v1/appeals -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{{"region": "46", "text": "На улице Ленина третий день не горит фонарь"}}'

Post a whole file (a column `text` is enough), then compare what the services have:
  {otklik} replay FILE.csv
  {otklik} verify
"""
_WIDE = (
    "OTKLIK_OPEN_REQUESTS_PER_MINUTE",
    "OTKLIK_NETWORK_REQUESTS_PER_MINUTE",
    "OTKLIK_FAILED_LOGINS_PER_MINUTE",
    "OTKLIK_SIGN_IN_FAILURES_PER_ADDRESS",
    "OTKLIK_WIDGET_PER_MINUTE",
    "OTKLIK_WIDGET_ADDRESS_PER_MINUTE",
    "OTKLIK_WIDGET_UNPROVEN_PER_MINUTE",
    "OTKLIK_WIDGET_UNPROVEN_ADDRESS_PER_MINUTE",
)
WITHOUT_CLIENTS = """
Everything runs. The API is described at {url}/docs.
Create clients with the administrator named in {secrets} (bootstrap_admin_id, bootstrap_admin_secret),
or start with --demo to have them created.
"""


def up(home: Path, port: int, host: str, demo: bool, as_json: bool) -> None:
    """Until Ctrl-C or SIGTERM. Prints what to do next only when everything is there."""
    if demo:
        # The demo is for load tests and fuzzing too, from one address.
        for name in _WIDE:
            os.environ.setdefault(name, str(DEMO_REQUESTS_PER_MINUTE))
    asyncio.run(_up(Home.at(home), port, host, demo, as_json))


async def _up(home: Home, port: int, host: str, demo: bool, as_json: bool) -> None:
    credentials = home.root / "credentials.json"

    async def when_ready() -> None:
        url = str(json.loads(home.addresses_file.read_text())["url"])
        if demo:
            await _load_demo(home, url, credentials)
        if as_json:
            print_json(_summary(url, home, credentials))
        else:
            print_message(_next_steps(url, home, credentials))

    await run(home.root, port, host, when_ready, console=progress_console)


async def _load_demo(home: Home, url: str, file: Path) -> None:
    # Who keeps the system running for months does not keep the client in memory.
    from otklik.demo import load_demo
    from otklik_client import AsyncClient

    secrets = load_or_create_secrets(home)
    with progress_bar() as bar:
        async with AsyncClient(url, secrets.bootstrap_admin_id, secrets.bootstrap_admin_secret) as admin:
            await load_demo(admin, file, _reporting(bar))


def _reporting(bar: Progress) -> ReportProgress:
    tasks: dict[str, TaskID] = {}

    def report(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total, note="")
        bar.update(tasks[what], completed=done)

    return report


def _summary(url: str, home: Home, credentials: Path) -> dict[str, object]:
    return {
        "status": "ready",
        "url": url,
        "docs": f"{url}/docs",
        "home": str(home.root),
        "credentials": str(credentials) if credentials.exists() else None,
        "pid": os.getpid(),
    }


def _next_steps(url: str, home: Home, credentials: Path) -> str:
    if not credentials.exists():
        return WITHOUT_CLIENTS.format(url=url, secrets=home.secrets_file)
    as_module = sys.argv[0].endswith("__main__.py")
    command = f"{shlex.quote(sys.executable)} -m otklik" if as_module else shlex.quote(sys.argv[0])
    otklik = f"OTKLIK_HOME={shlex.quote(str(home.root))} {command}"
    return STEPS.format(url=url, credentials=credentials, otklik=otklik)
