"""The one form into which every network's own is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, get_args

from chassis.texts import is_visible

Network = Literal["vk", "ok", "telegram", "max"]
NETWORKS: Final = frozenset(get_args(Network))
Change = Literal["created", "edited", "deleted", "restored"]
# Why something is no appeal. `own`: written by the page; `service`: joins, likes and whatever else networks report.
Reason = Literal["own", "bot", "command", "wordless", "service", "other_page"]

LONGEST_TEXT: Final = 10_000
LONGEST_NAME: Final = 254
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
# `[id5|Анна], спасибо`, `[club7|Мэрия]`: how VK writes whom somebody speaks to.
_MENTION = re.compile(r"\[(?:id|club|public|event)\d{1,20}\|([^\]\[|]{1,300})\]")
# Attachments that show something; stickers, reactions and music tell of nothing.
_SHOWING: Final = {
    "photo": "фотография",
    "image": "фотография",
    "video": "видео",
    "voice": "голосовое сообщение",
    "audio_message": "голосовое сообщение",
    "audio": "аудиозапись",
    "doc": "файл",
    "file": "файл",
    "document": "файл",
    "geo": "место на карте",
    "location": "место на карте",
}
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(ValueError):
    """A delivery that claims to be of a known kind and has another shape. Quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Page:
    """The watched page as its network names it: VK's and OK's group, Telegram's and MAX's bot or channel."""

    id: str
    url: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote. `id`: the network's; empty where a delivery does not name them."""

    id: str = ""
    name: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Something happened to one message.

    `event`: the same for every repetition of this delivery; `item`: the message; `thread`: what it belongs to (a post, a
    topic, a dialog). `at`: as the network dates the change; None where it does not. `words`: the text as an appeal would
    have it; empty where it has none. `url`: the message; `post_url`: the page's own post, which tells of nobody.
    """

    event: str
    item: str
    change: Change
    at: datetime | None
    thread: str = ""
    author: Author = Author()
    words: str = ""
    url: str | None = None
    post_url: str | None = None
    is_dialog: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """No appeal: acknowledged and counted."""

    reason: Reason


Reading = Delivery | Skipped


def appeal_words(text: str, attachments: Sequence[str] = ()) -> str:
    """The text as an appeal has it, at most 10,000 characters; what is shown where there are no words; else empty.

    `attachments`: their kinds, by the network's names.
    """
    plain = _MENTION.sub(r"\1", text.replace("\x00", "")).strip()[:LONGEST_TEXT]
    if any(map(is_visible, _LETTER_OR_DIGIT.findall(plain))):
        return plain
    shown = list(dict.fromkeys(_SHOWING[kind] for kind in attachments if kind in _SHOWING))
    return f"Сообщение без текста: {', '.join(shown)}." if shown else ""


def person_name(*parts: str | None) -> str:
    """First and last name as one line; empty where there is none."""
    joined = " ".join(part.replace("\x00", "").strip() for part in parts if part)
    return joined.strip()[:LONGEST_NAME]


def instant(seconds: float | None) -> datetime | None:
    """Unix seconds as an instant; None where there is none, or none that a network can have meant."""
    if seconds is None or not 0 < seconds < 32_503_680_000:
        return None
    return _FIRST + timedelta(seconds=seconds)


def message_or_skipped(delivery: Delivery) -> Reading:
    """A new message without words is no appeal; a change of one that has become one counts all the same."""
    if delivery.change == "created" and not delivery.words:
        return Skipped("wordless")
    return delivery
