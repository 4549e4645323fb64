"""Processes that an earlier, killed `otklik up` of the same home left behind.

Every child ends by itself when its supervisor dies (see `launcher.py`), but some take a moment, and one
that hangs would not. All children carry their home in an environment variable, which tells them from anybody
else's.
"""

import psutil

from infra.local.ending import kill, matching, terminate, until_ended
from infra.local.paths import Home

MARK = "OTKLIK_RUNTIME_HOME"


async def end_leftovers(home: Home, patience: float = 5.0) -> None:
    """Wait for them to end by themselves, then ask them, then kill them."""

    def belongs(process: psutil.Process) -> bool:
        return process.environ().get(MARK) == str(home.root)

    left = await until_ended(matching(belongs), patience)
    if left:
        terminate(left)
        left = await until_ended(left, patience)
    kill(left)
    await until_ended(left, patience)
