"""Two incidents that are one event become one on their page; and are two again when that was a mistake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from harness.browser import needs_browser, watch
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.steps import submitted, until

pytestmark = needs_browser
HOUSES = (3, 5, 7, 9, 11)


@dataclass(frozen=True)
class Place:
    """A street of a town, where it lies, and the town's municipality."""

    town: str
    street: str
    municipality: str
    lat: float
    lon: float


# Where nobody else here writes of anything, and in the city nobody of those either whose appeals are replayed before: a register told
# in two seconds has an appeal in every street at every moment, and who comes next to them belongs to them.
UPPER = Place("г. Железногорск", "улица Рокоссовского", "38705000", 52.352, 35.381)
LOWER = Place("г. Курск", "улица Рассветная", "38701000", 51.689, 36.118)


@dataclass(frozen=True)
class Gathered:
    """An incident that a rule made: its id, and its appeals with who had each before anybody acted."""

    id: str
    numbers: list[str]
    holders: dict[str, str | None]


def written(site: Site, place: Place) -> list[dict[str, Any]]:
    """Five neighbours write of one thing."""
    return [
        submitted(
            site.system,
            text=f"{place.street}, дом {house}: с утра нет холодной воды, кран сухой. Когда дадут?",
            municipality=place.municipality,
            address=f"{place.town}, {place.street}, {house}",
            location={"lat": place.lat, "lon": place.lon},
        )
        for house in HOUSES
    ]


def incident(site: Site, id: str) -> dict[str, Any]:
    """As coordinators have it."""
    found: dict[str, Any] = site.system.account("coordinator").get(f"/api/v1/incidents/{id}").json()
    return found


def members(site: Site, id: str) -> dict[str, str | None]:
    """Its appeals, and who has each; None: nobody yet."""
    items = site.system.account("coordinator").get(f"/api/v1/incidents/{id}/appeals").json()["items"]
    return {each["appeal_id"]: (each["organisation"] or {}).get("id") for each in items}


def gathered(site: Site, appeals: list[dict[str, Any]]) -> Gathered:
    """What a rule makes of them."""
    coordinator, ids = site.system.account("coordinator"), {each["id"] for each in appeals}

    def find() -> str | None:
        asked = {"region": "46", "status": "proposed", "limit": 1000}
        items = coordinator.get("/api/v1/incidents", params=asked).json()["items"]
        return next((str(each["id"]) for each in items if members(site, each["id"]).keys() == ids), None)

    found = until(find, 120)
    return Gathered(found, [each["number"] for each in appeals], members(site, found))


def test_two_incidents_become_one_and_are_two_again(site: Site) -> None:
    sent = [written(site, place) for place in (UPPER, LOWER)]
    upper, lower = (gathered(site, appeals) for appeals in sent)
    page = site.enter("coordinator", f"/centre/incidents/{upper.id}")
    wrong = watch(page, site.url)
    page.get_by_label("Название (увидят граждане)").fill("Авария на водоводе")
    page.get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_role("status")).to_contain_text("подтверждён")
    lead = incident(site, upper.id)["organisation"]["id"]

    page.goto("/centre/incidents?status=proposed")
    page.locator(f"a[href='/centre/incidents/{lower.id}']").click()
    choice = page.get_by_role("combobox", name="С каким")
    choice.select_option(upper.id)
    choice.press("Tab")
    page.keyboard.press("Enter")  # the button is the next thing that keys reach
    page.wait_for_url(f"**/centre/incidents/{upper.id}?*")
    expect(page.get_by_role("status")).to_contain_text("Инциденты объединены")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Авария на водоводе")
    expect(page.get_by_role("heading", name="10 обращений")).to_be_visible()
    for number in (*upper.numbers, *lower.numbers):
        assert page.get_by_role("link", name=number, exact=True).count() == 1
    look_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    assert set(members(site, upper.id).values()) == {lead}, "one organisation answers all"

    page.get_by_role("link", name="Открыть присоединённый").click()
    page.wait_for_url(f"**/centre/incidents/{lower.id}")
    expect(page.get_by_role("link", name="Объединён с другим инцидентом")).to_be_visible()
    assert page.get_by_role("button", name="Объединить").count() == 0, (
        "there is nothing to do with it any more"
    )
    page.get_by_role("link", name="Объединён с другим инцидентом").click()
    page.get_by_role("button", name="Отменить инцидент").click()
    expect(page.get_by_role("status")).to_contain_text("Отменено")

    assert (incident(site, upper.id)["status"], incident(site, lower.id)["status"]) == ("undone", "proposed")
    assert incident(site, lower.id)["merged_into"] is None
    assert members(site, lower.id) == lower.holders, "everybody has again what they had"
    page.goto("/centre/incidents")
    expect(
        page.locator(".entry", has=page.locator(f"a[href='/centre/incidents/{lower.id}']"))
    ).to_contain_text("подтвердите")
    assert page.locator(f"a[href='/centre/incidents/{upper.id}']").count() == 0
    page.goto(f"/centre/incidents/{lower.id}")
    expect(page.get_by_role("heading", name="5 обращений")).to_be_visible()
    assert wrong == []
    page.context.close()


def test_who_merges_into_what_is_over_is_shown_how_things_stand(site: Site) -> None:
    """Somebody else has undone the other one while the page stood open."""
    one, other = (gathered(site, appeals) for appeals in [written(site, each) for each in FURTHER])
    page = site.enter("coordinator", f"/centre/incidents/{one.id}")
    page.get_by_role("combobox", name="С каким").select_option(other.id)
    undone = site.system.account("coordinator").post(
        f"/api/v1/incidents/{other.id}/undo",
        json={},
        headers={"If-Match": str(incident(site, other.id)["version"])},
    )
    assert undone.status_code == 200, undone.text
    page.get_by_role("button", name="Объединить").click()
    expect(page.get_by_role("alert")).to_contain_text("Ниже – как обстоит дело сейчас.")
    assert page.locator(f"option[value='{other.id}']").count() == 0
    assert members(site, one.id) == one.holders
    page.context.close()


FURTHER = (
    Place("г. Железногорск", "улица Мира", "38705000", 52.322, 35.372),
    Place("г. Курск", "улица Родниковая", "38701000", 51.668, 36.141),
)
