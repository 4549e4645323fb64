"""Small file systems that a test can fill up and empty again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PIECE = bytes(1 << 20)


@dataclass(frozen=True)
class Volume:
    """A file system of its own below `path`."""

    path: Path

    @property
    def ballast(self) -> Path:
        """What takes the room away."""
        return self.path / "ballast"

    def fill(self) -> None:
        """Leave not a byte to anybody; again and again, because others may give room back meanwhile."""
        with self.ballast.open("ab", buffering=0) as file:
            for piece in (PIECE, PIECE[:4096]):
                try:
                    while file.write(piece) == len(piece):
                        pass
                except OSError:
                    continue

    def empty(self) -> None:
        """Give the room back."""
        self.ballast.unlink(missing_ok=True)


@contextmanager
def volume(path: Path, megabytes: int) -> Iterator[Volume]:
    """Mount a file system in memory at `path`; the test is skipped where that is not permitted."""
    path.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system to fill")
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "otklik-test", str(path)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"no file system to fill: {mounted.stderr.strip()}")
    try:
        yield Volume(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=False)
