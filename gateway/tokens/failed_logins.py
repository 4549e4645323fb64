"""How many secrets an address may get wrong, whichever way it sends them."""

from __future__ import annotations

from typing import Final

from chassis.limits import address_key
from gateway.settings import GatewaySettings

_TIMES_PER_ADDRESS: Final = 10  # as many as of one client


def limit_of_address(host: str | None, settings: GatewaySettings) -> tuple[str, int]:
    """What its failures are counted as, and how many there may be a minute."""
    return f"login {address_key(host)}", settings.failed_logins_per_minute * _TIMES_PER_ADDRESS
