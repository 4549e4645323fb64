"""Which sites a form may stand on, by their origins (RFC 6454)."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def read_origin(written: str) -> str:
    """`https://site.example.ru`, in lower case; ValueError for what is none."""
    origin = written.strip().lower()
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("write scheme://host or scheme://host:port, without a path")
    return origin


def may_read(origin: str | None, origins: Collection[str]) -> bool:
    """Whether the page of a site may read answers."""
    return origin is not None and origin.lower() in origins


def may_send(origin: str | None, origins: Collection[str], host: str | None) -> bool:
    """Whether a page may send the form: of one of the sites, or our own, called `host`. Who names no origin is no page of a
    site's scripts (servers, old browsers) and needs a token all the same."""
    if origin is None or may_read(origin, origins):
        return True
    return host is not None and origin != "null" and _host_of(origin) == host.lower()


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin.lower()).netloc
    except ValueError:
        return ""
