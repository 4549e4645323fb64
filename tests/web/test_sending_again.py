"""What was sent and got no answer is sent again as the same request: nothing is done twice, nothing written is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.stand_in import FORM_KEY, PERSON_ID, StandIn, hidden_in, open_pages, person

_FORM = {
    "title": "Обращение",
    "topics": [],
    "form_token": "fresh",
    "proof": {"bits": 4},
    "region": "46",
}
_WRITTEN = {"key": "wgt_kursk", "form_token": "mine", "text": "Не горит фонарь"}


@pytest.mark.parametrize("refusal", [(503, "unavailable"), (504, "upstream-timeout"), (422, "invalid")])
async def test_a_citizens_form_keeps_its_token(refusal: tuple[int, str]) -> None:
    platform = StandIn({"GET /widget/wgt_kursk": _FORM, "POST /widget/wgt_kursk/appeals": refusal})
    async with open_pages(platform) as browser:
        page = await browser.post("/", data=_WRITTEN)
        assert hidden_in(page.text, "/")["form_token"] == "mine"
        assert "Не горит фонарь" in page.text
        platform.answers["POST /widget/wgt_kursk/appeals"] = (422, "form-token-refused")
        page = await browser.post("/", data=_WRITTEN)
        assert hidden_in(page.text, "/")["form_token"] == "fresh"


async def test_what_nobody_answered_is_sent_again_as_it_was() -> None:
    platform = StandIn({"GET /widget/wgt_kursk": None, "POST /widget/wgt_kursk/appeals": None})
    async with open_pages(platform) as browser:
        written = {**_WRITTEN, "form_token": "another"}
        page = await browser.post("/", data=written)
        assert page.status_code == 503
        again = hidden_in(page.text, "/")
        assert again == written
        platform.answers["POST /widget/wgt_kursk/appeals"] = {"tracking_code": "ABCD-EFGH"}
        assert (await browser.post("/", data=again)).status_code == 303
    bodies = platform.sent("POST", "/widget/wgt_kursk/appeals")
    assert bodies[0] == bodies[1]


async def test_what_is_secret_is_not_kept_in_a_page() -> None:
    platform = StandIn({"POST /sessions": None})
    async with open_pages(platform) as browser:
        page = await browser.post("/sign-in", data={"login": "petrova", "password": "a long secret"})
        assert page.status_code in (404, 503)
        assert "a long secret" not in page.text


async def test_an_appeal_on_paper_keeps_its_key() -> None:
    platform = StandIn({"POST /appeals": (503, "unavailable")})
    async with open_pages(platform, person()) as browser:
        opened = hidden_in((await browser.get("/centre/new")).text, "/centre/new")
        page = await browser.post("/centre/new", data={**opened, "text": "Течёт крыша"})
        again = hidden_in(page.text, "/centre/new")
        await browser.post("/centre/new", data={**again, "text": "Течёт крыша"})
    assert platform.keys("POST", "/appeals") == [opened["once"]] * 2


async def test_after_success_the_next_form_has_a_key_of_its_own() -> None:
    receipt = {
        "id": "0190c42e-0000-7000-8000-00000000000b",
        "number": "46-1",
        "tracking_code": "ABCD-EFGH",
        "notice": None,
    }
    platform = StandIn({"POST /appeals": receipt})
    async with open_pages(platform, person()) as browser:
        opened = hidden_in((await browser.get("/centre/new")).text, "/centre/new")
        page = await browser.post("/centre/new", data={**opened, "text": "Течёт крыша"})
        assert "ABCD-EFGH" in page.text
        assert hidden_in(page.text, "/centre/new")["once"] not in ("", opened["once"])


async def test_a_work_keeps_its_key_at_the_centre() -> None:
    platform = StandIn(
        {
            "POST /works": (504, "upstream-timeout"),
            "GET /topics": {"items": [_TOPIC]},
            "GET /organisations": {"items": [_ORGANISATION]},
        }
    )
    fields: dict[str, Any] = {
        "title": "Ремонт",
        "kind": "repair",
        "topic": "Уличное освещение",
        "organisation_name": "Горсвет",
        "starts_at": "2026-12-01T10:00",
        "ends_at": "2026-12-02T10:00",
        "streets": "Ленина",
        "notice": "Чиним",
    }
    async with open_pages(platform, person()) as browser:
        opened = hidden_in((await browser.get("/centre/works/new")).text, "/centre/works/new")
        page = await browser.post("/centre/works/new", data={**opened, **fields})
        assert platform.keys("POST", "/works") == [opened["once"]]
        assert hidden_in(page.text, "/centre/works/new")["once"] == opened["once"]


_TOPIC = {"code": "light", "name": "Уличное освещение", "group": "streets", "group_name": "Улицы"}
_ORGANISATION = {"id": "0190c42e-0000-7000-8000-00000000000c", "name": "Горсвет", "region": "46"}


_COLLEAGUE = {"id": "0190c42e-0000-7000-8000-00000000000d", "name": "Орлов Пётр", "active": True}
_COUNTS = {
    "assignments": 0,
    "whole": True,
    "overdue": 0,
    "due_today": 0,
    "statuses": [],
    "topics": [],
    "persons": [{"person": str(PERSON_ID), "assignments": 1, "overdue": 0}],
}


@pytest.mark.parametrize(
    ("path", "action", "fields"),
    [
        ("/desk/works", "", {"title": "Ремонт"}),
        ("/desk/team/hand-over", "/desk/team/hand-over", {"receiver": _COLLEAGUE["id"]}),
    ],
)
async def test_desk_forms_keep_their_keys(path: str, action: str, fields: dict[str, str]) -> None:
    platform = StandIn(
        {
            "GET /works": {"items": []},
            "GET /topics": {"items": [_TOPIC]},
            "POST /works": (503, "unavailable"),
            "GET /queue": {"items": [], "next_cursor": None},
            "GET /queue/counts": _COUNTS,
            "GET /people/colleagues": {"items": [_COLLEAGUE]},
            "POST /queue/hand-over": (503, "unavailable"),
        }
    )
    official = person(role="agency", organisation_id=_ORGANISATION["id"])
    async with open_pages(platform, official) as browser:
        page = await browser.post(path, data={"form_key": FORM_KEY, "key": "mine", **fields})
        assert hidden_in(page.text, action)["key"] == "mine"
