"""MAX, bot API: messages to the bot, in chats, and comments under a channel's posts.

Updates have no id of their own: kind, message and time together are one. What cannot be delivered MAX tries up to ten times
(after 60 s, then 2.5 times as long each time), and after eight hours without a success it ends the subscription.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

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
    person_name,
)

_MESSAGES: Final[dict[str, Change]] = {"message_created": "created", "message_edited": "edited"}


class _User(Payload):
    user_id: Number
    first_name: str = ""
    last_name: str | None = None
    name: str | None = None
    username: str | None = None
    is_bot: bool = False


class _Recipient(Payload):
    chat_id: Number | None = None
    chat_type: str = ""
    user_id: Number | None = None
    post_id: str | None = None


class _Body(Payload):
    mid: str
    text: str | None = None
    attachments: list[Attached] | None = None


class _LinkedBody(Payload):
    mid: str = ""


class _Link(Payload):
    type: str = ""
    message: _LinkedBody | None = None


class _Message(Payload):
    sender: _User | None = None
    recipient: _Recipient
    timestamp: Number | None = None
    link: _Link | None = None
    body: _Body | None = None
    url: str | None = None


class Update(Payload):
    """One update; times in milliseconds."""

    update_type: str
    timestamp: Number | None = None
    message: dict[str, object] | None = None
    message_id: str | None = None


def read_update(update: Update, page: Page) -> Reading:
    """What an update tells. Unreadable where one of a known kind has another shape."""
    change = _MESSAGES.get(update.update_type)
    if change is not None:
        return _read_message(update, read_as(_Message, update.message), change)
    if update.update_type == "message_removed" and update.message_id:
        return Delivery(
            event=_event_of(update, update.message_id),
            item=update.message_id,
            change="deleted",
            at=_at(update.timestamp),
        )
    return Skipped("service")


def _read_message(update: Update, message: _Message, change: Change) -> Reading:
    if message.sender is None:
        return Skipped("own")  # a channel writes in its own name
    if message.sender.is_bot:
        return Skipped("bot")
    if message.body is None:
        return Skipped("wordless")  # only passed on
    text = message.body.text or ""
    is_dialog = message.recipient.chat_type == "dialog"
    if is_dialog and text.startswith("/"):
        return Skipped("command")
    return message_or_skipped(
        Delivery(
            event=_event_of(update, message.body.mid),
            item=message.body.mid,
            change=change,
            at=_at(message.timestamp if change == "created" else update.timestamp),
            thread=_thread_of(message),
            author=_author(message.sender),
            words=appeal_words(text, [attached.type for attached in message.body.attachments or ()]),
            url=message.url,
            is_dialog=is_dialog,
        )
    )


def _event_of(update: Update, message_id: str) -> str:
    return f"{update.update_type} {message_id} {update.timestamp}"


def _thread_of(message: _Message) -> str:
    if message.recipient.post_id:
        return f"post{message.recipient.post_id}"
    link = message.link
    if message.recipient.chat_type != "dialog" and link and link.type == "reply" and link.message:
        return f"post{link.message.mid}"
    return f"chat{message.recipient.chat_id or message.recipient.user_id or 0}"


def _author(sender: _User) -> Author:
    named = person_name(sender.first_name, sender.last_name) or person_name(sender.name)
    return Author(str(sender.user_id), named, f"https://max.ru/u/{sender.user_id}")


def _at(milliseconds: int | None) -> datetime | None:
    return instant(milliseconds / 1000 if milliseconds is not None else None)
