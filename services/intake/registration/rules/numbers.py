"""Registration numbers: consecutive per region and local year."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"^([0-9]{2})-([0-9]{4})-([0-9]{7,9})$")


def format_number(region: str, year: int, sequence: int) -> str:
    """`46-2026-0000042`."""
    return f"{region}-{year}-{sequence:07d}"


def parse_number(number: str) -> tuple[str, int, int] | None:
    """Region, year and sequence of a number; None for anything else."""
    match = _NUMBER.match(number.strip())
    return (match[1], int(match[2]), int(match[3])) if match else None
