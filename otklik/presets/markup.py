"""Texts of social networks as they are meant to be read: markup, entities, links through a gate."""

from __future__ import annotations

import html
import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

# [id123|Иван], [club77|Курск], [id5:bp-77_12|Анна]; and with an address in place of the name.
_MENTION: Final = re.compile(r"\[(?:id|club|public|event|app)-?\d+(?::[\w-]+)?\|([^\[\]|]+)\]", re.IGNORECASE)
_LINK: Final = re.compile(r"\[(https?://[^\s|\[\]]+)\|([^\[\]|]+)\]", re.IGNORECASE)
_GATE: Final = re.compile(r"(?:https?://)?(?:m\.)?vk\.(?:com|ru)/away(?:\.php)?\?[^\s<>\[\]]+", re.IGNORECASE)
_BREAK: Final = re.compile(r"<br ?/?>", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|apos|nbsp);", re.IGNORECASE)


def plain_text(text: str) -> str:
    """What a reader of the page saw: names in place of mentions, letters in place of entities, addresses behind gates."""
    if "|" in text:
        text = _LINK.sub(r"\2 (\1)", _MENTION.sub(r"\1", text))
    if "away" in text:
        text = _GATE.sub(_behind_gate, text)
    if "<" in text:
        text = _BREAK.sub("\n", text)
    return _ENTITY.sub(_letter, text) if "&" in text else text


def _behind_gate(found: re.Match[str]) -> str:
    target = parse_qs(urlsplit(found[0]).query).get("to")
    return target[0] if target else found[0]


def _letter(found: re.Match[str]) -> str:
    letter = html.unescape(found[0])
    return "" if letter == "\0" else letter
