"""A fork server with parts that tell of themselves, for the tests of it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from infra.local.adoption import OrphanCollector
from infra.local.child import Child
from infra.local.fork_client import ForkServer
from infra.local.identity import Identity
from infra.local.orphans import MARK
from infra.local.paths import Home
from infra.local.processes import CODE, PROJECT, Process
from tests.infra.watching import PYTHON, processes_of, wait_until

COMMAND = (PYTHON, "-m", "tests.infra.forked.main")
SECRET = "nobody-else-may-know-2718281828"


@dataclass
class Forking:
    """A fork server that runs, and parts of it."""

    home: Home
    forks: ForkServer
    warnings: list[str]

    def part(self, *words: str, **options: Any) -> Child:
        """Started, and with a log of its own."""
        log = self.home.log_file(options.pop("name", "part"))
        identity = Identity.of("sla", self.home.root)
        if "identity" not in options and identity is not None:
            # As of a real part: the interpreter may lie where only root may look.
            options |= {"identity": identity, "capabilities": rights_to_run(identity)}
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "LC_ALL": "C.UTF-8",
            "A_SECRET": SECRET,
            MARK: str(self.home.root),
        }
        child = Child("part", (*COMMAND, *words), log, environment, PROJECT, forks=self.forks, **options)
        child.start()
        return child

    @property
    def server(self) -> psutil.Process:
        return psutil.Process(self.forks.child.pid)

    async def again(self, before: int) -> None:
        """Returns when another server than that process has imported everything."""
        await eventually(lambda: self.forks.is_complete and self.forks.child.pid != before)


def rights_to_run(identity: Identity) -> tuple[int, ...]:
    """What lets a user start our interpreter: nothing, mostly."""
    needed = identity.capability_to_read(CODE)
    return () if needed is None else (needed,)


async def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    await asyncio.to_thread(wait_until, condition, seconds)


@asynccontextmanager
async def forking(folder: Path, *commands: tuple[str, ...]) -> AsyncIterator[Forking]:
    warnings: list[str] = []
    home = Home.at(folder / "h")
    forks = ForkServer(home, [Process("part", command) for command in commands], os.environ)
    keeping = asyncio.create_task(forks.keep_running(warnings.append))
    try:
        await forks.imported(forks.of_parts)
        yield Forking(home, forks, warnings)
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await forks.stop()
        for process in processes_of(home.root):
            process.kill()
        await asyncio.sleep(0)
        OrphanCollector().collect()
        OrphanCollector().collect()


async def said(child: Child) -> dict[str, Any]:
    """What a part found of itself."""
    await eventually(lambda: "\n" in child.log.read_text() or not child.running)
    found: dict[str, Any] = json.loads(child.log.read_text().splitlines()[0])
    return found
