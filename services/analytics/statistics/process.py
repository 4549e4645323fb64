"""The child process that does statistics and ends, so that what it needs of memory is given back (ADR 39).

It reads a line that says what to look for and lines of rows, answers one line, and knows no database and no secret.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import BinaryIO

from chassis.child_processes import give_way
from services.analytics.statistics.rules.findings import find
from services.analytics.statistics.rules.messages import FOUND, LOOKING, ROWS, CountedRows, Found, Looking
from services.analytics.statistics.rules.outlooks import foresee
from services.analytics.statistics.rules.registers import Register, register_of


def main() -> None:
    """Answer what was asked on the standard input."""
    give_way()
    looking = LOOKING.validate_json(sys.stdin.buffer.readline())
    # By day the last day is not over: what it has not brought yet says nothing.
    end = looking.first_to_come if looking.with_forecasts else None
    register = register_of(_rows_in(sys.stdin.buffer), end)
    found = Found([]) if register is None else _find(register, looking)
    sys.stdout.buffer.write(FOUND.dump_json(found) + b"\n")


def _find(register: Register, looking: Looking) -> Found:
    holidays = frozenset(looking.holidays)
    findings = find(register, holidays, looking.problems_from)
    if not looking.with_forecasts:
        return Found(findings)
    return Found(findings, *foresee(register.cases, holidays, looking.first_to_come))


def _rows_in(lines: BinaryIO) -> Iterator[CountedRows]:
    return (ROWS.validate_json(line) for line in lines)


if __name__ == "__main__":
    main()
