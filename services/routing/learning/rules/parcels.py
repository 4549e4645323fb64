"""How a service and its computing child hand things over: a line of JSON, then bytes. Nothing of it touches a disk."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import BinaryIO, Final, NamedTuple

LOWEST_PRIORITY: Final = 19
PARENT: Final = "PARENT_PID"  # the environment's name for who wants the answer
_PR_SET_PDEATHSIG: Final = 1  # <sys/prctl.h>


class Parcel(NamedTuple):
    """`head`: JSON without line breaks; `data`: a model, or nothing."""

    head: bytes
    data: bytes


def read_parcel(source: BinaryIO) -> Parcel:
    """All there is until the other side closes."""
    return open_parcel(source.read())


def open_parcel(content: bytes) -> Parcel:
    """What `pack_parcel` made; ValueError for anything else."""
    head, line_break, data = content.partition(b"\n")
    if not line_break:
        raise ValueError("the parcel was cut off")
    return Parcel(head, data)


def pack_parcel(parcel: Parcel) -> bytes:
    """For a pipe."""
    return parcel.head + b"\n" + parcel.data


def write_parcel(target: BinaryIO, parcel: Parcel) -> None:
    """The whole, and that is all."""
    target.write(pack_parcel(parcel))
    target.flush()


def become_modest() -> None:
    """Leave the processors to the service, and end when it ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        sys.exit(1)  # it ended before it could be asked to announce its end
    os.nice(LOWEST_PRIORITY)
