"""A coordinator decides: answers in review, moderation, incidents, works, an appeal from paper."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from playwright.sync_api import expect

from harness.browser import needs_browser
from tests.journeys.pages.centre import entry, in_review, listed
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.steps import act, submitted, tracked, until

pytestmark = needs_browser
GOOD = "Яма на улице Карла Маркса у дома 12 заделана асфальтом 28 ноября, работы приняты."


def test_an_answer_is_returned_with_reasons_and_its_next_one_approved(site: Site) -> None:
    review = in_review(site)
    page = site.enter("coordinator", "/centre/reviews")
    card = entry(page, review["number"])
    card.focus()
    page.keyboard.press("n")
    for box in card.get_by_role("checkbox").all():
        box.uncheck()
    card.get_by_role("button", name="Вернуть").click()
    expect(card.get_by_role("alert")).to_contain_text("что исправить")
    card.get_by_label("Своими словами").fill("Уберите упрёки, напишите, что сделано.")
    card.get_by_role("button", name="Вернуть").click()
    expect(page.get_by_role("status").filter(has_text="возвращён исполнителю")).to_be_visible()

    details = site.system.account("coordinator").get(f"/api/v1/assignments/{review['assignment_id']}").json()
    agency = site.system.agency(details["organisation"]["id"])
    act(
        agency, details, "answer", text="Вопрос находится на контроле, меры принимаются.", outcome="explained"
    )
    again = listed(site, "/api/v1/reviews", assignment_id=review["assignment_id"])
    assert again["id"] != review["id"]
    page.goto("/centre/reviews")
    card = entry(page, review["number"])
    card.focus()
    page.keyboard.press("y")
    expect(page.get_by_role("status").filter(has_text="одобрен")).to_be_visible()
    page.goto(f"/centre/a/{review['appeal_id']}")
    expect(page.get_by_text("Уберите упрёки, напишите, что сделано.").first).to_be_visible()
    page.context.close()


def test_of_two_who_decide_on_an_answer_the_second_is_told_what_the_first_did(site: Site) -> None:
    review = in_review(site)
    page = site.enter("coordinator", "/centre/reviews")
    card = entry(page, review["number"])
    first = site.system.account("coordinator").post(
        f"/api/v1/answers/{review['id']}/review",
        json={"decision": "return", "reasons": ["Уберите упрёки."]},
        headers={"If-Match": str(review["version"])},
    )
    assert first.status_code == 200, first.text
    card.get_by_role("button", name="Одобрить").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("Сейчас: ответ уже возвращён исполнителю.")).to_be_visible()
    page.context.close()


def hold_everything_of(site: Site, channel: str) -> None:
    """The region wants to see every appeal of a channel first."""
    admin, path = site.system.account("admin"), "/api/v1/settings/46/intake"
    settings = admin.get(path).json()
    if channel not in settings["moderated_channels"]:
        wanted = {**settings, "moderated_channels": [*settings["moderated_channels"], channel]}
        put = admin.request("PUT", path, json=wanted, headers={"If-Match": str(settings["version"])})
        assert put.status_code == 200, put.text


def test_moderation_rejects_and_an_objection_comes_first(site: Site) -> None:
    hold_everything_of(site, "ok")
    texts = [f"Купите окна недорого, скидки, звоните, {uuid4().hex[:8]}" for _ in range(2)]
    appeals = [submitted(site.system, text=text, channel="ok") for text in texts]
    for appeal in appeals:
        listed(site, "/api/v1/moderation", id=appeal["id"])
    page = site.enter("coordinator", "/centre/moderation")
    card = entry(page, appeals[0]["number"])
    card.focus()
    page.keyboard.press("n")
    card.get_by_role("button", name="Решить").click()
    expect(card.get_by_role("alert")).to_contain_text("причину")
    card.get_by_label("Причина").fill("Это реклама.")
    card.get_by_role("button", name="Решить").click()
    expect(page.get_by_role("status").filter(has_text="отклонено")).to_be_visible()

    until(lambda: tracked(site.system, appeals[0]["tracking_code"])["status"] == "rejected", 60)
    objected = site.system.http.post(
        f"/api/v1/track/{appeals[0]['tracking_code']}/objection",
        json={"text": "Это не реклама, прошу помочь."},
    )
    assert objected.status_code in (200, 201, 202, 204), objected.text
    listed(site, "/api/v1/moderation", id=appeals[0]["id"])
    page.goto("/centre/moderation")
    first = page.locator("[data-item]").first
    expect(first).to_contain_text("не согласен")
    card = entry(page, appeals[0]["number"])
    expect(card).to_contain_text("Это не реклама, прошу помочь.")

    entry(page, appeals[1]["number"]).get_by_role("checkbox").check()
    card.get_by_role("checkbox").check()
    many = page.locator("form#many")
    many.get_by_label("Причина").fill("Проверено ещё раз.")
    many.get_by_role("button", name="Пропустить").click()
    expect(page.get_by_role("status")).to_contain_text("Решено: 2")
    page.context.close()


def test_an_incident_is_confirmed_split_and_undone_on_one_page(site: Site) -> None:
    street = "улица Гагарина"
    appeals = [
        submitted(
            site.system,
            text=f"{street}, дом {house}: с утра нет холодной воды, кран сухой. Когда дадут?",
            municipality="38705000",
            address=f"г. Железногорск, {street}, {house}",
            location={"lat": 52.337, "lon": 35.357},
        )
        for house in (3, 5, 7, 9, 11)
    ]
    coordinator = site.system.account("coordinator")

    def gathered() -> str | None:
        for item in coordinator.get(
            "/api/v1/incidents", params={"region": "46", "status": "proposed"}
        ).json()["items"]:
            members = coordinator.get(f"/api/v1/incidents/{item['id']}/appeals").json()["items"]
            if {each["id"] for each in appeals} <= {each["appeal_id"] for each in members}:
                return str(item["id"])
        return None

    incident = until(gathered, 90)
    page = site.enter("coordinator", f"/centre/incidents/{incident}")
    look_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_label("Название (увидят граждане)").fill("Нет воды на улице Гагарина")
    page.get_by_role("button", name="Подтвердить").click()
    expect(page.get_by_role("status")).to_contain_text("подтверждён")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Нет воды на улице Гагарина")

    page.get_by_label(f"Отметить {appeals[0]['number']}").check()
    page.get_by_label("Название нового инцидента").fill("Другое")
    page.get_by_role("button", name="Выделить").click()
    expect(page.get_by_role("status")).to_contain_text("отдельный инцидент")
    assert not page.get_by_label(f"Отметить {appeals[0]['number']}").count()

    version = coordinator.get(f"/api/v1/incidents/{incident}").json()["version"]
    site.system.person("coordinator").post(
        f"/api/v1/incidents/{incident}/split",
        json={"appeals": [appeals[1]["id"]]},
        headers={"If-Match": str(version)},
    )
    page.get_by_role("button", name="Отменить инцидент").click()
    expect(page.get_by_role("alert")).to_contain_text("кто-то уже изменил")
    page.get_by_role("button", name="Отменить инцидент").click()
    expect(page.get_by_role("status")).to_contain_text("Отменено")
    assert coordinator.get(f"/api/v1/incidents/{incident}").json()["status"] == "undone"
    page.context.close()


def test_a_planned_work_is_entered_changed_and_ended(site: Site) -> None:
    title = f"Ремонт сетей {uuid4().hex[:6]}"
    topic = (
        site.system.account("coordinator").get("/api/v1/topics", params={"region": "46"}).json()["items"][0]
    )
    page = site.enter("coordinator", "/centre/works/new")
    page.get_by_label("Что происходит").fill(title)
    page.get_by_label("Тема 1").fill(topic["name"])
    page.get_by_label("Кто отвечает").fill("Нет такой организации")
    page.get_by_label("Начало").fill("2027-01-10T08:00")
    page.get_by_label("Конец").fill("2027-01-10T18:30")
    page.get_by_label("Улицы, каждая с новой строки").fill("улица Щепкина")
    page.get_by_label("Ответ гражданам").fill("Воды не будет до вечера. Обращение {number}.")
    page.get_by_role("button", name="Внести").click()
    expect(page.get_by_role("alert")).to_contain_text("нет в списке")
    assert page.get_by_label("Что происходит").input_value() == title
    page.get_by_label("Кто отвечает").fill(site.system.agencies()[0].organisation)
    page.get_by_role("button", name="Внести").click()
    expect(page.get_by_role("status")).to_contain_text("Работы внесены")
    page.goto("/centre/works?status=planned")
    page.get_by_role("link", name=title).click()
    assert page.get_by_label("Начало").input_value() == "2027-01-10T08:00"
    page.get_by_label("Конец").fill("2027-01-10T20:00")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_role("status")).to_contain_text("сохранены")
    page.goto("/centre/works?status=planned")
    page.get_by_role("link", name=title).click()
    assert page.get_by_label("Конец").input_value() == "2027-01-10T20:00"
    page.get_by_role("button", name="Закончить сейчас").click()
    expect(page.get_by_role("status")).to_contain_text("закончены")
    page.context.close()


def test_an_appeal_from_paper_is_registered_with_its_day_of_receipt(site: Site) -> None:
    page = site.enter("coordinator", "/centre/new")
    page.get_by_label("День поступления").fill(f"{datetime.now(UTC):%Y-%m-%d}")
    page.get_by_label("Текст").fill(f"На улице Ленина не горит фонарь у дома 5, {uuid4().hex[:8]}")
    page.get_by_label("Имя").fill("Семён Бумажкин")
    page.get_by_role("button", name="Зарегистрировать").click()
    receipt = page.get_by_role("status")
    expect(receipt).to_contain_text("Зарегистрировано: 46-")
    look_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    receipt.get_by_role("link").click()
    expect(page.get_by_text("бумага")).to_be_visible()
    assert "Бумажкин" not in page.content()
    page.context.close()


def test_a_text_with_markup_is_shown_as_text(site: Site) -> None:
    text = f'<script>alert(1)</script><img src=x onerror=alert(1)> "{uuid4().hex[:8]}" яма у дома'
    appeal = submitted(site.system, text=text)
    page = site.enter("coordinator", f"/centre/a/{appeal['id']}")
    expect(page.locator("main .quote").first).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main img, main script").count() == 0
    page.context.close()
