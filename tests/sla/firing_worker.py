"""`python -m tests.sla.firing_worker`: starts replicas of the firing task, each a process of its own, at once.

Everything is imported once; for every line on standard input a child is forked and its pid is printed, so that a killed
replica is back in milliseconds instead of the seconds that importing takes. Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from chassis.db import create_engine, create_sessions
from chassis.national import load_year
from chassis.resources import Sessions
from chassis.wake_ups import WakeUps
from chassis.workers import Worker
from services.sla.workers import fire_due


async def fire() -> None:
    """Until killed."""
    engine = create_engine(os.environ["OTKLIK_DATABASE_URL"], 2)
    worker = Worker[Sessions]("timers", lambda sessions: fire_due(sessions, 500, 0.1))
    await worker.run(create_sessions(engine), WakeUps(()))


def main() -> None:
    """Fork on demand."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for year in range(2026, 2029):
        load_year(year)
    print("ready", flush=True)
    children = []
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(fire())
        children.append(pid)
        print(pid, flush=True)
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
