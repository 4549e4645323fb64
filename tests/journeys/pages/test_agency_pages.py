"""The other pages of an organisation: the queue and many at once, other acts, the head's view, incidents, planned works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from harness.browser import needs_browser
from tests.journeys.pages.conftest import Site, watch
from tests.journeys.pages.looking import keys_to, look_well
from tests.journeys.pages.workplace import at_work, new_task, official, stored
from tests.journeys.steps import submitted, until

pytestmark = needs_browser
NOBODYS = "/desk/a/01a22d53-c388-772a-80c3-6f46a26df21b"


def test_several_are_accepted_at_once(site: Site) -> None:
    tasks = [new_task(site.system, house) for house in (21, 22)]
    page = at_work(site)
    wrong = watch(page, site.url)
    for task in tasks:
        page.get_by_label(f"Отметить {task.item['number']}").check()
    assert page.get_by_role("heading", name="С отмеченными: 2").count() == 1
    page.get_by_role("button", name="Принять в работу").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Принятие в работу: получилось 2 из 2"
    look_well(page)
    assert {stored(site.system, task)["status"] for task in tasks} == {"accepted"}
    page.goto("/desk")
    look_well(page)
    assert wrong == []
    page.context.close()


def test_of_several_each_says_what_became_of_it(site: Site) -> None:
    fresh, changed = (new_task(site.system, house) for house in (23, 24))
    page = at_work(site)
    for task in (fresh, changed):
        page.get_by_label(f"Отметить {task.item['number']}").check()
    version = f'"{changed.item["version"]}"'
    path = f"/api/v1/assignments/{changed.item['id']}/accept"
    assert official(site.system).post(path, headers={"If-Match": version}).status_code == 200
    page.get_by_role("button", name="Принять в работу").click()
    assert "получилось 1 из 2" in page.get_by_role("heading", level=1).inner_text()
    assert page.get_by_text("его уже кто-то изменил").count() == 1
    page.context.close()


def test_the_queue_is_walked_by_keys_and_keys_can_be_turned_off(site: Site) -> None:
    new_task(site.system, 25)
    page = at_work(site)
    page.keyboard.press("j")
    first = page.evaluate("document.activeElement.href")
    assert "/desk/a/" in first
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()
    look_well(page)
    page.get_by_label("включить клавиши из одной буквы").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert keys_to(page, "Взять следующее") > 0
    page.context.close()


def test_what_is_behind_an_appeal_is_opened_on_its_page(site: Site) -> None:
    task = new_task(site.system, 26)
    page = at_work(site, task.path)
    wrong = watch(page, site.url)
    page.get_by_text("История и сроки").click()
    page.get_by_text("Обращение зарегистрировано под номером").wait_for()
    page.get_by_text("Почему это у нас").click()
    page.get_by_text("Кто написал").click()
    page.get_by_label("Для чего открываете").fill("Подготовка ответа")
    page.get_by_role("button", name="Открыть").click()
    page.get_by_text("Петрова Мария Ивановна").wait_for()
    look_well(page)
    assert wrong == []
    page.context.close()


def test_pages_of_an_appeal_work_without_scripts(site: Site) -> None:
    task = new_task(site.system, 27)
    person = site.system.person("agency")
    page = site.visit(task.path, scripts=False)
    page.get_by_label("Логин").fill(person.client_id)
    page.get_by_label("Пароль").fill(person.client_secret)
    page.get_by_role("button", name="Войти").click()
    page.get_by_text("История и сроки").click()
    page.get_by_role("link", name="Открыть историю и расчёт сроков").click()
    assert page.get_by_text("Обращение зарегистрировано под номером").count() == 1
    page.get_by_role("link", name="К обращению").click()
    page.get_by_role("button", name="Принять в работу").click()
    assert stored(site.system, task)["status"] == "accepted"
    page.context.close()


def test_more_time_is_asked_for(site: Site) -> None:
    task = new_task(site.system, 28)
    page = at_work(site, task.path)
    page.get_by_text("Попросить больше времени").click()
    page.get_by_label("На сколько дней").fill("10")
    page.get_by_label("Почему не успеваем").fill("Ждём технику из района.")
    page.get_by_role("button", name="Попросить", exact=True).click()
    page.get_by_text("Запрос на продление отправлен координатору").wait_for()
    coordinator = site.system.account("coordinator")

    def asked() -> bool:
        items = coordinator.get("/api/v1/extensions", params={"limit": 1000}).json()["items"]
        return any(each["assignment_id"] == task.item["id"] for each in items)

    until(asked, 60)
    page.context.close()


def test_what_is_not_ours_goes_on_and_the_next_one_opens(site: Site) -> None:
    task = new_task(site.system, 29)
    page = at_work(site, task.path)
    page.get_by_text("Это не наше: передать").click()
    page.get_by_label("Кому и почему").fill("Двор обслуживает управляющая компания.")
    page.get_by_role("button", name="Передать", exact=True).click()
    page.get_by_text(f"Обращение передано: {task.item['number']}").wait_for()
    assert page.goto(task.path).status == 404  # type: ignore[union-attr]
    page.context.close()


def test_anothers_assignment_is_as_if_it_were_not_there(site: Site) -> None:
    appeal = submitted(site.system)
    coordinator = site.system.account("coordinator")

    def elsewhere() -> str | None:
        answer = coordinator.get(f"/api/v1/appeals/{appeal['id']}/deadlines")
        items = answer.json()["items"] if answer.status_code == 200 else []
        return next((each["assignment_id"] for each in items if each["assignment_id"]), None)

    anothers = until(elsewhere, 60)
    page = at_work(site)
    shown = []
    for path in (f"/desk/a/{anothers}", NOBODYS):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 404
        shown.append(page.locator("main").inner_text())
    assert shown[0] == shown[1]
    page.context.close()


def test_the_workplace_is_for_organisations_alone(site: Site) -> None:
    page = site.enter("analyst", "/account")
    for path in ("/desk", "/desk/team", "/desk/incidents", "/desk/works", NOBODYS):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403
    page.context.close()


def test_the_head_sees_what_is_late_and_how_answers_do(site: Site) -> None:
    new_task(site.system, 30)
    page = at_work(site, "/desk/team")
    wrong = watch(page, site.url)
    page.get_by_role("heading", name="У кого сколько").wait_for()
    assert page.get_by_text("отвечено в срок").count() == 1
    look_well(page)
    page.goto("/desk/incidents")
    assert page.get_by_role("heading", level=1).inner_text() == "Инциденты"
    look_well(page)
    assert wrong == []
    page.context.close()


def test_a_planned_work_is_announced_and_ended(site: Site) -> None:
    page = at_work(site, "/desk/works")
    wrong = watch(page, site.url)
    title = f"Отключение воды, проверка {datetime.now(UTC):%H%M%S%f}"
    page.get_by_label("Что будет").fill(title)
    page.get_by_text("ЖКХ", exact=True).first.click()
    page.locator("[name=topics]:visible").first.check()
    page.get_by_label("Улицы").fill("ул. Проверочная")
    now = datetime.now(UTC)
    page.get_by_label("Начало").fill(f"{now + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("Окончание").fill(f"{now:%Y-%m-%dT%H:%M}")
    page.get_by_label("Что ответить жителям").fill("Воды не будет до вечера. Ваше обращение {number} учтено.")
    page.get_by_role("button", name="Объявить").click()
    assert "окончание позже начала" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Что будет").input_value() == title
    page.get_by_label("Окончание").fill(f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Объявить").click()
    page.get_by_text("Работы объявлены").wait_for()
    look_well(page)
    card = page.locator(".card", has=page.get_by_role("heading", name=title))
    card.get_by_role("button", name="Закончить сейчас").click()
    page.get_by_text("Работы закончены").wait_for()
    assert page.get_by_role("heading", name=title).count() == 0
    assert [line for line in wrong if "422" not in line] == []
    page.context.close()
