"""Keeps servers and processes running: what ends is started again, what hangs or stays unready is ended first."""

import asyncio
import shutil
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from infra.local.fork_client import ForkServer
from infra.local.health import HealthMonitor, Monitored, collect_orphans, kill_stopped
from infra.local.paths import Home
from infra.local.rotation import rotate_logs

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 4.0  # a dead part is started again within 5 s, however often
ROOM_BYTES = 16 * 1024 * 1024  # a disk with less is full


class Supervised(Monitored, Protocol):
    """A server or a process of ours, as its supervisor sees it."""

    async def start(self) -> None: ...
    async def exited(self) -> int: ...
    async def stop(self) -> None: ...


class Supervisor:
    """Looks after everything that it was given. `on_exit` is called for every end, `warn` for everything else."""

    def __init__(self, home: Home, warn: Callable[[str], None], on_exit: Callable[[str, int], None]) -> None:
        self.home = home
        self.warn = warn
        self.on_exit = on_exit
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[HealthMonitor] = []

    async def supervise(self, supervised: Supervised, *, is_server: bool = False) -> None:
        """Start it and keep it running until `stop`. Others depend on a server, a server depends on disks only."""
        await supervised.start()
        monitor = HealthMonitor(supervised, self._full_disk if is_server else self._outage, self.warn)
        if is_server:
            self._servers.append(monitor)
        self._begin(self._keep_running(supervised), f"keep {supervised.name} running")
        self._begin(monitor.run(), f"watch {supervised.name}")

    def supervise_stopped(self) -> None:
        """End what has been stopped, wherever it stands below us."""
        self._begin(kill_stopped(self.warn), "end what is stopped")

    def rotate_logs(self) -> None:
        """Keep the logs of all from growing for ever."""
        self._begin(rotate_logs(self.home.log), "rotate logs")

    def keep_forks(self, forks: ForkServer) -> None:
        """Keep the fork server running, and collect the orphans that come to us because of it."""
        if forks.of_parts:
            self._begin(forks.keep_running(self.warn), "keep the fork server running")
            self._begin(collect_orphans(self.warn), "collect orphans")

    async def stop(self) -> None:
        """Keep nothing running any more; what runs goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _keep_running(self, supervised: Supervised) -> None:
        pause = SHORTEST_PAUSE
        while True:
            began = time.monotonic()
            try:
                code = await supervised.exited()
                if time.monotonic() - began > LONGEST_PAUSE:
                    pause = SHORTEST_PAUSE
                self.on_exit(supervised.name, code)
                await asyncio.sleep(pause)
                await supervised.start()
            except Exception as error:  # whatever it is, who keeps others running goes on
                self.warn(f"{supervised.name} does not come back: {error}")
            pause = min(pause * 2, LONGEST_PAUSE)

    def _outage(self) -> str:
        """Why being unready is not the fault of who is; empty when it is."""
        unhealthy = (
            f"{server.monitored.name} is unhealthy" for server in self._servers if not server.is_healthy
        )
        return self._full_disk() or next(unhealthy, "")

    def _full_disk(self) -> str:
        folders = (self.home.root, self.home.postgres, self.home.nats)
        return next((f"no room in {folder}" for folder in folders if _is_full(folder)), "")


def _is_full(folder: Path) -> bool:
    with suppress(OSError):
        return shutil.disk_usage(folder).free < ROOM_BYTES
    return False
