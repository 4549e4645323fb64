"""The situation room as people look at it: every picture with its table, every figure down to one appeal, on every screen."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import h3
from playwright.sync_api import Page, expect

from harness.browser import needs_browser
from harness.system import Account
from tests.journeys.pages.conftest import NARROW, Site, watch
from tests.journeys.pages.looking import keys_to, look_well
from tests.journeys.steps import submitted, until
from web.room.asking import today_of

pytestmark = needs_browser
TEXT = "Во дворе на улице Дубровинского не вывозят мусор, контейнеры переполнены"


def _appeal_of(site: Site, text: str = TEXT) -> str:
    """The number of an appeal that figures know of."""
    made = submitted(site.system, text=text)
    analyst = site.system.account("analyst")

    def is_counted() -> bool:
        listed = _asked(analyst, "appeals", limit="20")["items"]
        assert isinstance(listed, list)
        return any(each["id"] == made["id"] for each in listed)

    until(is_counted)
    return str(made["number"])


def _complaints(wrong: list[str]) -> list[str]:
    """Without what ends with a page that is left: its stream, and figures on their way."""
    ended = ("/room/stream", "/room/live")
    return [
        each for each in wrong if not (each.startswith("failed: ") and any(path in each for path in ended))
    ]


def _period() -> dict[str, str]:
    today = today_of("46")
    return {
        "from": (today - timedelta(days=29)).isoformat(),
        "to": (today + timedelta(days=1)).isoformat(),
    }


def _asked(account: Account, path: str, **query: str) -> dict[str, object]:
    answer = account.get(f"/api/v1/analytics/{path}", params={"region": "46", **_period(), **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def _numbers(page: Page, table: str) -> list[str]:
    """The last cells of a table's rows, as they stand there."""
    cells = page.get_by_role("region", name=table).locator("tbody tr")
    return [row.locator("td").first.inner_text() for row in cells.all()]


