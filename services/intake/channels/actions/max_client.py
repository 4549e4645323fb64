"""A small client of MAX's API: whether it still delivers to us, and asking it to.

MAX ends a subscription after eight hours in which nothing could be delivered, and says so to nobody.
"""

from __future__ import annotations

from typing import Final

import httpx2

from services.intake.channels.actions.asking import NetworkAway, ask
from services.intake.channels.rules.connection import Credentials
from services.intake.channels.rules.payload import Payload, read_as
from services.intake.channels.rules.reading import Unreadable

UPDATES: Final = ("message_created", "message_edited", "message_removed")


class _Subscription(Payload):
    url: str


class _Subscriptions(Payload):
    subscriptions: tuple[_Subscription, ...] = ()


class MaxClient:
    """Calls in the name of a page's bot."""

    def __init__(self, http: httpx2.AsyncClient, url: str, credentials: Credentials) -> None:
        self._http = http
        self._url = f"{url.rstrip('/')}/subscriptions"
        self._token = credentials.access_token or ""
        self._secret = credentials.secret or ""

    async def keep_subscribed(self, webhook: str) -> bool:
        """Subscribe unless MAX delivers there; whether that was needed. NetworkAway when it cannot be asked."""
        content = await self._call("GET", None)
        try:
            known = read_as(_Subscriptions, content).subscriptions
        except Unreadable as error:
            raise NetworkAway(f"another shape: {error}") from None
        if webhook in {each.url for each in known}:
            return False
        wanted = {"url": webhook, "update_types": list(UPDATES), "secret": self._secret}
        content = await self._call("POST", wanted)
        if not (isinstance(content, dict) and content.get("success")):
            raise NetworkAway("refused")
        return True

    async def _call(self, method: str, body: object) -> object:
        return await ask(self._http, method, self._url, body=body, headers={"Authorization": self._token})
