"""Errors in words that hold no values: what is stored or logged of one tells where it happened, never with what.

Messages of exceptions quote what they stumbled over (`Invalid isoformat string: '…'`, `input_value=…`, `Key (phone)=…`),
and that may be what a citizen wrote. Types, places in the code, names of fields and states of the database are enough.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

_PROJECT = Path(__file__).resolve().parent.parent
MOST_FIELDS, MOST_FRAMES, MOST_CHARACTERS = 10, 12, 1000


def describe_error(error: BaseException) -> str:
    """One line: type, what is safe to say of it, and the innermost place in our own code."""
    place = _place(error)
    parts = [type(error).__name__, _details(error), f"in {place}" if place else ""]
    return " ".join(part for part in parts if part)[:MOST_CHARACTERS]


def describe_traceback(error: BaseException) -> str:
    """The error and what caused it, each with its innermost frames; no source lines, no messages."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)[-MOST_FRAMES:]
        lines.append(" ".join(filter(None, (type(current).__name__, _details(current)))))
        lines += [f"  {_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def _details(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        found = error.errors(include_input=False, include_context=False, include_url=False)
        return "; ".join(f"{_location(each['loc'])}: {each['type']}" for each in found[:MOST_FIELDS])
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        return f"(SQLSTATE {state})" if state else ""
    if isinstance(error, OSError) and error.errno is not None:
        return f"(errno {error.errno})"
    return ""


def _location(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:50] for part in path) or "(whole)"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if frame.filename.startswith(str(_PROJECT)) and ".venv" not in frame.filename
    ]
    if not own:
        return ""
    return f"{own[-1].name} ({_short(own[-1].filename)}:{own[-1].lineno})"


def _short(filename: str) -> str:
    _, packages, inside = filename.rpartition("site-packages/")
    return inside if packages else filename.removeprefix(f"{_PROJECT}/")
