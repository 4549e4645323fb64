"""Servers that somebody else runs: whether they are there, before anything waits for them, and never with a word of a password."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from infra.local.errors import StartError
from infra.local.nats import require_sync_always
from infra.local.probe import until

PATIENCE_SECONDS = 5.0
TRY_SECONDS = 1.0
DEFAULT_PORT, MONITOR_PORT = 4222, 8222


async def require_nats(url: str, patience: float = PATIENCE_SECONDS) -> None:
    """One of the servers of a URL (several stand behind each other, with commas) answers within `patience`; else StartError."""
    places = [_place_of(each.strip(), "OTKLIK_NATS_URL", DEFAULT_PORT) for each in url.split(",")]

    async def answers() -> bool:
        return any(await asyncio.gather(*(_takes_connections(host, port) for host, port in places)))

    if not await until(answers, patience, lambda: False, pause=0.2):
        named = " and ".join(f"{host}:{port}" for host, port in places)
        raise StartError(
            f"NATS at {named} (OTKLIK_NATS_URL) does not answer. Is it running, is the address right?"
        )


async def require_synced(monitor_url: str) -> None:
    """The NATS that is monitored there answers and syncs what it acknowledges; else StartError."""
    host, port = _place_of(monitor_url, "OTKLIK_NATS_MONITOR_URL", MONITOR_PORT)
    if not await _takes_connections(host, port):
        raise StartError(f"NATS' monitor at {host}:{port} (OTKLIK_NATS_MONITOR_URL) does not answer.")
    await require_sync_always(host, port)


def _place_of(url: str, variable: str, port: int) -> tuple[str, int]:
    """Host and port; the URL itself may hold a password, and is not repeated."""
    with suppress(ValueError):
        parts = urlsplit(url if "://" in url else f"nats://{url}")
        if (
            parts.hostname and "@" not in parts.path + parts.query + parts.fragment
        ):  # else a password went on there
            return parts.hostname, parts.port or port
    raise StartError(
        f"{variable} is no address like nats://user:password@host:{port}. In user and password write / # ? % @ : as "
        f"%2F %23 %3F %25 %40 %3A."
    )


async def _takes_connections(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(TRY_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
