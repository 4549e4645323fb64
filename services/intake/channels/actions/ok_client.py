"""A small client of OK's REST API: what a group's discussions hold. It only reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import httpx2
import orjson

from services.intake.channels.rules import ok
from services.intake.channels.rules.connection import Credentials
from services.intake.channels.rules.payload import Payload, read_as
from services.intake.channels.rules.reading import Unreadable

TIMEOUT_SECONDS: Final = 15.0
MOST_BYTES: Final = 4 * 1024 * 1024
Read = TypeVar("Read", bound=Payload)


class NetworkAway(Exception):
    """The network does not answer, or refuses; says which code, and nothing that was sent."""


class OkClient:
    """Calls signed with a group's credentials."""

    def __init__(self, http: httpx2.AsyncClient, url: str, credentials: Credentials) -> None:
        self._http = http
        self._url = url
        self._token = credentials.access_token or ""
        self._key = credentials.application_key or ""
        self._secret = ok.session_secret(self._token, credentials.application_secret or "")

    async def discussions(self, group: str, count: int) -> ok.DiscussionList:
        """The group's discussions, the most lively first."""
        return await self._call(
            ok.DiscussionList, "discussions.getList", {"gid": group, "category": "GROUP", "count": str(count)}
        )

    async def comments(self, discussion: ok.Discussion, count: int, anchor: str | None) -> ok.CommentList:
        """A page of a discussion's comments, the newest first. `anchor`: of the page before."""
        parameters = {
            "discussionId": discussion.object_id,
            "discussionType": discussion.object_type,
            "count": str(count),
            "direction": "BACKWARD",
            **({"anchor": anchor} if anchor else {}),
        }
        return await self._call(ok.CommentList, "discussions.getComments", parameters)

    async def _call(self, kind: type[Read], method: str, parameters: Mapping[str, str]) -> Read:
        whole = {**parameters, "method": method, "application_key": self._key, "format": "json"}
        signed = {**whole, "sig": ok.sign(whole, self._secret), "access_token": self._token}
        try:
            answer = await self._http.post(self._url, data=signed, timeout=TIMEOUT_SECONDS)
            if answer.status_code != 200 or len(answer.content) > MOST_BYTES:
                raise NetworkAway(f"status {answer.status_code}")
            content = orjson.loads(answer.content)
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise NetworkAway(type(error).__name__) from None
        if isinstance(content, dict) and "error_code" in content:
            raise NetworkAway(f"error {content['error_code']}")
        try:
            return read_as(kind, content)
        except Unreadable as error:
            raise NetworkAway(f"another shape: {error}") from None
