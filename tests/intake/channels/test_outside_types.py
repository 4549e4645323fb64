"""What our tests send in the networks' names is what the networks send: types that other people keep judge it.

aiogram holds back pydantic and so is no dependency of ours: its judgement is asked where it is installed
(`uv pip install --no-deps aiogram magic-filter`).
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from tests.intake.channels import payloads
from tests.intake.channels.payloads import vk_event

VK: list[tuple[str, str, dict[str, Any]]] = [
    ("wall_reply_new", "WallReplyNew", payloads.vk_comment(1)),
    ("wall_reply_edit", "WallReplyEdit", payloads.vk_comment(1)),
    ("wall_reply_restore", "WallReplyRestore", payloads.vk_comment(1)),
    ("wall_reply_delete", "WallReplyDelete", payloads.vk_deletion(1)),
    ("wall_post_new", "WallPostNew", payloads.vk_post(1)),
    ("board_post_new", "BoardPostNew", payloads.vk_topic_comment(1)),
    ("board_post_edit", "BoardPostEdit", payloads.vk_topic_comment(1)),
    ("message_new", "MessageNew", payloads.vk_new_message(1)),
    ("message_edit", "MessageEdit", payloads.vk_message(1, update_time=payloads.WRITTEN)),
]
TELEGRAM = [
    payloads.telegram_update(1, message=payloads.telegram_message(1)),
    payloads.telegram_update(2, edited_message=payloads.telegram_message(1, edit_date=payloads.WRITTEN + 9)),
    payloads.telegram_update(3, message=payloads.telegram_comment(3)),
]
MAX = [
    payloads.max_update("message_created", 1, message=payloads.max_message(1)),
    payloads.max_update("message_created", 2, message=payloads.max_message(2, chat_type="chat")),
    payloads.max_update("message_edited", 1, message=payloads.max_message(1)),
    payloads.max_removal(1),
]


@pytest.mark.parametrize(("kind", "name", "content"), VK)
def test_vk(kind: str, name: str, content: dict[str, Any]) -> None:
    typings = importlib.import_module("vkbottle_types.events.bot_events")
    event = getattr(typings, name).model_validate(vk_event(kind, content))
    assert event.type.value == kind
    assert event.event_id


@pytest.mark.parametrize("update", TELEGRAM)
def test_telegram(update: dict[str, Any]) -> None:
    types = pytest.importorskip("aiogram.types", reason="aiogram is not installed")
    read = types.Update.model_validate(update)
    assert read.event.from_user is not None
    assert read.model_dump(exclude_unset=True, by_alias=True).keys() == update.keys()


@pytest.mark.parametrize("update", MAX)
def test_max(update: dict[str, Any]) -> None:
    updates = importlib.import_module("maxapi.types.updates")
    name = "".join(map(str.title, update["update_type"].split("_")))
    module = importlib.import_module(f"maxapi.types.updates.{update['update_type']}")
    assert updates is not None
    read = getattr(module, name).model_validate(update)
    assert read.update_type == update["update_type"]
    assert read.get_ids()[1] == 901
