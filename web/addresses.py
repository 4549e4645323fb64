"""Addresses as clients write them."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

# The host of what is no address: no header holds a space alone.
_NOWHERE: Final = SplitResult("", " ", "", "", "")


def split_address(written: str) -> SplitResult:
    """The parts of an address; what cannot be read leads nowhere, which is foreign everywhere."""
    try:
        return urlsplit(written)
    except ValueError:
        return _NOWHERE
