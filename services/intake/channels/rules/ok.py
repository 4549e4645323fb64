"""OK (Одноклассники), REST: discussions of a group and their comments, which have to be asked for.

A comment has no event of its own: it and its words together are one, so that a change of the words is another one. Of what
was deleted nothing is told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Final

from services.intake.channels.rules.payload import Number, Payload
from services.intake.channels.rules.reading import (
    Author,
    Delivery,
    Page,
    Reading,
    Skipped,
    appeal_words,
    instant,
    message_or_skipped,
    person_name,
)

_SITE: Final = "https://ok.ru"
_MOSCOW: Final = timezone(timedelta(hours=3))  # in which OK writes dates without a zone
_DATE: Final = "%Y-%m-%d %H:%M:%S"


class Discussion(Payload):
    """A post, photo or video of the group that people discuss. Times in milliseconds."""

    object_type: str
    object_id: str
    owner_uid: str | None = None
    last_activity_date_ms: Number | None = None
    new_comments_count: Number = 0

    @property
    def last_at(self) -> datetime | None:
        """When something was last written there; None where nobody says so."""
        return instant(self.last_activity_date_ms / 1000) if self.last_activity_date_ms is not None else None


class DiscussionList(Payload):
    """A page of discussions, the most lively first."""

    discussions: tuple[Discussion, ...] = ()
    has_more: bool = False
    anchor: str | None = None


class Comment(Payload):
    """A comment. `author_id` is empty, or the group's, where the group writes."""

    id: str
    text: str = ""
    date: str | None = None
    date_ms: Number | None = None
    author_id: str | None = None
    author_name: str | None = None
    type: str | None = None

    @property
    def written_at(self) -> datetime | None:
        """When it was written."""
        if self.date_ms is not None:
            return instant(self.date_ms / 1000)
        try:
            return datetime.strptime(self.date or "", _DATE).replace(tzinfo=_MOSCOW)
        except ValueError:
            return None


class CommentList(Payload):
    """A page of comments, the newest first."""

    comments: tuple[Comment, ...] = ()
    has_more: bool = False
    anchor: str | None = None


def sign(parameters: Mapping[str, str], session_secret: str) -> str:
    """The signature of a call: MD5 of all parameters but the token in the order of their names, and the session's secret
    (apiok.ru, «Подпись запроса»). The network's own rule: it proves who asks and hides nothing."""
    written = "".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name != "access_token")
    return hashlib.md5((written + session_secret).encode(), usedforsecurity=False).hexdigest()


def session_secret(access_token: str, application_secret: str) -> str:
    """The secret that calls with a token are signed with."""
    return hashlib.md5((access_token + application_secret).encode(), usedforsecurity=False).hexdigest()


def read_comment(comment: Comment, discussion: Discussion, page: Page, *, is_known: bool) -> Reading:
    """What a comment tells; `is_known`: with other words it was read before."""
    author = comment.author_id or ""
    if author in ("", page.id):
        return Skipped("own")
    thread = f"{discussion.object_type}_{discussion.object_id}"
    digest = hashlib.blake2b(comment.text.encode(), digest_size=16).hexdigest()
    post_url = f"{_SITE}/group/{page.id}/topic/{discussion.object_id}"
    return message_or_skipped(
        Delivery(
            event=f"{comment.id} {digest}",
            item=comment.id,
            change="edited" if is_known else "created",
            at=None if is_known else comment.written_at,
            thread=thread,
            author=Author(author, person_name(comment.author_name), f"{_SITE}/profile/{author}"),
            words=appeal_words(comment.text),
            url=post_url,
            post_url=post_url if discussion.owner_uid in (None, page.id) else None,
        )
    )
