"""Tracking codes as people type them, and as a picture that a telephone reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import segno

_SIGNS: Final = re.compile(r"[\W_]+")
_QUIET: Final = 4  # empty modules around, ISO/IEC 18004
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class QrPicture:
    """A QR code as one path of an SVG. `size`: of its square, in modules with the quiet zone."""

    size: int
    path: str


def typed_code(typed: str) -> str:
    """What goes into a path: letters and digits alone, also out of a whole link that was pasted. The platform knows look-alikes."""
    last = unquote(typed).strip().rstrip("/").removesuffix("/receipt").rpartition("/")[2]
    return _SIGNS.sub("", last)[:_LONGEST]


def grouped(code: str) -> str:
    """As it is printed: in fours."""
    plain = _SIGNS.sub("", code).upper()
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def draw_qr(text: str) -> QrPicture:
    """Medium correction: it is read from a screen and from paper that was folded."""
    rows = segno.make_qr(text, error="m").matrix
    steps = [
        f"M{x + _QUIET} {y + _QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    ]
    return QrPicture(len(rows) + 2 * _QUIET, "".join(steps))
