"""Where a person goes after signing in."""

from __future__ import annotations

from typing import Final

from web.addresses import split_address
from web.persons import Person

_HOMES: Final = {
    "agency": "/desk",
    "coordinator": "/centre",
    "analyst": "/room",
    "federal": "/room",
    "admin": "/settings",
}


def home_of(person: Person) -> str:
    """The page of a person's work."""
    return _HOMES[person.role]


def local_path(wanted: str) -> str:
    """The path if it leads to a page of ours, `/` for anything else: no link of ours leads a signed-in person elsewhere."""
    parts = split_address(wanted) if wanted.isprintable() and "\\" not in wanted else None
    if parts is None or parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    return wanted
