"""Heavy computing in a child process: the service keeps answering, and its memory is its own again afterwards."""

from __future__ import annotations

import asyncio
import os
import sys

from chassis.child_processes import surroundings
from services.routing.classifier.model import load_model, to_bytes
from services.routing.learning.rules.parcels import PARENT, Parcel, open_parcel, pack_parcel


class ChildEnded(Exception):
    """The child ended without a result: `code` is its exit code, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the computing process ended with {code}")
        self.code = code


async def compute(module: str, parcel: Parcel) -> Parcel:
    """Run `python -m module` with a parcel; its answer. ChildEnded when there is none; ended with whoever waits for it."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=surroundings() | {PARENT: str(os.getpid())},
    )
    try:
        answer, _ = await child.communicate(pack_parcel(parcel))
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode or not answer:
        raise ChildEnded(child.returncode or 0)
    return open_parcel(answer)


async def read_shipped(file: str) -> bytes:
    """The model in a file for a child; nothing where the one that is shipped will do, which the child has itself."""
    return await asyncio.to_thread(lambda: to_bytes(load_model(file))) if file else b""
