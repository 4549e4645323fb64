"""Each network's own form is read into one; whatever else comes is no bug."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.intake.channels.rules import ok
from services.intake.channels.rules.networks import READERS
from services.intake.channels.rules.reading import (
    Delivery,
    Page,
    Reading,
    Skipped,
    Unreadable,
    appeal_words,
    instant,
)
from services.intake.field_types import AppealText
from tests.intake.channels import payloads
from tests.intake.channels.payloads import GROUP, Json, vk_event

PAGE = Page(str(GROUP), "https://vk.com/gorod46")
WALL = f"wall-{GROUP}_77"


def read(network: str, payload: Mapping[str, object]) -> Reading:
    return READERS[network](payload, PAGE)


def delivery(network: str, payload: Json) -> Delivery:
    found = read(network, payload)
    assert isinstance(found, Delivery)
    return found


def test_a_comment_and_what_becomes_of_it_are_about_one_message() -> None:
    created = delivery("vk", vk_event("wall_reply_new", payloads.vk_comment(5), "e1"))
    edited = delivery("vk", vk_event("wall_reply_edit", payloads.vk_comment(5, text="Две ямы"), "e2"))
    deleted = delivery("vk", vk_event("wall_reply_delete", payloads.vk_deletion(5)))
    assert {created.item, edited.item, deleted.item} == {f"wall-comment-{GROUP}_5"}
    assert (created.thread, edited.thread) == (WALL, WALL)
    assert (created.event, created.at, edited.at) == ("e1", instant(payloads.WRITTEN + 5), None)
    assert (created.url, created.post_url) == (f"https://vk.com/{WALL}?reply=5", f"https://vk.com/{WALL}")
    assert (edited.change, edited.words, deleted.change, deleted.words) == (
        "edited",
        "Две ямы",
        "deleted",
        "",
    )
    assert (created.author.id, created.author.url) == ("501", "https://vk.com/id501")


@pytest.mark.parametrize(
    ("kind", "content", "thread"),
    [
        ("board_post_new", payloads.vk_topic_comment(3), f"topic-{GROUP}_9"),
        ("photo_comment_new", {**payloads.vk_comment(3), "photo_id": 8, "photo_owner_id": -GROUP}, f"photo-{GROUP}_8"),
        ("video_comment_new", {**payloads.vk_comment(3), "video_id": 8, "video_owner_id": -GROUP}, f"video-{GROUP}_8"),
        ("market_comment_new", {**payloads.vk_comment(3), "item_id": 8, "market_owner_id": -GROUP}, f"market-{GROUP}_8"),
        ("wall_post_new", payloads.vk_post(3), f"wall-{GROUP}_3"),
        ("message_new", payloads.vk_new_message(3), "dialog501"),
    ],
)  # fmt: skip
def test_every_place_of_vk_is_a_thread(kind: str, content: Json, thread: str) -> None:
    found = delivery("vk", vk_event(kind, content))
    assert found.thread == thread
    assert found.is_dialog == (kind == "message_new")
    assert (found.post_url is None) == (kind in ("wall_post_new", "message_new"))


def test_a_comment_of_a_channel_belongs_to_its_post() -> None:
    comment = payloads.telegram_update(1, message=payloads.telegram_comment(3))
    found = delivery("telegram", comment)
    assert found.thread == f"{payloads.LINKED}_40"
    assert (found.post_url, found.url) == ("https://t.me/gorod_46/15", "https://t.me/c/1000000002/3")
    assert (found.author.name, found.author.url) == ("Анна Кравцова", "tg://user?id=801")
    photo = payloads.telegram_message(4, text="", caption="Вот яма", photo=[{"file_id": "x"}])
    assert delivery("telegram", payloads.telegram_update(2, message=photo)).words == "Вот яма"


def test_a_comment_of_max_belongs_to_its_post() -> None:
    recipient = {"chat_id": -5, "chat_type": "channel", "post_id": "mid.77"}
    comment = payloads.max_message(3, recipient=recipient, url="https://max.ru/gorod46/77")
    found = delivery("max", payloads.max_update("message_created", 3, message=comment))
    assert (found.thread, found.is_dialog, found.author.name) == ("postmid.77", False, "Олег Сурков")
    removed = delivery("max", payloads.max_removal(3))
    assert (removed.item, removed.change, removed.author.id) == (found.item, "deleted", "")


def test_words_of_an_appeal() -> None:
    assert appeal_words("[club7|Мэрия], [id5|Анна] ждёт\x00 ответа ") == "Мэрия, Анна ждёт ответа"
    assert appeal_words("а" * 20_000) == "а" * 10_000
    assert (
        appeal_words("🔥!!!", ["photo", "photo", "sticker", "doc"])
        == "Сообщение без текста: фотография, файл."
    )
    assert appeal_words("…", ["sticker", "audio_playlist"]) == ""
    assert appeal_words("[id5|]") == "[id5|]"


FILLERS = ["\u3164", "\u115f", "\u1160", "\uffa0"]  # letters by their category, and yet nothing is drawn


@pytest.mark.parametrize("filler", FILLERS)
def test_letters_that_are_not_drawn_are_no_words(filler: str) -> None:
    assert appeal_words(filler * 3) == ""
    assert appeal_words(f"{filler} 👍 {filler}") == ""
    assert appeal_words("\u200b" * 10_000 + "Яма") == ""  # what is left of it has none either
    assert appeal_words(filler, ["photo"]) == "Сообщение без текста: фотография."
    assert appeal_words(f"{filler}Яма") == f"{filler}Яма"
    assert read("vk", vk_event("wall_reply_new", payloads.vk_comment(1, text=filler))) == Skipped("wordless")
    edited = delivery("vk", vk_event("wall_reply_edit", payloads.vk_comment(1, text=filler)))
    assert edited.words == ""


@given(st.text(st.sampled_from("яA1?👍\u3164\u115f\u1160\uffa0\u2800\u200b\u0301 \x00"), max_size=12))
def test_words_are_always_a_text_that_can_be_registered(text: str) -> None:
    words = appeal_words(text)
    assert words == "" or TypeAdapter(AppealText).validate_python(words) == words


def test_calls_to_ok_are_signed_as_it_documents() -> None:
    assert ok.session_secret("token", "application") == "3f619d1bed96ec3d2c833c6bf6e36f8f"
    call = {"method": "discussions.getList", "application_key": "K", "format": "json", "access_token": "t"}
    assert ok.sign(call, "s") == ok.sign({name: call[name] for name in reversed(call)}, "s")
    assert ok.sign(call, "s") == ok.sign({**call, "access_token": "other"}, "s")
    assert ok.sign(call, "s") != ok.sign({**call, "gid": "1"}, "s")


def test_dates_of_ok() -> None:
    assert ok.Comment(id="1", date="2025-11-26 12:00:00").written_at == instant(1_764_147_600)
    assert ok.Comment(id="1", date_ms=1_764_147_600_000).written_at == instant(1_764_147_600)
    assert ok.Comment(id="1", date="вчера").written_at is None


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
GENUINE: list[tuple[str, Callable[[], Json]]] = [
    ("vk", lambda: vk_event("wall_reply_new", payloads.vk_comment(1))),
    ("vk", lambda: vk_event("wall_post_new", payloads.vk_post(1))),
    ("vk", lambda: vk_event("message_new", payloads.vk_new_message(1))),
    ("telegram", lambda: payloads.telegram_update(1, message=payloads.telegram_comment(1))),
    ("max", lambda: payloads.max_update("message_created", 1, message=payloads.max_message(1))),
]


@given(st.sampled_from(GENUINE), st.data())
def test_whatever_a_field_holds_is_read_or_unreadable(
    genuine: tuple[str, Callable[[], Json]], data: Any
) -> None:
    network, make = genuine
    payload = make()
    place: Any = payload
    while True:
        name = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[name], dict) or data.draw(st.booleans()):
            break
        place = place[name]
    place[name] = data.draw(_ANYTHING)
    try:
        found: Reading | None = read(network, payload)
    except Unreadable as error:
        found = None
        quoted = str(error)
    else:
        quoted = ""
    assert found is None or isinstance(found, Delivery | Skipped)
    assert "Яма" not in quoted
