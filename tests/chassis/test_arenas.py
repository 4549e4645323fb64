"""A process of many threads keeps its memory in one place, so that what one gives back another uses."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.databases import PROJECT

# Eight threads at once take and give back pieces of a few kilobytes; then the allocator says how many heaps it has.
_PROGRAM = """
import ctypes, sys, threading
from chassis.serve import share_memory
{first}
together = threading.Barrier(8)
def work():
    together.wait()
    for _ in range(200):
        [bytes(3000) for _ in range(200)]
threads = [threading.Thread(target=work) for _ in range(8)]
[each.start() for each in threads]
[each.join() for each in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
libc.fflush.argtypes = [ctypes.c_void_p]
file = libc.fopen(sys.argv[1].encode(), b"w")
libc.malloc_info(0, file)
libc.fflush(file)
"""


def heaps(file: Path, first: str) -> int:
    """How many the allocator has after the threads have ended."""
    subprocess.run([sys.executable, "-c", _PROGRAM.format(first=first), str(file)], cwd=PROJECT, check=True)
    return len(re.findall("<heap ", file.read_text()))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_threads_share_one_heap(tmp_path: Path) -> None:
    assert heaps(tmp_path / "apart", "") > 2, "else there is nothing to share"
    assert heaps(tmp_path / "shared", "share_memory()") == 1
