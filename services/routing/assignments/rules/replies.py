"""What citizens say to questions, kept with the question it answers: the same in whatever order it comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypedDict


class StoredReply(TypedDict):
    """What a citizen said to a question, masked, and when (ISO 8601)."""

    at: str
    text: str


def moment_of(reply: StoredReply) -> datetime:
    """When it was said."""
    return datetime.fromisoformat(reply["at"])


def share_out(asked: Sequence[datetime], replies: Sequence[StoredReply]) -> list[list[StoredReply]]:
    """For each question, in the order of their moments, what was said since it and before the next one."""
    ends = [*asked[1:], None]
    return [
        [each for each in replies if since <= moment_of(each) and (end is None or moment_of(each) < end)]
        for since, end in zip(asked, ends, strict=True)
    ]


def add_replies(known: Sequence[StoredReply], received: Sequence[StoredReply]) -> list[StoredReply]:
    """All of them, each once, in the order of their time."""
    every = {(moment_of(each), each["text"]): each for each in (*received, *known)}
    return [every[key] for key in sorted(every)]


def join_texts(texts: Iterable[str]) -> str:
    """As it is read: one below the other, nothing twice."""
    return "\n\n".join(dict.fromkeys(texts))
