"""VK, Callback API 5.199: wall posts and comments, discussions, photos, videos, goods, and messages to the community.

Of an edit, deletion or restoration VK says no time, messages excepted. A comment of a community has a negative author.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from services.intake.channels.rules.payload import Attached, Number, Payload, read_as
from services.intake.channels.rules.reading import (
    Author,
    Change,
    Delivery,
    Page,
    Reading,
    Skipped,
    appeal_words,
    instant,
    message_or_skipped,
)

_SITE: Final = "https://vk.com"
_CHANGES: Final[Mapping[str, Change]] = {
    "new": "created",
    "edit": "edited",
    "delete": "deleted",
    "restore": "restored",
}
CONFIRMATION: Final = "confirmation"
_FIRST_CHAT: Final = 2_000_000_000  # peers from here on are chats of several people


class CallbackEvent(Payload):
    """The envelope. `secret` is there when the server has one; `event_id` is the same for every repetition."""

    type: str
    group_id: Number
    event_id: str = ""
    secret: str = ""
    content: dict[str, object] | None = Field(default=None, alias="object")


class _Post(Payload):
    id: Number
    owner_id: Number
    from_id: Number
    date: Number | None = None
    text: str = ""
    attachments: list[Attached] | None = None


class _Comment(Payload):
    """A comment under whatever it is. Which of the threads' fields is there depends on that."""

    id: Number
    from_id: Number = 0
    date: Number | None = None
    text: str = ""
    attachments: list[Attached] | None = None
    owner_id: Number | None = None
    post_id: Number | None = None
    post_owner_id: Number | None = None
    topic_id: Number | None = None
    topic_owner_id: Number | None = None
    photo_id: Number | None = None
    photo_owner_id: Number | None = None
    video_id: Number | None = None
    video_owner_id: Number | None = None
    item_id: Number | None = None
    market_owner_id: Number | None = None


class _Message(Payload):
    id: Number = 0
    conversation_message_id: Number = 0
    peer_id: Number
    from_id: Number
    date: Number | None = None
    update_time: Number | None = None
    out: Number = 0
    text: str = ""
    attachments: list[Attached] | None = None
    action: dict[str, object] | None = None


class _NewMessage(Payload):
    message: _Message


def read_event(event: CallbackEvent, page: Page) -> Reading:
    """What an event tells. Unreadable where one of a known type has another shape."""
    return _READERS.get(event.type, _skip)(event, page)


def _skip(event: CallbackEvent, page: Page) -> Reading:
    return Skipped("service")


def _read_post(event: CallbackEvent, page: Page) -> Reading:
    post = read_as(_Post, event.content)
    if post.from_id <= 0:
        return _of_page(post.from_id, page)
    thread = f"wall{post.owner_id}_{post.id}"
    return message_or_skipped(
        Delivery(
            event=event.event_id,
            item=thread,
            change="created",
            at=instant(post.date),
            thread=thread,
            author=_person(post.from_id),
            words=appeal_words(post.text, _kinds(post.attachments)),
            url=f"{_SITE}/{thread}",
        )
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Under what comments stand: its word in links, and the fields of its id and owner."""

    word: str
    id: str
    owner: str

    def thread_of(self, comment: _Comment, page: Page) -> str:
        """`wall-1_5`, also where a deletion leaves the owner out."""
        owner = getattr(comment, self.owner) or comment.owner_id or f"-{page.id}"
        return f"{self.word}{owner}_{getattr(comment, self.id) or 0}"


_PLACES: Final[Mapping[str, _Place]] = {
    "wall_reply": _Place("wall", "post_id", "post_owner_id"),
    "board_post": _Place("topic", "topic_id", "topic_owner_id"),
    "photo_comment": _Place("photo", "photo_id", "photo_owner_id"),
    "video_comment": _Place("video", "video_id", "video_owner_id"),
    "market_comment": _Place("market", "item_id", "market_owner_id"),
}
_LINKS: Final = {"topic": "post"}  # how a link names the comment; mostly `reply`


def _read_comment(event: CallbackEvent, page: Page) -> Reading:
    kind, _, verb = event.type.rpartition("_")
    change = _CHANGES[verb]
    place = _PLACES[kind]
    comment = read_as(_Comment, event.content)
    if change != "deleted" and comment.from_id <= 0:
        return _of_page(comment.from_id, page)
    thread = place.thread_of(comment, page)
    post_url = f"{_SITE}/{thread}"
    # Comments of a photo, a video and a post are numbered apart; a deletion may leave the thread out.
    item = f"{place.word}-comment{_owner_of(comment, page)}_{comment.id}"
    if place.word == "topic":
        item = f"{thread}_{comment.id}"
    return message_or_skipped(
        Delivery(
            event=event.event_id,
            item=item,
            change=change,
            at=instant(comment.date) if change == "created" else None,
            thread=thread,
            author=_person(comment.from_id),
            words=appeal_words(comment.text, _kinds(comment.attachments)) if change != "deleted" else "",
            url=f"{post_url}?{_LINKS.get(place.word, 'reply')}={comment.id}",
            post_url=post_url,
        )
    )


def _owner_of(comment: _Comment, page: Page) -> object:
    return comment.owner_id or comment.post_owner_id or f"-{page.id}"


def _read_message(event: CallbackEvent, page: Page) -> Reading:
    if event.type == "message_new":
        message = read_as(_NewMessage, event.content).message
    else:
        message = read_as(_Message, event.content)
    if message.action:
        return Skipped("service")
    if message.from_id <= 0 or message.out:
        return Skipped("own")
    change: Change = "created" if event.type == "message_new" else "edited"
    thread = f"dialog{message.peer_id}"
    return message_or_skipped(
        Delivery(
            event=event.event_id,
            item=f"{thread}_{message.conversation_message_id or message.id}",
            change=change,
            at=instant(message.date if change == "created" else message.update_time),
            thread=thread,
            author=_person(message.from_id),
            words=appeal_words(message.text, _kinds(message.attachments)),
            url=f"{_SITE}/gim{page.id}?sel={message.peer_id}",
            is_dialog=message.peer_id < _FIRST_CHAT,
        )
    )


def _of_page(from_id: int, page: Page) -> Skipped:
    return Skipped("own" if from_id in (0, -_number(page.id)) else "other_page")


def _number(page_id: str) -> int:
    return int(page_id) if page_id.isascii() and page_id.isdigit() else 0


def _person(from_id: int) -> Author:
    return Author(str(from_id), "", f"{_SITE}/id{from_id}") if from_id > 0 else Author()


def _kinds(attachments: list[Attached] | None) -> list[str]:
    return [attached.type for attached in attachments or ()]


_READERS: Final[Mapping[str, Callable[[CallbackEvent, Page], Reading]]] = {
    "wall_post_new": _read_post,
    "message_new": _read_message,
    "message_edit": _read_message,
    **{f"{kind}_{verb}": _read_comment for kind in _PLACES for verb in _CHANGES},
}
