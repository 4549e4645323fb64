"""Telegram, Bot API: messages to the bot, in groups, and comments of a channel in the group that is linked with it.

A bot is not told of deletions in groups and channels. A comment belongs to the thread of the channel's post, which the
group shows as an automatic forward.
"""

from __future__ import annotations

from typing import Final

from pydantic import Field

from services.intake.channels.rules.payload import Number, Payload, read_as
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
    person_name,
)

_SITE: Final = "https://t.me"
_SHOWN: Final = ("photo", "video", "voice", "audio", "document", "location")


class _User(Payload):
    id: Number
    is_bot: bool = False
    first_name: str = ""
    last_name: str | None = None
    username: str | None = None


class _Chat(Payload):
    id: Number
    type: str = ""
    username: str | None = None


class _Origin(Payload):
    type: str = ""
    chat: _Chat | None = None
    message_id: Number | None = None


class _Message(Payload):
    message_id: Number
    chat: _Chat
    date: Number | None = None
    edit_date: Number | None = None
    sender: _User | None = Field(default=None, alias="from")
    sender_chat: _Chat | None = None
    message_thread_id: Number | None = None
    is_automatic_forward: bool = False
    forward_origin: _Origin | None = None
    reply_to_message: _Message | None = None
    text: str = ""
    caption: str = ""
    photo: list[object] | None = None
    video: dict[str, object] | None = None
    voice: dict[str, object] | None = None
    audio: dict[str, object] | None = None
    document: dict[str, object] | None = None
    location: dict[str, object] | None = None


class Update(Payload):
    """One update; `update_id` is the same for every repetition."""

    update_id: Number
    message: dict[str, object] | None = None
    edited_message: dict[str, object] | None = None
    channel_post: dict[str, object] | None = None
    edited_channel_post: dict[str, object] | None = None


def read_update(update: Update, page: Page) -> Reading:
    """What an update tells. Unreadable where one of a known kind has another shape."""
    if update.channel_post is not None or update.edited_channel_post is not None:
        return Skipped("own")
    if update.message is not None:
        return _read_message(update, read_as(_Message, update.message), "created")
    if update.edited_message is not None:
        return _read_message(update, read_as(_Message, update.edited_message), "edited")
    return Skipped("service")


def _read_message(update: Update, message: _Message, change: Change) -> Reading:
    unwanted = _unwanted(message)
    if unwanted is not None:
        return unwanted
    assert message.sender is not None
    words = appeal_words(message.text or message.caption, [kind for kind in _SHOWN if getattr(message, kind)])
    return message_or_skipped(
        Delivery(
            event=f"update{update.update_id}",
            item=f"{message.chat.id}_{message.message_id}",
            change=change,
            at=instant(message.date if change == "created" else message.edit_date),
            thread=_thread_of(message),
            author=_author(message.sender),
            words=words,
            url=_link(message.chat, message.message_id),
            post_url=_post_url(message),
            is_dialog=message.chat.type == "private",
        )
    )


def _unwanted(message: _Message) -> Skipped | None:
    if message.is_automatic_forward or message.sender_chat is not None:
        return Skipped("own")  # the channel's post in its group, or whoever writes in a chat's name
    if message.sender is None:
        return Skipped("service")
    if message.sender.is_bot:
        return Skipped("bot")
    if message.chat.type == "private" and message.text.startswith("/"):
        return Skipped("command")
    return None


def _thread_of(message: _Message) -> str:
    thread = message.message_thread_id or (message.reply_to_message and message.reply_to_message.message_id)
    return f"{message.chat.id}_{thread or 0}"


def _post_url(message: _Message) -> str | None:
    """The channel's post that is commented on."""
    replied = message.reply_to_message
    origin = replied.forward_origin if replied is not None and replied.is_automatic_forward else None
    if origin is None or origin.chat is None or origin.message_id is None:
        return None
    return _link(origin.chat, origin.message_id)


def _link(chat: _Chat, message_id: int) -> str | None:
    if chat.username:
        return f"{_SITE}/{chat.username}/{message_id}"
    number = str(chat.id)
    return f"{_SITE}/c/{number.removeprefix('-100')}/{message_id}" if number.startswith("-100") else None


def _author(sender: _User) -> Author:
    url = f"{_SITE}/{sender.username}" if sender.username else f"tg://user?id={sender.id}"
    return Author(str(sender.id), person_name(sender.first_name, sender.last_name), url)
