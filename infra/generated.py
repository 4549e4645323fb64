"""Files that are generated: written anew, or with `--check` compared with what would be written."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

_PROJECT = Path(__file__).resolve().parent.parent


def write_or_compare(file: Path, text: str, module: str, about: str | None) -> int:
    """What a generator's command does: the exit code, 1 for a file that is not up to date.

    `module`: what writes the file, as `python -m` runs it; `about`: the help's first words.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument(
        "--check", action="store_true", help=f"fail when {file.relative_to(_PROJECT)} is not up to date"
    )
    if not parser.parse_args().check:
        file.write_text(text, encoding="utf-8")
        return 0
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write(f"{file.relative_to(_PROJECT)} is stale: run `python -m {module}`\n")
    return 1