def test_a_region_at_one_glance(site: Site) -> None:
    _appeal_of(site)
    page = site.enter("coordinator", "/room")
    wrong = watch(page, site.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Курская область")
    for part in ("Сейчас необычно", "Кто опаздывает", "Что впереди", "Что дали решения", "Где"):
        expect(page.get_by_role("heading", level=2, name=part)).to_be_visible()
    assert page.locator(".headlines li").count() == 6
    look_well(page)
    assert _complaints(wrong) == []
    page.context.close()


def test_behind_the_picture_stand_the_numbers_of_the_platform(site: Site) -> None:
    _appeal_of(site)
    page = site.enter("analyst", "/room")
    analyst = site.system.account("analyst")
    situation = _asked(analyst, "situation")
    page.get_by_text("Таблица", exact=True).first.click()
    days = situation["days"]
    assert isinstance(days, list)
    shown = _numbers(page, "Таблица: поступило и ожидается по дням")
    assert [int(each) for each in shown[:28]] == [each["received"] for each in days[-29:-1]]
    places = _asked(analyst, "breakdown", by="municipality")["items"]
    assert isinstance(places, list)
    listed = [int(each.replace("\u00a0", "")) for each in _numbers(page, "Где: список")]
    assert listed == [each["value"] for each in places[:15]]
    page.context.close()


def test_the_federal_centre_comes_down_to_one_appeal_and_reads_no_text(site: Site) -> None:
    number = _appeal_of(site)
    page = site.enter("federal", "/room/country")
    wrong = watch(page, site.url)
    look_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("link", name="Курская область: ").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Курская область")
    assert page.get_by_role("button", name="Подтвердить").count() == 0
    page.locator(".headlines a", has_text="Поступило").click()
    look_well(page)
    page.locator(".appeals a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Обращение {number}")
    expect(page.get_by_text("Обращение зарегистрировано под номером")).to_be_visible()
    expect(page.get_by_text("Срок ответа", exact=True)).to_be_visible()
    assert "Дубровинского" not in page.content()
    expect(page.get_by_text("Текст обращения виден только в регионе.")).to_be_visible()
    look_well(page)
    assert _complaints(wrong) == []
    page.context.close()


def test_an_analyst_reads_the_masked_text(site: Site) -> None:
    _appeal_of(site, f"{TEXT}, звоните +7 910 123-45-67")
    page = site.enter("analyst", "/room/appeals")
    page.locator(".appeals a").first.click()
    expect(page.get_by_text("контейнеры переполнены")).to_be_visible()
    assert "910" not in page.content()
    page.context.close()


def test_what_is_not_the_persons_is_a_page_that_there_is_not(site: Site) -> None:
    page = site.enter("coordinator", "/room")
    for path in (
        "/room?region=25",
        "/room?region=99",
        "/room/appeals/019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b",
        "/room/problems/019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b",
        "/room/decisions/019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b",
        "/room/problems/1",
    ):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404, path
        expect(page.get_by_role("heading", level=1)).to_have_text("Страница не найдена")
    page.context.close()
    agency = site.enter("agency", "/account")
    answer = agency.goto("/room")
    assert answer is not None
    assert answer.status == 403
    agency.context.close()


def test_the_room_is_walked_by_keyboard_on_a_small_telephone(site: Site) -> None:
    page = site.enter("coordinator", "/room", width=NARROW)
    keys_to(page, "Остановить обновление")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Продолжить обновление")).to_be_focused()
    keys_to(page, "Поступило")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Поступило: обращения")
    page.context.close()


def test_the_wall_is_dark_whatever_the_person_has_set(site: Site) -> None:
    page = site.enter("analyst", "/room/wall")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert page.get_by_role("navigation", name="Разделы").count() == 0
    look_well(page)
    page.context.close()


def test_a_report_and_a_table_are_taken_away(site: Site) -> None:
    page = site.enter("coordinator", "/room")
    for name, ending in (("Справка (Word)", ".docx"), ("Таблица (Excel)", ".xlsx")):
        with page.expect_download() as taken:
            page.get_by_role("link", name=name).click()
        assert taken.value.suggested_filename.endswith(ending)
        assert taken.value.path().read_bytes()[:2] == b"PK"
    page.context.close()


def test_a_cell_of_the_map_opens_its_appeals(site: Site) -> None:
    """By the picture and by the table beside it: as many as the cell says, and the largest settlements are named."""
    lat, lon = 51.7304, 36.1926
    made = [
        submitted(site.system, text=f"{TEXT}, двор {place}", location={"lat": lat, "lon": lon})["id"]
        for place in range(5)
    ]
    analyst = site.system.account("analyst")

    def are_counted() -> bool:
        listed = _asked(analyst, "appeals", limit="100")["items"]
        assert isinstance(listed, list)
        return set(made) <= {each["id"] for each in listed}

    until(are_counted)
    page = site.enter("coordinator", "/room")
    expect(page.locator("svg.cells text", has_text="Курск").first).to_be_visible()
    page.get_by_text("Таблица", exact=True).last.click()
    cells = page.get_by_role("region", name="Таблица: обращения по ячейкам карты").get_by_role("link")
    next(each for each in cells.all() if _leads_to(each.get_attribute("href") or "", lat, lon)).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("место на карте")
    listed = [each.get_attribute("href") or "" for each in page.locator("main section a").all()]
    assert {f"/room/appeals/{id}" for id in made} <= {each.partition("?")[0] for each in listed}
    page.go_back()
    page.locator("svg.cells a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("место на карте")
    page.context.close()


def _leads_to(href: str, lat: float, lon: float) -> bool:
    """Whether a cell's link is of the cell that a point lies in."""
    (cell,) = parse_qs(urlsplit(href).query)["cell"]
    return str(h3.latlng_to_cell(lat, lon, h3.get_resolution(cell))) == cell
