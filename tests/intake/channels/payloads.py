"""What VK, Telegram and MAX send, made as they document it; `test_outside_types` lets other people's types judge it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

GROUP = 217_000_001
SECRET = "s3cret_of_the_page_1"
WRITTEN = 1_764_150_000  # 2025-11-26, Unix seconds
BOT = 7_001
CHANNEL, LINKED = -1001000000001, -1001000000002
Json = dict[str, Any]


def vk_event(kind: str, content: Json, event_id: str = "", **changes: Any) -> Json:
    """The envelope of the Callback API 5.199."""
    event = {
        "type": kind,
        "group_id": GROUP,
        "event_id": event_id or uuid4().hex,
        "v": "5.199",
        "object": content,
        "secret": SECRET,
    }
    return {**event, **changes}


def vk_comment(
    number: int, author: int = 501, text: str = "Яма на дороге", post: int = 77, **more: Any
) -> Json:
    """A comment under a post of the group's wall."""
    return {
        "id": number,
        "from_id": author,
        "date": WRITTEN + number,
        "text": text,
        "post_id": post,
        "owner_id": -GROUP,
        "parents_stack": [],
        "post_owner_id": -GROUP,
        **more,
    }


def vk_deletion(number: int, post: int = 77) -> Json:
    """That a comment was deleted."""
    return {"owner_id": -GROUP, "id": number, "deleter_id": 501, "post_id": post}


def vk_post(number: int, author: int = 501, text: str = "Во дворе не горит фонарь", **more: Any) -> Json:
    """A post on the group's wall."""
    return {
        "id": number,
        "owner_id": -GROUP,
        "from_id": author,
        "date": WRITTEN + number,
        "text": text,
        "post_type": "post",
        "attachments": [],
        **more,
    }


def vk_topic_comment(number: int, author: int = 501, text: str = "Автобус не ходит", topic: int = 9) -> Json:
    """A comment in a discussion of the group."""
    return {
        "id": number,
        "from_id": author,
        "date": WRITTEN + number,
        "text": text,
        "topic_id": topic,
        "topic_owner_id": -GROUP,
    }


def vk_message(number: int, author: int = 501, text: str = "Нет воды", **more: Any) -> Json:
    """A message to the group."""
    return {
        "id": number,
        "conversation_message_id": number,
        "date": WRITTEN + number,
        "peer_id": author,
        "from_id": author,
        "out": 0,
        "version": 10_000_000 + number,
        "text": text,
        "attachments": [],
        "fwd_messages": [],
        "important": False,
        "is_hidden": False,
        "random_id": 0,
        **more,
    }


def vk_new_message(number: int, **more: Any) -> Json:
    """The same as a new one comes."""
    client = {
        "button_actions": ["text", "callback"],
        "keyboard": True,
        "inline_keyboard": True,
        "carousel": True,
        "lang_id": 0,
    }
    return {"message": vk_message(number, **more), "client_info": client}


def telegram_person(number: int = 801, first: str = "Анна", last: str = "Кравцова") -> Json:
    """A user."""
    return {"id": number, "is_bot": False, "first_name": first, "last_name": last, "language_code": "ru"}


def telegram_message(number: int, text: str = "Яма во дворе", chat: Json | None = None, **more: Any) -> Json:
    """A message; in a private chat unless another one is given."""
    person = telegram_person()
    private = {"id": person["id"], "type": "private", "first_name": person["first_name"]}
    return {
        "message_id": number,
        "from": person,
        "chat": chat or private,
        "date": WRITTEN + number,
        "text": text,
        **more,
    }


def telegram_comment(number: int, text: str = "Яма во дворе", post: int = 40, **more: Any) -> Json:
    """A comment under a channel's post: a reply to its automatic forward in the linked group."""
    channel = {"id": CHANNEL, "type": "channel", "title": "Город", "username": "gorod_46"}
    group = {"id": LINKED, "type": "supergroup", "title": "Обсуждение"}
    forward = {
        "message_id": post,
        "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
        "sender_chat": channel,
        "chat": group,
        "date": WRITTEN,
        "forward_origin": {"type": "channel", "chat": channel, "message_id": 15, "date": WRITTEN},
        "is_automatic_forward": True,
        "text": "Пост канала",
    }
    return telegram_message(number, text, group, message_thread_id=post, reply_to_message=forward, **more)


def telegram_update(number: int, **kinds: Json) -> Json:
    """`telegram_update(5, message=…)`."""
    return {"update_id": number, **kinds}


def max_message(
    number: int,
    text: str | None = "Не вывозят мусор",
    author: int = 901,
    chat_type: str = "dialog",
    **more: Any,
) -> Json:
    """A message to the bot, or in a chat."""
    recipient: Json = {"chat_id": 60_000 + author, "chat_type": chat_type}
    if chat_type == "dialog":
        recipient["user_id"] = BOT
    person = {
        "user_id": author,
        "first_name": "Олег",
        "last_name": "Сурков",
        "is_bot": False,
        "last_activity_time": WRITTEN * 1000,
    }
    return {
        "sender": person,
        "recipient": recipient,
        "timestamp": (WRITTEN + number) * 1000,
        "body": {"mid": f"mid.{number:08x}", "seq": number, "text": text, "attachments": []},
        **more,
    }


def max_update(kind: str, number: int, at: int | None = None, **content: Any) -> Json:
    """One update; `at`: Unix seconds."""
    return {"update_type": kind, "timestamp": (at or WRITTEN + number) * 1000, **content}


def max_removal(number: int, author: int = 901, at: int | None = None) -> Json:
    """That a message was removed."""
    return max_update(
        "message_removed", number, at, message_id=f"mid.{number:08x}", chat_id=60_000 + author, user_id=author
    )
