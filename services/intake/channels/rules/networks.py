"""How what each network delivers is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from services.intake.channels.rules import max as max_bot
from services.intake.channels.rules import telegram, vk
from services.intake.channels.rules.payload import read_as
from services.intake.channels.rules.reading import Page, Reading

Payload = Mapping[str, object]


def _read_vk(payload: Payload, page: Page) -> Reading:
    return vk.read_event(read_as(vk.CallbackEvent, payload), page)


def _read_telegram(payload: Payload, page: Page) -> Reading:
    return telegram.read_update(read_as(telegram.Update, payload), page)


def _read_max(payload: Payload, page: Page) -> Reading:
    return max_bot.read_update(read_as(max_bot.Update, payload), page)


# Those that deliver; OK is asked (`actions.polling`). Each raises Unreadable.
READERS: Final[Mapping[str, Callable[[Payload, Page], Reading]]] = {
    "vk": _read_vk,
    "telegram": _read_telegram,
    "max": _read_max,
}
