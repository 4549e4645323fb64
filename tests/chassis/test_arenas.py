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


# A large piece is taken and given back, then one more is taken: how many the kernel lent apart from the heap.
_LARGE_PIECES = """
import ctypes
from chassis.serve import share_memory
class Use(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]
libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Use
{first}
before = libc.mallinfo2().hblks
large = bytes(4_000_000)
del large
large = bytes(3_000_000)
print(libc.mallinfo2().hblks - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_threads_share_one_heap(tmp_path: Path) -> None:
    assert heaps(tmp_path / "apart", "") > 2, "else there is nothing to share"
    assert heaps(tmp_path / "shared", "share_memory()") == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_large_pieces_stay_the_kernel_s() -> None:
    """By itself the allocator keeps in its heap what has been large once."""

    def lent(first: str) -> int:
        program = _LARGE_PIECES.format(first=first)
        done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True, capture_output=True)
        return int(done.stdout)

    assert (lent(""), lent("share_memory()")) == (0, 1)
