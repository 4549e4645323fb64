"""A small client of OK's REST API: what a group's discussions hold. It only reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import httpx2

from services.intake.channels.actions.asking import NetworkAway, ask
from services.intake.channels.rules import ok
from services.intake.channels.rules.connection import Credentials
from services.intake.channels.rules.payload import Payload, read_as
from services.intake.channels.rules.reading import Unreadable

Read = TypeVar("Read", bound=Payload)


class OkClient:
    """Calls signed with a group's credentials."""

    def __init__(self, http: httpx2.AsyncClient, url: str, credentials: Credentials) -> None:
        self._http = http
        self._url = url
        self._token = credentials.access_token or ""
        self._key = credentials.application_key or ""
        self._secret = ok.session_secret(self._token, credentials.application_secret or "")

    async def discussions(self, group: str, count: int, anchor: str | None) -> ok.DiscussionList:
        """A page of the group's discussions, the most lively first. `anchor`: of the page before."""
        parameters = {"gid": group, "category": "GROUP", "count": str(count), **_behind(anchor)}
        return await self._call(ok.DiscussionList, "discussions.getList", parameters)

    async def comments(self, discussion: ok.Discussion, count: int, anchor: str | None) -> ok.CommentList:
        """A page of a discussion's comments, the newest first. `anchor`: of the page before."""
        parameters = {
            "discussionId": discussion.object_id,
            "discussionType": discussion.object_type,
            "count": str(count),
            "direction": "BACKWARD",
            **_behind(anchor),
        }
        return await self._call(ok.CommentList, "discussions.getComments", parameters)

    async def _call(self, kind: type[Read], method: str, parameters: Mapping[str, str]) -> Read:
        whole = {**parameters, "method": method, "application_key": self._key, "format": "json"}
        signed = {**whole, "sig": ok.sign(whole, self._secret), "access_token": self._token}
        content = await ask(self._http, "POST", self._url, form=signed)
        if isinstance(content, dict) and "error_code" in content:
            raise NetworkAway(f"error {content['error_code']}")
        try:
            return read_as(kind, content)
        except Unreadable as error:
            raise NetworkAway(f"another shape: {error}") from None


def _behind(anchor: str | None) -> dict[str, str]:
    return {"anchor": anchor} if anchor else {}
