"""The child process that does statistics and ends, so that what it needs of memory is given back (ADR 39).

It reads a line that says what to look for and lines of rows, answers one line, and knows no database and no secret.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import BinaryIO

from services.analytics.statistics.rules.findings import find
from services.analytics.statistics.rules.messages import FOUND, LOOKING, ROWS, CountedRows, Found
from services.analytics.statistics.rules.registers import register_of

NICENESS = 10  # answering comes first


def main() -> None:
    """Answer what was asked on the standard input."""
    os.nice(NICENESS)
    looking = LOOKING.validate_json(sys.stdin.buffer.readline())
    register = register_of(_rows_in(sys.stdin.buffer))
    findings = [] if register is None else find(register, frozenset(looking.holidays), looking.problems_from)
    sys.stdout.buffer.write(FOUND.dump_json(Found(findings)) + b"\n")


def _rows_in(lines: BinaryIO) -> Iterator[CountedRows]:
    return (ROWS.validate_json(line) for line in lines)


if __name__ == "__main__":
    main()
