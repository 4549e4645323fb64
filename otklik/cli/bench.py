"""`otklik bench analytics`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from infra.local.credentials import load_or_create_secrets
from infra.local.ports import free_port
from infra.local.runtime import Runtime
from otklik.cli.output import print_json, progress_bar
from otklik.demo import load_demo
from otklik.measuring.figures import Measuring, run
from otklik_client import AsyncClient


def bench_analytics(home: Path, appeals: int, seed: int, questions: int) -> None:
    """JSON on stdout, progress on stderr."""
    wanted = Measuring(
        home.resolve(), free_port(), appeals, seed, questions, max(3, questions // 5), max(2, questions // 12)
    )
    with progress_bar() as bar:
        task = bar.add_task("Filling", total=appeals, note="")

        def report(_: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        results = asyncio.run(run(wanted, _load_demo, report))
    print_json(results)


async def _load_demo(runtime: Runtime) -> None:
    secrets = load_or_create_secrets(runtime.home)
    async with AsyncClient(runtime.url, secrets.bootstrap_admin_id, secrets.bootstrap_admin_secret) as admin:
        await load_demo(admin, runtime.home.root / "credentials.json", lambda *_: None)
