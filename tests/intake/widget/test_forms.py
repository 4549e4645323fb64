"""People write through the form of a site, once for each form; floods register nothing."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from services.intake.widget.rules.work import EASIEST_BITS, is_proof
from tests.conftest import size
from tests.intake.conftest import mask_all
from tests.intake.open311.conftest import LIGHTS, POTHOLES
from tests.intake.widget.conftest import OPEN, OTHER, SITE, Shown

SENDERS = size(25, 500)
HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def solve(token: str, bits: int) -> str:
    return next(proof for proof in map(str, itertools.count()) if is_proof(token, proof, bits))


async def test_a_script_sends_a_form(open_widget: Any, mint: Any) -> None:
    shown: Shown = await open_widget(topics=[LIGHTS], municipality="38701000")
    form = (await shown.client.get(shown.path, headers={"Origin": SITE})).json()
    assert (form["title"], form["topics"]) == (
        "Сообщите о проблеме", [{"code": LIGHTS, "name": "Фонари & <свет>", "group": "Дороги"}],
    )  # fmt: skip
    assert form["known"] == {"list": "/api/v1/known?region=46", "enough": "/api/v1/known/{id}/enough"}
    assert form["proof"] == {"algorithm": "sha256", "bits": EASIEST_BITS}
    young = await shown.send(form_token=form["form_token"])
    assert (young.status_code, young.json()["type"]) == (422, "/problems/form-token-refused")
    token = shown.token(bits=8)
    sent = await shown.send(
        form_token=token, proof=solve(token, 8), topic=LIGHTS, applicant={"phone": "+79101234567"}
    )
    assert sent.status_code == 201, sent.text
    assert sent.json().keys() >= {"number", "tracking_code", "status", "received_at", "notice"}
    await mask_all(shown.app)
    kept = await shown.client.get(f"/api/v1/appeals/{sent.json()['id']}", headers=mint.headers("coordinator"))
    assert (kept.json()["channel"], kept.json()["municipality"], kept.json()["text"]) == (
        "widget", "38701000", "Не горит фонарь у школы",
    )  # fmt: skip
    tracked = await shown.client.get(f"/api/v1/track/{sent.json()['tracking_code']}")
    assert tracked.json()["number"] == sent.json()["number"]


async def test_a_danger_is_answered_at_once(open_widget: Any) -> None:
    shown: Shown = await open_widget()
    cry: dict[str, Any] = {
        "text": "Ребёнок провалился под лёд на реке, помогите!",
        "form_token": shown.token(),
    }
    sent = await shown.send(**cry)
    assert "112" in sent.json()["notice"]
    again = await shown.send(**cry)
    assert (again.status_code, again.json()) == (200, sent.json())
    page = await shown.client.post(f"{shown.path}/appeals", data=cry, headers=HTML)
    assert (page.status_code, sent.json()["tracking_code"] in page.text, "112" in page.text) == (
        200,
        True,
        True,
    )


@pytest.mark.parametrize("same", [True, False])
async def test_a_token_is_spent_once_however_many_come_at_once(open_widget: Any, same: bool) -> None:
    shown: Shown = await open_widget(
        OTKLIK_WIDGET_UNPROVEN_ADDRESS_PER_MINUTE="1000", OTKLIK_WIDGET_UNPROVEN_PER_MINUTE="1000"
    )
    token = shown.token()
    texts = ["Одно и то же" if same else f"Текст {number}" for number in range(SENDERS)]
    answers = await asyncio.gather(*(shown.send(form_token=token, text=text) for text in texts))
    repeated = 200 if same else 409
    assert sorted(answer.status_code for answer in answers) == sorted([201] + [repeated] * (SENDERS - 1))
    if same:
        assert len({answer.text for answer in answers}) == 1, "who lost the answer is given it again"
    else:
        refused = next(answer for answer in answers if answer.status_code == 409)
        assert refused.json()["type"] == "/problems/form-token-spent"
        assert "tracking_code" not in refused.text
    assert (await shown.send(form_token=token)).status_code == 409


async def test_a_token_stays_spent_over_a_restart(open_widget: Any, app_client: Any) -> None:
    shown: Shown = await open_widget()
    token = shown.token()
    assert (await shown.send(form_token=token)).status_code == 201
    client, _ = await app_client("intake")  # another process, the same keys and database
    again = await client.post(f"{shown.path}/appeals", json={"text": "Ещё раз", "form_token": token})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/form-token-spent")
    fresh = await client.post(f"{shown.path}/appeals", json={"text": "Другое", "form_token": shown.token()})
    assert fresh.status_code == 201, "a form that was opened before the restart still serves"


async def test_floods_without_a_valid_token_register_nothing(open_widget: Any, mint: Any) -> None:
    shown: Shown = await open_widget()
    other = (
        await shown.client.post(
            "/api/v1/widgets", json={"region": "46", "title": "Другой"}, headers=mint.headers("admin")
        )
    ).json()
    bad: list[Callable[[], dict[str, Any]]] = [
        lambda: {"form_token": ""}, lambda: {"form_token": "x"}, lambda: {"form_token": "A" * 96},
        lambda: {"form_token": shown.token()[:-4] + "AAAA"}, lambda: {"form_token": shown.token(0)},
        lambda: {"form_token": shown.token(7201)}, lambda: {"form_token": shown.token(-60)},
        lambda: {"form_token": shown.token(widget=other["id"])}, lambda: {"form_token": None},
        lambda: {"form_token": shown.token(bits=100), "proof": "0"}, lambda: {"text": "\u3164"},
        lambda: {"topic": "§"}, lambda: {"unheard_of": 1},
    ]  # fmt: skip
    flood = [await shown.send(**make()) for make in bad for _ in range(5)]
    assert {answer.status_code for answer in flood} == {422}
    for content, status in ((b"{", 400), (b"", 422), (b"[]", 422)):
        answer = await shown.client.post(f"{shown.path}/appeals", content=content)
        assert answer.status_code == status
    missing = await shown.client.post(f"{OPEN}/none/appeals", json={"text": "x", "form_token": shown.token()})
    assert missing.status_code == 404
    page = await shown.client.get("/api/v1/appeals", headers=mint.headers("coordinator"))
    assert page.json()["items"] == []
    assert (await shown.send()).status_code == 201, "and nobody's room is used up by it"


async def test_who_does_no_work_may_send_little(open_widget: Any) -> None:
    shown: Shown = await open_widget(
        OTKLIK_WIDGET_UNPROVEN_ADDRESS_PER_MINUTE="2", OTKLIK_WIDGET_UNPROVEN_PER_MINUTE="3",
        OTKLIK_WIDGET_ADDRESS_PER_MINUTE="3",
    )  # fmt: skip
    token = shown.token()
    assert [(await shown.send()).status_code for _ in range(2)] == [201] * 2
    refused = await shown.send(form_token=token)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/too-many-requests")
    assert int(refused.headers["retry-after"]) > 0
    others = [(await shown.send(caller=f"192.0.2.{number}")).status_code for number in (2, 3)]
    assert others == [201, 429], "the widget's own room is used up as well"

    async def proven(token: str) -> int:
        return int((await shown.send(form_token=token, proof=solve(token, 4))).status_code)

    assert await proven(token) == 201, "who works is let through, with the token that was refused before"
    assert [await proven(shown.token()) for _ in range(3)] == [201, 201, 429]


async def test_forms_get_harder_for_an_address_that_asks_often(open_widget: Any) -> None:
    shown: Shown = await open_widget()

    async def bits(caller: str) -> int:
        form = await shown.client.get(shown.path, headers={"x-otklik-caller": caller})
        return int(form.json()["proof"]["bits"])

    asked = [await bits("192.0.2.7") for _ in range(45)]
    assert asked == sorted(asked)
    assert asked[0] == EASIEST_BITS < asked[-1]
    assert await bits("192.0.2.8") == EASIEST_BITS


async def test_only_the_sites_of_a_widget_read_its_answers(open_widget: Any) -> None:
    shown: Shown = await open_widget()
    paths = (shown.path, f"{shown.path}/appeals")
    for origin, may in ((SITE, True), (OTHER, False), ("null", False)):
        asks = {
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        }
        for path in paths:
            asked = await shown.client.options(path, headers=asks)
            assert (asked.status_code, asked.headers.get("access-control-allow-origin")) == (
                204,
                origin if may else None,
            )
            assert ("access-control-allow-methods" in asked.headers) == may
            assert "OPTIONS" in asked.headers["allow"]
        read = await shown.client.get(shown.path, headers={"Origin": origin})
        assert read.headers.get("access-control-allow-origin") == (origin if may else None)
        assert "Origin" in read.headers["vary"]
        sent = await shown.send(headers={"Origin": origin})
        assert sent.status_code == (201 if may else 403)
        wrong = await shown.send(headers={"Origin": origin}, form_token="x")
        assert wrong.headers.get("access-control-allow-origin") == (origin if may else None), "problems, too"
    nobodys = await shown.client.options(f"{OPEN}/none", headers={"Origin": SITE})
    assert (nobodys.status_code, nobodys.headers.get("access-control-allow-origin")) == (204, None)


async def test_a_person_without_scripts(open_widget: Any) -> None:
    shown: Shown = await open_widget(title="Школа <№ 5> & «друзья»")
    page = await shown.client.get(shown.path, headers=HTML)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<№" not in page.text
    assert "script" not in page.text
    assert f"frame-ancestors 'self' {SITE}" in page.headers["content-security-policy"]
    action = re.findall(r'<form method="post" action="([^"]+)"', page.text)
    assert action == [f"{shown.path}/appeals"]
    assert set(re.findall(r'name="(\w+)"', page.text)) >= {
        "form_token",
        "text",
        "topic",
        "address",
        "name",
        "phone",
        "email",
    }
    assert len(re.findall('name="form_token" value="([^"]+)"', page.text)) == 1
    fields = {
        "form_token": shown.token(), "text": "Яма\r\nу дома", "topic": POTHOLES, "address": "ул. Мира", "name": "Ян",
        "phone": "", "email": "", "send": "Отправить",
    }  # fmt: skip
    local = {**HTML, "Origin": "http://service"}
    sent = await shown.client.post(action[0], data=fields, headers=local)
    assert sent.status_code == 201, sent.text
    number, code = re.findall("<strong>([^<]+)</strong>", sent.text)
    tracked = await shown.client.get(f"/api/v1/track/{code}")
    assert tracked.json()["number"] == number
    twice = await shown.client.post(action[0], data=fields, headers=local)
    assert (twice.status_code, code in twice.text) == (200, True), "a button pressed twice loses no code"
    other = await shown.client.post(action[0], data={**fields, "text": "Другое"}, headers=local)
    assert (other.status_code, code in other.text) == (409, False)


async def test_what_a_person_wrote_is_not_lost(open_widget: Any) -> None:
    shown: Shown = await open_widget()
    fields = {
        "form_token": shown.token(8000),
        "text": "Яма </textarea> «&»",
        "topic": LIGHTS,
        "name": 'Ян"><b>',
    }
    late = await shown.client.post(f"{shown.path}/appeals", data=fields, headers=HTML)
    assert late.status_code == 422
    assert "Ничего не потеряно" in late.text
    assert [unescape(text) for text in re.findall("<textarea[^>]*>([^<]*)</textarea>", late.text)] == [
        fields["text"]
    ]
    assert f'value="{LIGHTS}" selected' in late.text
    assert "<b>" not in late.text
    empty = await shown.client.post(
        f"{shown.path}/appeals", data={"form_token": shown.token(), "text": " "}, headers=HTML
    )
    assert (empty.status_code, "Напишите, что случилось" in empty.text) == (422, True)
    for content in (b"\xff", b"&".join([b"a=1"] * 60)):
        typed = {**HTML, "Content-Type": "application/x-www-form-urlencoded"}
        broken = await shown.client.post(f"{shown.path}/appeals", content=content, headers=typed)
        assert broken.status_code == 422
