"""The floor under the coverage of branches, which only rises: `fail_under` in pyproject.toml. Run by `make coverage`."""

from __future__ import annotations

import math
import os
import sys

from coverage import Coverage


def complaint(total: float, floor: float) -> str:
    """What is wrong with a measurement; empty when it stands on the floor."""
    if total < floor:
        return f"{total:.1f} % of lines and branches are run by tests, the floor is {floor:.0f} %: test what is new."
    if total >= floor + 1:
        return (
            f"{total:.1f} % of lines and branches are run by tests: raise fail_under to {math.floor(total)}."
        )
    return ""


def main() -> int:
    """1 when the floor is missed, or could be higher."""
    coverage = Coverage()
    coverage.load()
    with open(os.devnull, "w") as nowhere:
        total = coverage.report(file=nowhere)
    missing = complaint(total, float(coverage.get_option("report:fail_under") or 0))  # type: ignore[arg-type]
    sys.stderr.write(f"{missing}\n" if missing else f"{total:.1f} % of lines and branches are run by tests\n")
    return 1 if missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
