"""What networks deliver becomes appeals: once each, with edits and deletions as evidence, and with nothing personal outside."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from services.intake.channels.actions import asking
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


async def test_a_forged_secret_is_refused_and_leaves_nothing(watch: Watch) -> None:
    pages = {network: await watch(network) for network in ("vk", "telegram", "max")}
    genuine = {
        "vk": vk_event("wall_reply_new", vk_comment(1)),
        "telegram": telegram_update(1, message=telegram_message(1)),
        "max": max_update("message_created", 1, message=max_message(1)),
    }
    for network, page in pages.items():
        for secret in ("", SECRET[:-1], SECRET + "x", SECRET.upper(), "x" * 10_000):
            forged = {**genuine[network], "secret": secret} if network == "vk" else genuine[network]
            answer = await page.deliver(forged, secret)
            assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden"), network
        assert SECRET not in answer.text
    odd = [{"secret": odd} for odd in (None, 1, [SECRET], {"a": SECRET}, True)]
    assert {(await pages["vk"].deliver({**genuine["vk"], **each})).status_code for each in odd} == {403}
    stranger = await pages["vk"].deliver({**genuine["vk"], "group_id": GROUP + 1})
    assert stranger.status_code == 403
    assert await pages["vk"].rows(APPEALS) == []
    assert await pages["vk"].rows("SELECT * FROM intake.channel_delivery") == []


async def test_an_address_that_means_nothing_is_not_there(watch: Watch) -> None:
    page = await watch("vk")
    event, path = vk_event("wall_reply_new", vk_comment(1)), page.view["webhook"]
    paths = [path.replace("vk", "max"), f"/channels/vk/{'0' * 8}-0000-7000-8000-{'0' * 12}"]
    assert {(await page.client.post(each, json=event)).status_code for each in paths} == {404}
    odd = [path.replace("vk", "ok"), "/channels/vk/x", path + "%00"]
    assert {(await page.client.post(each, json=event)).status_code for each in odd} <= {404, 422}


async def test_vk_is_answered_its_confirmation_once_it_is_known(watch: Watch) -> None:
    page = await watch("vk")
    asked = {"type": "confirmation", "group_id": GROUP}
    assert (await page.deliver(asked)).status_code == 404
    body = {**page.view, "credentials": {"confirmation": "a1b2c3d4"}}
    changed = await page.client.put(
        f"/api/v1/channels/{page.view['id']}", json=body, headers={**page.admin, "If-Match": "1"}
    )
    assert changed.status_code == 200, changed.text
    assert changed.json()["credential_names"] == ["secret", "confirmation"]
    page.app.state.resources.connections._known.clear()  # two seconds later
    for payload in (asked, vk_event("confirmation", {}), {**asked, "secret": SECRET}):
        answer = await page.deliver(payload)
        assert (answer.status_code, answer.text) == (200, "a1b2c3d4")
        assert answer.headers["content-type"].startswith("text/plain")
    assert (await page.deliver({**asked, "secret": "x" * 20})).status_code == 403
    assert (await page.deliver({**asked, "group_id": 5})).status_code == 403


async def test_what_is_no_appeal_is_acknowledged_and_counted(watch: Watch) -> None:
    page = await watch("vk")
    await page.taken(
        vk_event("wall_post_new", vk_post(1, author=-GROUP)),
        vk_event("wall_reply_new", vk_comment(2, author=-GROUP)),
        vk_event("wall_reply_new", vk_comment(3, author=-55)),
        vk_event("group_join", {"user_id": 5, "join_type": "join"}),
        vk_event("like_add", {"liker_id": 5}),
        vk_event("something_new_in_6.0", {"a": [1, {"b": None}]}),
        vk_event("wall_reply_new", vk_comment(4, text="👍👍")),
        vk_event("wall_reply_new", vk_comment(5, text="", attachments=[{"type": "sticker", "sticker": {}}])),
    )
    telegram = await watch("telegram")
    await telegram.taken(
        telegram_update(1, message=telegram_message(1, "/start")),
        telegram_update(2, channel_post=telegram_message(2)),
        telegram_update(3, message=telegram_message(3, new_chat_members=[], text="")),
        telegram_update(4, my_chat_member={}),
        telegram_update(5, message=telegram_comment(5)["reply_to_message"]),
    )
    assert await page.rows(APPEALS) == []
    assert await page.counts() == {"own": 2, "other_page": 1, "service": 3, "wordless": 2}
    assert await telegram.counts() == {"command": 1, "own": 2, "wordless": 1, "service": 1}


async def test_letters_that_are_not_drawn_are_acknowledged_and_no_appeal(watch: Watch) -> None:
    page = await watch("vk")
    await page.taken(
        vk_event("wall_reply_new", vk_comment(1, text="\u3164")),
        vk_event("wall_reply_edit", vk_comment(2, text="\u115f\u1160")),
        vk_event("wall_reply_new", vk_comment(3, text="\u3164Яма")),
    )
    assert await page.counts() == {"wordless": 1, "waiting": 1, "registered": 1}
    waits = await page.rows("SELECT waits_until FROM intake.channel_delivery WHERE appeal_id IS NULL")
    assert waits == [{"waits_until": None}]


async def test_a_picture_without_words_is_an_appeal(watch: Watch) -> None:
    page = await watch("vk")
    photo = {"type": "photo", "photo": {"id": 1}}
    await page.taken(vk_event("wall_reply_new", vk_comment(1, text="", attachments=[photo, photo])))
    [appeal] = await page.rows(APPEALS)
    original = await opened(page, appeal["id"], "original")
    assert original["text"] == "Сообщение без текста: фотография."


async def opened(page: Any, appeal_id: object, what: str) -> dict[str, Any]:
    """What a coordinator reads of an original, or of its source."""
    answer = await page.client.post(
        f"/api/v1/appeals/{appeal_id}/{what}", json={"purpose": "проверка"}, headers=page.admin
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_edit_and_a_deletion_are_kept_as_evidence(watch: Watch) -> None:
    page = await watch("vk")
    await page.taken(
        vk_event("wall_reply_new", vk_comment(1, text="Яма у дома 2, тел. 8 910 123-45-67")),
        vk_event("wall_reply_edit", vk_comment(1, text="Яма у дома 12, звоните 8 910 123-45-67")),
        vk_event("wall_reply_delete", vk_deletion(1)),
        vk_event("wall_reply_restore", vk_comment(1, text="Яма у дома 12")),
    )
    [appeal] = await page.rows(APPEALS)
    source = await opened(page, appeal["id"], "source")
    assert [item["change"] for item in source["items"]] == ["created", "edited", "deleted", "restored"]
    assert source["items"][1]["text"] == "Яма у дома 12, звоните 8 910 123-45-67"
    assert source["items"][0]["author_url"] == "https://vk.com/id501"
    assert source["source"] == {
        "network": "vk",
        "page_title": "Город",
        "page_url": "https://vk.com/gorod46",
        "post_url": f"https://vk.com/wall-{GROUP}_77",
    }
    assert SECRET not in str(source)
    history = await page.client.get(f"/api/v1/appeals/{appeal['id']}/history", headers=page.admin)
    lines = {line["what"]: line["reason"] for line in history.json()["items"]}
    assert "Автор изменил сообщение в социальной сети" in lines
    assert "910" not in lines["Автор изменил сообщение в социальной сети"]
    assert "Сообщение удалено из социальной сети" in lines
    assert "Сообщение восстановлено в социальной сети" in lines
    opening = [line for line in history.json()["items"] if line["kind"] == "original_opened"]
    assert [line["reason"] for line in opening] == ["Цель: проверка"]


async def test_what_a_person_adds_in_the_thread_clarifies_the_appeal(watch: Watch) -> None:
    page = await watch("vk")
    await page.taken(
        vk_event("wall_reply_new", vk_comment(1)),
        vk_event("wall_reply_new", vk_comment(2, text="Это у дома 5, пишет Петрова Мария Ивановна")),
        vk_event("wall_reply_new", vk_comment(3, author=502, text="У нас тоже яма")),
        vk_event("wall_reply_new", vk_comment(4, post=78, text="А ещё не горит фонарь")),
    )
    first, neighbour, _ = await page.rows(APPEALS)
    assert await page.counts() == {"registered": 3, "joined": 1}
    original = await opened(page, first["id"], "original")
    assert [each["text"] for each in original["clarifications"]] == [
        "Это у дома 5, пишет Петрова Мария Ивановна"
    ]
    assert (await opened(page, neighbour["id"], "original"))["clarifications"] == []
    kinds = await page.rows(HISTORY)
    assert [row["kind"] for row in kinds] == ["clarified"]


async def test_a_dialog_goes_on_for_a_day_and_a_closed_appeal_for_nobody(watch: Watch) -> None:
    page = await watch("vk")
    day = 86_400
    await page.taken(
        *(
            vk_event(
                "message_new", vk_new_message(number, date=1_764_150_000 + seconds, text=f"Слово {number}")
            )
            for number, seconds in ((1, 0), (2, 3600), (3, 3600 + day), (4, 3 * day))
        )
    )
    assert await page.counts() == {"registered": 2, "joined": 2}
    async with page.app.state.resources.sessions.begin() as session:
        await session.execute(text("SELECT set_config('app.scope', 'service', true)"))
        await session.execute(text("UPDATE intake.appeal SET status = 'answered'"))
    await page.taken(vk_event("message_new", vk_new_message(5, date=1_764_150_000 + 3 * day + 5)))
    assert (await page.counts())["registered"] == 3


@pytest.mark.parametrize("network", ["telegram", "max"])
async def test_the_messengers_tell_who_writes_and_only_the_original_keeps_it(
    watch: Watch, network: str
) -> None:
    page = await watch(network)
    if network == "telegram":
        new = telegram_update(1, message=telegram_comment(1, "Яма. Анна Кравцова"))
        edited = telegram_update(
            2, edited_message=telegram_comment(1, "Яма на Садовой", edit_date=1_764_160_000)
        )
        name, url = "Анна Кравцова", "https://t.me/gorod_46/15"
    else:
        new = max_update("message_created", 1, message=max_message(1, "Мусор. Олег Сурков"))
        edited = max_update("message_edited", 1, 1_764_160_000, message=max_message(1, "Мусор на Садовой"))
        name, url = "Олег Сурков", None
    await page.taken(new, edited, new, edited)
    if network == "max":
        await page.taken(max_removal(1, at=1_764_170_000))
    [appeal] = await page.rows(APPEALS)
    original = await opened(page, appeal["id"], "original")
    assert original["applicant"]["name"] == name
    source = await opened(page, appeal["id"], "source")
    assert source["source"]["post_url"] == url
    assert [item["change"] for item in source["items"]] == ["created", "edited"] + ["deleted"] * (
        network == "max"
    )
    clear = await page.rows("SELECT * FROM intake.channel_delivery") + await page.rows(
        "SELECT * FROM intake.channel_source"
    )
    # As words of their own: any three digits stand somewhere in an id.
    assert re.findall(rf"{name}|Садовой|\b[89]01\b", str(clear)) == []


async def test_what_cannot_be_read_is_kept_for_a_person_and_acknowledged(watch: Watch) -> None:
    page = await watch("vk")
    odd = vk_event("wall_reply_new", {**vk_comment(1), "id": "Иванов"})
    await page.taken(odd, odd, vk_event("wall_reply_new", None), vk_event("message_new", {"message": 5}))  # type: ignore[arg-type]
    assert await page.counts() == {"unread": 3, "repeated": 1}
    assert await page.rows(APPEALS) == []
    for body, status in ((b"{", 400), (b"[]", 422), (b"\xff", 400), (b"[" * 5000, 400), (b'"\\ud800"', 422)):
        answer = await page.client.post(page.view["webhook"], content=body)
        assert answer.status_code == status, body[:10]
    deep = b'{"secret": "%s", "group_id": %d, "a": %s}' % (SECRET.encode(), GROUP, b"[" * 500 + b"]" * 500)
    assert (await page.client.post(page.view["webhook"], content=deep)).status_code == 422


async def test_unknown_fields_and_parameters_are_ignored(watch: Watch) -> None:
    page = await watch("vk")
    event = vk_event("wall_reply_new", vk_comment(1, new_in_6={"a": 1}), surprise=[1])
    answer = await page.client.post(f"{page.view['webhook']}?v=6&v=7", json=event)
    assert (answer.status_code, answer.text) == (200, "ok")
    assert await page.counts() == {"registered": 1}


async def test_half_a_letter_is_taken_like_any_other(watch: Watch) -> None:
    page = await watch("vk")
    event = vk_event("wall_reply_new", vk_comment(1, text="Яма у дома 5 \ud83d"))
    content = json.dumps(event).encode()
    answer = await page.client.post(
        page.view["webhook"], content=content, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.text) == (200, "ok")
    assert await page.counts() == {"registered": 1}


async def test_half_a_letter_does_not_end_the_asking_of_a_network() -> None:
    answers = httpx2.MockTransport(
        lambda _: httpx2.Response(200, content=b'{"text": "\\ud83d \\ud83d\\ude00"}')
    )
    async with httpx2.AsyncClient(transport=answers) as http:
        assert await asking.ask(http, "GET", "https://api.example.ru") == {"text": "\ufffd \U0001f600"}
