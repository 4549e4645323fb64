"""`python -m tests.sla.firing_worker`: the firing task of one replica, alone in a process."""

from __future__ import annotations

import asyncio
import os

from chassis.db import create_engine, create_sessions
from chassis.outbox import Wake
from services.sla.handlers.timers import run_timers


async def main() -> None:
    """Until killed."""
    engine = create_engine(os.environ["OTKLIK_DATABASE_URL"], 2)
    await run_timers(create_sessions(engine), Wake(), 500, 0.1)


if __name__ == "__main__":
    asyncio.run(main())
