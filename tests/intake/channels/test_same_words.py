"""An edit that changes no words – of a live location, of a picture – is nothing that has happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.intake.channels.payloads import (
    WRITTEN,
    Json,
    max_message,
    max_update,
    telegram_comment,
    telegram_update,
    vk_comment,
    vk_event,
)

Watch = Callable[..., Any]
HISTORY = "SELECT kind FROM intake.appeal_history ORDER BY at, kind"


def of(network: str, number: int, text: str, *, edited: bool) -> Json:
    """A message, or its edit, of so many seconds later."""
    at = WRITTEN + number
    if network == "vk":
        return vk_event("wall_reply_edit" if edited else "wall_reply_new", vk_comment(1, text=text, date=at))
    if network == "telegram":
        kind = "edited_message" if edited else "message"
        dates = {"edit_date": at} if edited else {}
        return telegram_update(number, **{kind: telegram_comment(1, text, **dates)})
    kind = "message_edited" if edited else "message_created"
    return max_update(kind, 1, at, message=max_message(1, text))


@pytest.mark.parametrize("network", ["vk", "telegram", "max"])
async def test_an_edit_without_other_words_is_no_change(watch: Watch, network: str) -> None:
    page = await watch(network)
    await page.taken(of(network, 1, "Яма у дома 5", edited=False))
    for number in range(2, 5):
        await page.taken(of(network, number, "Яма у дома 5", edited=True))
    assert await page.rows(HISTORY) == []
    await page.taken(*(of(network, number, "Яма у дома 7", edited=True) for number in (5, 6)))
    await page.taken(of(network, 7, "Яма у дома 7", edited=True))
    await page.taken(of(network, 8, "Яма у дома 5", edited=True))
    assert [each["kind"] for each in await page.rows(HISTORY)] == ["source_changed"] * 2
    assert (await page.counts())["edited"] == 2


@pytest.mark.parametrize("network", ["vk", "telegram"])
async def test_neither_is_one_that_came_before_its_message(watch: Watch, network: str) -> None:
    page = await watch(network)
    await page.taken(*(of(network, number, "Яма у дома 5", edited=True) for number in (2, 3, 4)))
    await page.taken(of(network, 1, "Яма у дома 5", edited=False))
    assert await page.rows(HISTORY) == []
    assert (await page.counts())["registered"] == 1
