"""Processes that an earlier, killed `otklik up` of the same home left behind.

Every child ends by itself when its supervisor dies (see `launcher.py`), but some take a moment, and one
that hangs would not. All children carry their home in an environment variable, which tells them from anybody
else's.
"""

import psutil

from infra.local.paths import Home
from infra.local.termination import find_processes, kill, terminate, wait_ended

MARK = "OTKLIK_RUNTIME_HOME"


async def end_orphans(home: Home, patience: float = 5.0) -> None:
    """Wait for them to end by themselves, then ask them, then kill them."""

    def belongs(process: psutil.Process) -> bool:
        return process.environ().get(MARK) == str(home.root)

    left = await wait_ended(find_processes(belongs), patience)
    if left:
        terminate(left)
        left = await wait_ended(left, patience)
    kill(left)
    await wait_ended(left, patience)
