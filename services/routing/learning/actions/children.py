"""Heavy computing in a child process: the service keeps answering, and its memory is its own again afterwards."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Final

from services.routing.classifier.model import load_model, to_bytes
from services.routing.learning.rules.parcels import PARENT, Parcel, open_parcel, pack_parcel

# What a child may know of its surroundings: how to find Python and its libraries, and no secret.
_PASSED_ON: Final = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "HOME",
    "TMPDIR",
    "LANG",
)
# One processor, whatever the linear algebra finds.
_ONE_THREAD: Final = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS")}


def _surroundings() -> dict[str, str]:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return passed_on | _ONE_THREAD | {PARENT: str(os.getpid())}


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
        env=_surroundings(),
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
