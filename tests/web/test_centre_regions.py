"""A form of the centre is about the region that it was shown for, whatever has been chosen elsewhere meanwhile."""

from __future__ import annotations

from tests.web.stand_in import FORM_KEY, StandIn, hidden_in, open_pages, person
from web.centre.visits import REGION_COOKIE

_RECEIPT = {
    "id": "0190c42e-0000-7000-8000-00000000000b",
    "number": "46-1",
    "tracking_code": "ABCD-EFGH",
    "notice": None,
}
_TOPIC = {"code": "light", "name": "Уличное освещение", "group": "streets", "group_name": "Улицы"}
_ORGANISATION = {"id": "0190c42e-0000-7000-8000-00000000000c", "name": "Горсвет"}
_LISTS = {"GET /topics": {"items": [_TOPIC]}, "GET /organisations": {"items": [_ORGANISATION]}}


async def test_an_appeal_is_registered_where_its_form_was_opened() -> None:
    platform = StandIn({"POST /appeals": _RECEIPT, **_LISTS})
    async with open_pages(platform, person(regions=["46", "77"])) as browser:
        browser.cookies.set(REGION_COOKIE, "46")
        page = await browser.get("/centre/new")
        opened = hidden_in(page.text, "/centre/new")
        browser.cookies.set(REGION_COOKIE, "77")  # in another tab
        written = {**opened, "text": "Течёт крыша", "topic_name": "Уличное освещение"}
        page = await browser.post("/centre/new", data=written)
    assert [each["region"] for each in platform.sent("POST", "/appeals")] == ["46"]
    assert platform.queries("GET", "/topics")[-1]["region"] == "46"
    assert "Регион: Курская область" in page.text


async def test_a_municipal_centre_enters_for_its_municipality_or_chooses_among_them() -> None:
    platform = StandIn({"POST /appeals": _RECEIPT, **_LISTS})
    written = {"text": "Течёт крыша", "topic_name": "Уличное освещение"}
    for own, chosen in ((["38610000"], {}), (["38602000", "38610000"], {"municipality": "38610000"})):
        async with open_pages(platform, person(municipalities=own)) as browser:
            opened = hidden_in((await browser.get("/centre/new")).text, "/centre/new")
            await browser.post("/centre/new", data={**opened, **written, **chosen})
    async with open_pages(platform, person()) as browser:
        opened = hidden_in((await browser.get("/centre/new")).text, "/centre/new")
        await browser.post("/centre/new", data={**opened, **written})
    sent = [each.get("municipality") for each in platform.sent("POST", "/appeals")]
    assert sent == ["38610000", "38610000", None]


async def test_a_work_is_entered_where_its_form_was_opened() -> None:
    platform = StandIn({"POST /works": (422, "invalid"), **_LISTS})
    written = {
        "title": "Ремонт",
        "topic": "Уличное освещение",
        "organisation_name": "Горсвет",
        "starts_at": "2026-12-01T10:00",
        "ends_at": "2026-12-02T10:00",
        "streets": "Ленина",
        "notice": "Чиним",
    }
    async with open_pages(platform, person(regions=["46", "77"])) as browser:
        browser.cookies.set(REGION_COOKIE, "46")
        opened = hidden_in((await browser.get("/centre/works/new")).text, "/centre/works/new")
        browser.cookies.set(REGION_COOKIE, "77")
        await browser.post("/centre/works/new", data={**opened, **written})
    assert [each["region"] for each in platform.sent("POST", "/works")] == ["46"]
    assert platform.queries("GET", "/organisations")[-1]["region"] == "46"


async def test_a_region_that_one_has_no_more_is_refused() -> None:
    platform = StandIn({"POST /appeals": _RECEIPT})
    async with open_pages(platform, person(regions=["46", "77"])) as browser:
        browser.cookies.set(REGION_COOKIE, "46")
        sent = {"form_key": FORM_KEY, "region": "31", "text": "Течёт крыша"}
        assert (await browser.post("/centre/new", data=sent)).status_code == 404
    assert platform.sent("POST", "/appeals") == []


async def test_names_are_offered_of_the_region_that_a_page_is_about() -> None:
    platform = StandIn(_LISTS)
    async with open_pages(platform, person(regions=["46", "77"])) as browser:
        browser.cookies.set(REGION_COOKIE, "77")
        assert (await browser.get("/centre/choices?region=46")).status_code == 200
        assert platform.queries("GET", "/organisations")[-1]["region"] == "46"
        assert (await browser.get("/centre/choices?region=31")).status_code == 404
