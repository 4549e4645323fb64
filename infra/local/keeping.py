"""Keeps servers and processes running: what ends is started again, what hangs or stays unwell is ended first."""

import asyncio
import shutil
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Protocol

from infra.local.paths import Home
from infra.local.watch import Watch, Watched, end_stopped

SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 4.0  # a dead part is started again within 5 s, however often
ROOM_BYTES = 16 * 1024 * 1024  # a disk with less is full


class Supervised(Watched, Protocol):
    """A server or a process of ours, as the one who keeps it running sees it."""

    async def start(self) -> None: ...
    async def exited(self) -> int: ...


class Keeper:
    """Looks after everything that it was given. `note_crash` is told of every end, `warn` of everything else."""

    def __init__(
        self, home: Home, warn: Callable[[str], None], note_crash: Callable[[str, int], None]
    ) -> None:
        self.home = home
        self.warn = warn
        self.note_crash = note_crash
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[Watch] = []

    async def keep(self, supervised: Supervised, *, is_server: bool = False) -> None:
        """Start it and keep it running until `stop`. Others depend on a server, a server depends on disks only."""
        await supervised.start()
        watch = Watch(supervised, self._no_room if is_server else self._weather, self.warn)
        if is_server:
            self._servers.append(watch)
        self._begin(self._keep_running(supervised), f"keep {supervised.name} running")
        self._begin(watch.run(), f"watch {supervised.name}")

    def watch_for_stopped(self) -> None:
        """End what has been stopped, wherever it stands below us."""
        self._begin(end_stopped(self.warn), "end what is stopped")

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
                self.note_crash(supervised.name, code)
                await asyncio.sleep(pause)
                await supervised.start()
            except Exception as error:  # whatever it is, who keeps others running goes on
                self.warn(f"{supervised.name} does not come back: {error}")
            pause = min(pause * 2, LONGEST_PAUSE)

    def _weather(self) -> str:
        """Why being unwell is not the fault of who is; empty when it is."""
        unwell = (f"{watch.watched.name} is unwell" for watch in self._servers if not watch.is_well)
        return self._no_room() or next(unwell, "")

    def _no_room(self) -> str:
        for folder in (self.home.root, self.home.postgres, self.home.nats):
            with suppress(OSError):
                if shutil.disk_usage(folder).free < ROOM_BYTES:
                    return f"no room in {folder}"
        return ""
