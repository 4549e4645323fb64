"""A coordinator at the centre: triage by one key, what is seen of one appeal, whose appeals one may see."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Response, expect

from harness.browser import needs_browser
from tests.journeys.pages.centre import entered, entry, in_triage, made_person
from tests.journeys.pages.conftest import Site, watch
from tests.journeys.pages.looking import keys_to, look_well
from tests.journeys.steps import submitted, until

pytestmark = needs_browser


def test_one_key_accepts_the_suggestion_and_the_history_knows_who(site: Site) -> None:
    item = in_triage(site)
    page = site.enter("coordinator", "/centre/triage")
    wrong = watch(page, site.url)
    card = entry(page, item["number"])
    offered = card.locator('[data-key="y"]').inner_text()
    card.focus()
    page.keyboard.press("y")
    done = page.get_by_role("status").filter(has_text=f"{item['number']} передано")
    expect(done).to_be_visible()
    receiver = (
        site.system.account("coordinator").get(f"/api/v1/assignments/{item['id']}").json()["organisation"]
    )
    assert receiver["name"] in offered
    assert receiver["name"] in done.inner_text()
    until(lambda: _acts_of_people(site, item["appeal_id"]))
    page.goto(f"/centre/a/{item['appeal_id']}")
    expect(page.locator(".timeline").get_by_text("Борис Координаторов").first).to_be_visible()
    assert wrong == []
    page.context.close()


def _acts_of_people(site: Site, appeal_id: str) -> bool:
    """Whether the history has what a person did: it hears of it a moment after the assignment has changed."""
    history = site.system.account("coordinator").get(f"/api/v1/appeals/{appeal_id}/history").json()["items"]
    return any(entry["person"] for entry in history)


def test_another_organisation_is_chosen_by_name_and_a_wrong_name_changes_nothing(site: Site) -> None:
    item = in_triage(site)
    page = site.enter("coordinator", "/centre/triage")
    card = entry(page, item["number"])
    card.focus()
    page.keyboard.press("n")
    expect(card.get_by_label("Исполнитель")).to_be_focused()
    page.keyboard.type("Комитет выдуманных дел")
    page.keyboard.press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("нет в списке")
    target = site.system.agencies()[0]
    card.get_by_label("Исполнитель").fill(target.organisation.upper())
    card.get_by_role("button", name="Передать", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=target.organisation)).to_be_visible()
    page.context.close()


def test_who_comes_second_is_told_so_and_sees_the_new_state(site: Site) -> None:
    item = in_triage(site)
    page = site.enter("coordinator", "/centre/triage")
    card = entry(page, item["number"])
    target = site.system.agencies()[1]
    first = site.system.account("coordinator").post(
        f"/api/v1/assignments/{item['id']}/correct",
        json={"organisation": target.organisation_id},
        headers={"If-Match": str(item["version"])},
    )
    assert first.status_code == 200, first.text
    card.locator('[data-key="y"]').click()
    expect(page.get_by_role("alert")).to_contain_text("кто-то уже изменил")
    expect(page.get_by_text(f"Сейчас: новое, {target.organisation}")).to_be_visible()
    page.context.close()


def test_letters_are_commands_outside_fields_only_and_can_be_turned_off(site: Site) -> None:
    page = site.enter("coordinator", "/centre/search")
    page.get_by_label("Номер или слова").fill("?jy")
    assert not page.get_by_role("dialog").is_visible()
    page.get_by_role("button", name="Найти").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Буквы работают как команды").uncheck()
    page.get_by_role("button", name="Закрыть").click()
    page.keyboard.press("/")
    page.keyboard.press("?")
    assert not page.get_by_role("dialog").is_visible()
    page.reload()
    page.get_by_role("button", name="Найти").focus()
    page.keyboard.press("?")
    assert not page.get_by_role("dialog").is_visible()
    page.context.close()


def test_the_original_is_opened_for_a_purpose_only(site: Site) -> None:
    appeal = submitted(site.system)
    page = site.enter("coordinator", f"/centre/a/{appeal['id']}")
    assert "Петрова" not in page.content()
    page.get_by_text("Показать подлинник").click()
    page.get_by_label("Зачем он нужен").fill("Уточнить адрес")
    page.get_by_role("button", name="Показать").click()
    expect(page.get_by_text("Петрова Мария Ивановна").first).to_be_visible()
    look_well(page)
    page.context.close()


def test_search_finds_by_a_word_and_a_number_leads_to_its_appeal(site: Site) -> None:
    item = in_triage(site)
    word = item["text"].split("вопрос ")[1].split()[0]
    page = site.enter("coordinator", "/centre/search")
    page.get_by_label("Номер или слова").fill(word)
    page.get_by_role("button", name="Найти").click()
    expect(page.locator("[data-item]")).to_have_count(1)
    page.get_by_label("Номер или слова").fill(f" {item['number']} ")
    page.get_by_role("button", name="Найти").click()
    page.wait_for_url(f"**/centre/a/{item['appeal_id']}")
    page.context.close()


def test_another_regions_appeal_is_the_same_as_none(site: Site) -> None:
    appeal = submitted(site.system)
    page = entered(site, made_person(site.system, ["50"]), "/centre")
    shown = []
    for id in (appeal["id"], "01a22d52-7f31-7412-bc79-fb67310f9af5", "nothing"):
        answer = page.goto(f"/centre/a/{id}")
        assert answer is not None
        shown.append((answer.status, page.locator("main").inner_text()))
    assert shown[0][0] == 404
    assert len(set(shown)) == 1
    page.context.close()


def test_a_municipal_centre_sees_its_municipality_only(site: Site) -> None:
    own = submitted(site.system, municipality="38610000", address=None)
    other = submitted(site.system, municipality="38701000")
    page = entered(site, made_person(site.system, ["46"], ["38610000"]), "/centre/search")
    for appeal, status in ((own, 200), (other, 404)):
        answer = page.goto(f"/centre/a/{appeal['id']}")
        assert answer is not None
        assert answer.status == status
    page.goto("/centre/search?q=яма")
    numbers = page.locator("[data-item] h2").all_inner_texts()
    assert own["number"] in numbers
    assert other["number"] not in numbers
    page.context.close()


def test_whoever_is_no_coordinator_is_not_let_in(site: Site) -> None:
    page = site.enter("agency", "/centre")
    expect(page.get_by_role("heading", level=1)).to_have_text("Доступа нет")
    page.context.close()


def test_an_admin_of_all_regions_says_in_which_one(site: Site) -> None:
    page = site.enter("admin", "/centre/triage")
    page.get_by_label("Регион").select_option("46")
    page.get_by_role("button", name="Открыть центр").click()
    page.wait_for_url("**/centre/triage")
    expect(page.get_by_role("heading", level=1)).to_have_text("Разбор")
    page.context.close()


PAGES = (
    "",
    "/triage",
    "/reviews",
    "/moderation",
    "/incidents",
    "/works",
    "/works/new",
    "/deadlines",
    "/audits",
    "/search",
    "/new",
)


@pytest.mark.parametrize("path", PAGES)
def test_pages_look_well_and_are_reached_by_keyboard(site: Site, path: str) -> None:
    page = site.enter("coordinator", f"/centre{path}")
    page.wait_for_load_state("networkidle")
    wrong = watch(page, site.url)
    keys_to(page, "Обзор")
    look_well(page)
    assert wrong == []
    page.context.close()


def weight(page: Page, path: str) -> int:
    """Bytes of bodies that a page loads, as they go over the line."""
    loaded: list[Response] = []

    def keep(answer: Response) -> None:
        loaded.append(answer)

    page.on("response", keep)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return sum(max(each.request.sizes()["responseBodySize"], 0) for each in loaded)


def test_what_a_browser_loads_first_is_light(site: Site) -> None:
    """A page with a full list, and one with fields that offer names."""
    page = site.enter("coordinator", "/centre")
    kept = page.context.storage_state()
    page.context.close()
    for path in ("/centre/triage", "/centre/works/new"):
        context = site.browser.new_context(base_url=site.url, storage_state=kept)
        page = context.new_page()
        assert weight(page, path) <= 150 * 1024
        assert page.locator("datalist#organisations option").count() > 50
        context.close()
