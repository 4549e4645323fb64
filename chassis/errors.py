"""Errors in words that hold no values: what is stored or logged of one tells where it happened, never with what.

Messages of exceptions quote what they stumbled over (`Invalid isoformat string: '…'`, `input_value=…`, `Key (phone)=…`),
and that may be what a citizen wrote. Types, places in the code, names of fields and states of the database are enough.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

_PROJECT = Path(__file__).resolve().parent.parent
MOST_FIELDS, MOST_FRAMES, MOST_CHARACTERS = 10, 12, 1000


def describe_error(error: BaseException) -> str:
    """One line: type, what is safe to say of it, and the innermost place in our own code."""
    parts = (type(error).__name__, _details(error), _place(error))
    return " ".join(filter(None, parts))[:MOST_CHARACTERS]


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
    """What is safe to show of an error; nothing of one that is not known here."""
    return next((details(error) for kind, details in _DETAILS if isinstance(error, kind)), "")


def _fields_at_fault(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{_location(each['loc'])}: {each['type']}" for each in found[:MOST_FIELDS])


def _sqlstate(error: DBAPIError) -> str:
    state = getattr(error.orig, "sqlstate", None)
    return f"(SQLSTATE {state})" if state else ""


def _errno(error: OSError) -> str:
    return "" if error.errno is None else f"(errno {error.errno})"


_DETAILS: tuple[tuple[type[BaseException], Callable[[Any], str]], ...] = (
    (ValidationError, _fields_at_fault),
    (DBAPIError, _sqlstate),
    (OSError, _errno),
)


def _location(path: tuple[int | str, ...]) -> str:
    return ".".join(str(part)[:50] for part in path) or "(whole)"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(frame.filename)]
    return "".join(f"in {frame.name} ({_short(frame.filename)}:{frame.lineno})" for frame in own[-1:])


def _is_own(filename: str) -> bool:
    return filename.startswith(str(_PROJECT)) and ".venv" not in filename


def _short(filename: str) -> str:
    _, packages, inside = filename.rpartition("site-packages/")
    return inside if packages else filename.removeprefix(f"{_PROJECT}/")
