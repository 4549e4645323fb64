"""A citizen writes: without scripts and with them, on a small telephone, twice by mistake, in danger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from harness.browser import needs_browser
from tests.journeys.pages.citizens import HOLE, OLD_ENOUGH_MS, send, write
from tests.journeys.pages.conftest import NARROW, Site, watch
from tests.journeys.pages.looking import keys_to, look_well
from tests.journeys.steps import pothole_topic

pytestmark = needs_browser
MOST_BYTES = 60 * 1024


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture as a telephone sends it, only smaller."""
    path = tmp_path / "яма.jpg"
    Image.new("RGB", (320, 240), (90, 90, 90)).save(path)
    return path


def tracked(site: Site, page: Page) -> dict[str, object]:
    """The appeal of the receipt that is shown, as the platform has it."""
    code = page.locator(".code").inner_text()
    found: dict[str, object] = site.system.http.get(f"/api/v1/track/{code}").json()
    return found


def test_without_scripts_on_a_small_telephone(site: Site, photo: Path) -> None:
    page = site.visit("/", scripts=False, width=NARROW)
    wrong = watch(page, site.url)
    expect(page.get_by_role("button", name="Отправить")).to_be_hidden()
    write(page, HOLE, Имя="Пётр Иванов", Почта="petr@example.ru")
    page.get_by_placeholder("Город, улица, дом").fill("Курск, улица Карла Маркса, 12")
    page.get_by_label("Фото или документ").set_input_files(photo)
    code = send(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Обращение принято"
    assert str(tracked(site, page)["number"]) in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.get_by_role("link", name="Следить за обращением").click()
    page.wait_for_url(f"**/track/{code}")
    assert page.get_by_text("Обращение зарегистрировано").count() == 1
    assert "petr@example.ru" not in page.content(), "nothing personal is shown"
    assert wrong == []
    page.context.close()


def test_with_scripts_files_go_ahead_and_hints_come_while_writing(site: Site, photo: Path) -> None:
    page = site.visit("/")
    wrong = watch(page, site.url)
    write(page, HOLE)
    expect(page.locator("#topics .chip").first).to_be_visible(timeout=20_000)
    chip = page.locator("#topics .chip").first
    chip.click()
    assert page.locator("select[name=topic]").input_value() == chip.get_attribute("data-topic")
    page.get_by_label("Фото или документ").set_input_files(photo)
    expect(page.locator("#photos input[name=files]")).to_have_count(1, timeout=20_000)
    expect(page.locator("[name=proof]")).not_to_have_value("", timeout=20_000)
    page.wait_for_load_state("networkidle")
    look_well(page)
    send(page)
    look_well(page)
    assert wrong == []
    page.context.close()


def test_what_is_known_already_is_shown_and_may_be_enough(site: Site) -> None:
    now, street, title = datetime.now(UTC), "улица Испытательная", f"Ремонт {uuid4().hex[:6]}"
    work = {
        "region": "46",
        "title": title,
        "kind": "repair",
        "topics": [pothole_topic(site.system)],
        "municipality": "38701000",
        "streets": [street],
        "starts_at": (now - timedelta(minutes=10)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "organisation": site.system.agencies()[0].organisation_id,
        "notice": "Асфальт положат к вечеру. Обращение {number} учтено.",
    }
    made = site.system.account("coordinator").post("/api/v1/works", json=work)
    assert made.status_code == 201, made.text
    page = site.visit("/")
    wrong = watch(page, site.url)
    write(page, HOLE)
    page.get_by_text("Тема – можно не выбирать").click()
    page.locator("select[name=topic]").select_option(work["topics"][0])
    page.get_by_placeholder("Город, улица, дом").fill(f"Курск, {street}, 1")
    known = page.locator(".known li", has_text=title)
    expect(known).to_be_visible(timeout=30_000)
    assert known.get_by_text("Асфальт положат к вечеру.", exact=True).count() == 1
    page.wait_for_load_state("networkidle")
    look_well(page)
    with page.expect_response("**/report/enough/*") as counted:
        known.get_by_role("button", name="Мне достаточно").click()
    assert counted.value.status == 204
    expect(page.get_by_text("Отправлять ничего не нужно")).to_be_visible()
    assert page.get_by_label("Что случилось?").input_value() == ""
    assert wrong == []
    version = {"If-Match": str(made.json()["version"])}
    site.system.account("coordinator").request(
        "DELETE", f"/api/v1/works/{made.json()['id']}", headers=version
    )
    page.context.close()


def test_the_place_comes_from_the_device_and_a_refusal_is_said(site: Site) -> None:
    page = site.visit("/")
    page.context.grant_permissions(["geolocation"], origin=site.url)
    page.context.set_geolocation({"latitude": 51.7373, "longitude": 36.1873})
    write(page, HOLE)
    page.get_by_role("button", name="Я сейчас там").click()
    expect(page.locator("#place")).to_have_text("Точка отмечена: там, где вы сейчас.")
    assert page.locator("[name=lat]").input_value() == "51.737300"
    page.context.close()
    refused = site.visit("/")
    write(refused, HOLE)
    refused.get_by_role("button", name="Я сейчас там").click()
    expect(refused.locator("#place")).to_have_text("Не получилось определить место. Напишите адрес.")
    refused.context.close()


def test_a_danger_is_told_to_call_112_before_and_after_sending(site: Site) -> None:
    page = site.visit("/")
    write(page, "Сильный запах газа в подъезде, улица Ленина, дом 5, людям плохо")
    expect(page.get_by_role("alert").get_by_role("link", name="112")).to_be_visible(timeout=20_000)
    page.wait_for_load_state("networkidle")
    look_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    send(page)
    assert "112" in page.get_by_role("alert").inner_text()
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_double_click_registers_once(site: Site, scripts: bool) -> None:
    page = site.visit("/", scripts=scripts)
    write(page, f"{HOLE}. Двойной щелчок")
    page.wait_for_timeout(OLD_ENOUGH_MS)
    token = page.locator("[name=form_token]").input_value()
    page.get_by_role("button", name="Отправить", exact=True).dblclick()
    page.wait_for_url("**/receipt")
    first = page.locator(".code").inner_text()
    again = page.context.request.post(
        f"{site.url}/",
        multipart={"form_token": token, "key": _key(page, site), "text": f"{HOLE}. Двойной щелчок"},
    )
    assert first in again.text(), "the same form once more has the same receipt"
    other = page.context.request.post(
        f"{site.url}/", multipart={"form_token": token, "key": _key(page, site), "text": "Другое"}
    )
    assert (other.status, "Обращение уже отправлено" in other.text()) == (409, True)
    page.context.close()


def _key(page: Page, site: Site) -> str:
    """Of the demo's form."""
    items = site.system.http.get("/api/v1/widget", params={"region": "46"}).json()["items"]
    return str(items[0]["key"])


@pytest.mark.parametrize("scripts", [True, False])
def test_a_rejected_field_is_told_beside_it_and_nothing_is_lost(
    site: Site, scripts: bool, tmp_path: Path
) -> None:
    page = site.visit("/", scripts=scripts)
    broken = tmp_path / "photo.jpg"
    broken.write_bytes(b"no picture at all")
    write(page, HOLE, Имя="Пётр", Телефон="8 910 000-00-00")
    page.get_by_placeholder("Город, улица, дом").fill("Курск")
    page.get_by_label("Фото или документ").set_input_files(broken)
    if scripts:
        expect(page.locator("#photos .fault")).to_contain_text("Файл не принят", timeout=20_000)
        page.context.close()
        return
    page.wait_for_timeout(OLD_ENOUGH_MS)
    page.get_by_role("button", name="Отправить", exact=True).click()
    page.wait_for_load_state()
    assert "Обращение пока не отправлено" in page.get_by_role("alert").inner_text()
    assert "Файл не принят" in page.locator("#fault-attachments").inner_text()
    kept = [page.get_by_label(each, exact=True).input_value() for each in ("Имя", "Телефон")]
    assert (page.get_by_label("Что случилось?").input_value(), kept) == (HOLE, ["Пётр", "8 910 000-00-00"])
    send(page)
    page.context.close()


def test_a_form_that_is_good_no_more_or_says_nothing_is_asked_for_again(site: Site) -> None:
    page = site.visit("/", scripts=False)
    key = page.locator("[name=key]").input_value()
    for text, told in (("Яма", "отправьте ещё раз"), (" ", "Напишите, что случилось")):
        answer = page.context.request.post(
            f"{site.url}/", multipart={"form_token": "none", "key": key, "text": text}
        )
        assert (answer.status, told in answer.text()) == (422, True), answer.text()
    old = page.context.request.post(
        f"{site.url}/",
        multipart={
            "form_token": "none",
            "key": key,
            "text": HOLE,
            "photos": {"name": "a.png", "mimeType": "image/png", "buffer": b"any"},
        },
    )
    assert (old.status, HOLE in old.text(), "отправьте ещё раз" in old.text()) == (422, True, True)
    ahead = page.context.request.post(
        f"{site.url}/report/files",
        multipart={
            "form_token": "none",
            "photo": {"name": "a.png", "mimeType": "image/png", "buffer": b"any"},
        },
    )
    assert (ahead.status, "fault" in ahead.json()) == (422, True), "nobody is asked to sign in"
    for keyless in ("", "../people", "wgt_../x"):
        away = page.context.request.post(f"{site.url}/", form={"key": keyless, "text": "Яма"})
        assert (away.status, away.url) == (200, f"{site.url}/")
    lost = page.context.request.post(
        f"{site.url}/", form={"key": "wgt_none", "text": "Яма", "form_token": "x"}
    )
    assert (lost.status, lost.url) == (200, f"{site.url}/"), "a form that is no more leads to one that is"
    page.context.close()


def test_words_outlive_a_lost_line(site: Site) -> None:
    page = site.visit("/")
    write(page, HOLE)
    page.context.set_offline(True)
    page.get_by_role("button", name="Отправить", exact=True).click()
    page.wait_for_timeout(500)
    page.context.set_offline(False)
    page.goto("/")
    expect(page.get_by_label("Что случилось?")).to_have_value(HOLE)
    send(page)
    page.goto("/")
    expect(page.get_by_label("Что случилось?")).to_have_value("")
    page.context.close()


def test_everything_by_keyboard(site: Site) -> None:
    page = site.visit("/", width=NARROW)
    keys_to(page, "Что случилось?")
    page.keyboard.type(HOLE)
    page.wait_for_timeout(OLD_ENOUGH_MS)
    keys_to(page, "Имя")
    page.keyboard.type("Пётр")
    keys_to(page, "Отправить")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px", "where one is can be seen"
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipt")
    page.context.close()


def test_the_first_load_is_small(site: Site) -> None:
    context = site.browser.new_context(base_url=site.url, locale="ru-RU")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert len(sizes) > 4, "page, styles, scripts"
    assert sum(sizes) <= MOST_BYTES, sizes
    context.close()


def test_the_first_page_looks_well_and_complains_of_nothing(site: Site) -> None:
    page = site.visit("/")
    page.wait_for_load_state("networkidle")
    wrong = watch(page, site.url)
    page.reload()
    look_well(page)
    assert wrong == []
    page.context.close()
