"""Optimistic versions: `If-Match` carries the version the caller saw."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header

from chassis.problems import Unprocessable, VersionMissing, VersionStale

_VERSION = re.compile(r'^(?:W/)?"?([0-9]{1,9})"?$')


def read_expected_version(
    if_match: Annotated[str | None, Header(alias="If-Match", max_length=64)] = None,
) -> int:
    """The number in `If-Match: "3"` (or 3): 428 when missing, 422 when it is no number."""
    if if_match is None:
        raise VersionMissing
    match = _VERSION.match(if_match.strip())
    if match is None:
        raise Unprocessable('If-Match must be a version number, e.g. "3".')
    return int(match.group(1))


def require_version(current: int, expected: int) -> None:
    """412 when somebody else has changed the resource meanwhile."""
    if current != expected:
        raise VersionStale("The current version is {current}.", values={"current": current})


ExpectedVersion = Annotated[int, Depends(read_expected_version)]
