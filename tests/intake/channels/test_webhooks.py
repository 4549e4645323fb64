"""What networks deliver becomes appeals: once each, with edits and deletions as evidence, and with nothing personal outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.intake.channels.payloads import (
    GROUP,
    SECRET,
    max_message,
    max_removal,
    max_update,
    telegram_comment,
    telegram_message,
    telegram_update,
    vk_comment,
    vk_deletion,
    vk_event,
    vk_new_message,
    vk_post,
)

Watch = Callable[..., Any]
APPEALS = "SELECT id, channel, municipality, client_id, submitted_at, status FROM intake.appeal ORDER BY id"
HISTORY = "SELECT kind FROM intake.appeal_history ORDER BY at, kind"


async def test_the_same_event_ten_times_is_one_appeal_also_at_once(watch: Watch) -> None:
    page = await watch("vk")
    event = vk_event("wall_reply_new", vk_comment(1))
    answers = await asyncio.gather(*(page.deliver(event) for _ in range(10)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, "ok")}
    await page.taken(event)
    [appeal] = await page.rows(APPEALS)
    assert (appeal["channel"], appeal["municipality"], appeal["status"]) == ("vk", "38701000", "registered")
    assert appeal["submitted_at"].timestamp() == vk_comment(1)["date"]
    assert await page.counts() == {"registered": 1, "repeated": 10}
