"""Work of an organisation goes from one official to another by page: one appeal, several that are ticked, all that somebody has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.browser import needs_browser, watch
from harness.system import PersonAccount, System
from tests.journeys.pages.centre import PASSWORD, entered
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.pages.walkers import sign_in
from tests.journeys.pages.workplace import Task, at_work, new_task, official, stored

pytestmark = needs_browser
ROOMY = {"width": 1280, "height": 900}


def hired(system: System, name: str, organisation_id: str) -> PersonAccount:
    """Somebody of an organisation, who has accepted the invitation."""
    admin = system.account("admin")
    body = {
        "login": f"team-{uuid4().hex[:10]}",
        "name": name,
        "position": "Инспектор",
        "role": "agency",
        "regions": ["46"],
        "organisation_id": organisation_id,
    }
    made = admin.post("/api/v1/people", json=body)
    assert made.status_code == 201, made.text
    link = admin.post("/api/v1/people/invitations", json={"person_id": made.json()["id"]})
    accepted = system.http.post(
        "/api/v1/people/invitations/accept", json={"token": link.json()["token"], "password": PASSWORD}
    )
    assert accepted.status_code == 200, accepted.text
    found = PersonAccount(system, str(body["login"]), PASSWORD, "", organisation_id)
    found.headers()  # signs in, by which the person's id is known
    return found


@pytest.fixture
def colleague(system: System) -> Iterator[PersonAccount]:
    """Somebody new of the official's organisation, who leaves afterwards, and leaves nothing behind."""
    found = hired(system, f"Нина Соседова {uuid4().hex[:6]}", official(system).organisation_id)
    yield found
    body = {"from": found.person_id, "to": person_id(official(system))}
    assert official(system).post("/api/v1/queue/hand-over", json=body).status_code == 200
    dismissed(system, found)


def dismissed(system: System, who: PersonAccount) -> None:
    """The account is closed."""
    ended = system.account("admin").request("DELETE", f"/api/v1/people/{who.person_id}")
    assert ended.status_code == 204, ended.text


def name_of(system: System, who: PersonAccount) -> str:
    """As colleagues see it."""
    items = official(system).get("/api/v1/people/colleagues").json()["items"]
    return next(str(each["name"]) for each in items if each["id"] == who.person_id)


def person_id(who: PersonAccount) -> str:
    """Of who is signed in."""
    who.headers()
    return who.person_id


def given(system: System, task: Task, to: PersonAccount) -> None:
    """The colleague has it."""
    answer = official(system).post(
        f"/api/v1/assignments/{task.item['id']}/assign",
        json={"person": to.person_id},
        headers={"If-Match": str(stored(system, task)["version"])},
    )
    assert answer.status_code == 200, answer.text


def test_an_appeal_is_given_to_a_colleague_on_its_page(site: Site, colleague: PersonAccount) -> None:
    system, task = site.system, new_task(site.system, 41)
    name = name_of(system, colleague)
    page = at_work(site, task.path)
    wrong = watch(page, site.url)
    page.get_by_text("Поручить коллеге").click()
    page.get_by_role("combobox", name="Кому", exact=True).select_option(label=f"{name}, Инспектор")
    page.get_by_role("button", name="Поручить", exact=True).press("Enter")
    expect(page.get_by_role("status").filter(has_text="поручено коллеге")).to_be_visible()
    expect(page.locator("header .tags")).to_contain_text(f"у коллеги: {name}")
    look_well(page)
    assert stored(system, task)["person"] == colleague.person_id
    assert stored(system, task)["organisation"]["id"] == official(system).organisation_id

    theirs = entered(site, colleague, "/desk?mine=1")
    theirs.get_by_text(task.item["number"]).wait_for()
    expect(theirs.locator(".entry", has_text=task.item["number"])).to_contain_text("у вас")
    page.set_viewport_size({"width": ROOMY["width"], "height": ROOMY["height"]})
    page.get_by_text("История и сроки").click()
    expect(page.locator("[data-part] .timeline")).to_contain_text("сотруднику")
    assert wrong == []
    for each in (page, theirs):
        each.context.close()


def test_who_has_left_meanwhile_is_given_nothing(site: Site, system: System) -> None:
    task = new_task(system, 42)
    gone = hired(system, f"Олег Ушедший {uuid4().hex[:6]}", official(system).organisation_id)
    stranger = next(
        each for each in system.agencies() if each.organisation_id != official(system).organisation_id
    )
    anothers = hired(system, "Пётр Чужой", stranger.organisation_id)
    page = at_work(site, task.path)
    page.get_by_text("Поручить коллеге").click()
    choice = page.get_by_role("combobox", name="Кому", exact=True)
    choice.select_option(gone.person_id)
    assert choice.locator(f"option[value='{anothers.person_id}']").count() == 0
    dismissed(system, gone)
    page.get_by_role("button", name="Поручить", exact=True).click()
    described = page.get_by_role("combobox", name="Кому", exact=True).get_attribute("aria-describedby")
    fault = page.locator(f"#{described}")
    expect(fault).to_have_text("Выберите сотрудника из списка.")
    assert fault.is_visible()
    assert stored(system, task)["person"] is None

    walker = sign_in(site.url, "agency", official(system))
    for someone in (anothers.person_id, str(uuid4()), "никто"):
        form = {"version": str(task.item["version"]), "person": someone}
        answer = walker.send("POST", f"{task.path}/assign", form)
        assert (answer.status_code, "Выберите сотрудника" in answer.text) == (422, True), someone
        chosen = f"{task.item['id']}:{task.item['version']}:{task.item['number']}"
        ticked = walker.send("POST", "/desk/bulk", {"action": "assign", "chosen": chosen, "person": someone})
        assert (ticked.status_code, "Выберите сотрудника" in ticked.text) == (422, True), someone
    assert stored(system, task)["person"] is None
    walker.client.close()
    dismissed(system, anothers)
    page.context.close()


def test_several_are_given_to_a_colleague_at_once(site: Site, colleague: PersonAccount) -> None:
    tasks = [new_task(site.system, house) for house in (43, 44)]
    page = at_work(site)
    for task in tasks:
        page.get_by_label(f"Отметить {task.item['number']}").check()
    page.get_by_text("Поручить коллеге").click()
    page.locator(".together").get_by_role("combobox", name="Кому", exact=True).select_option(
        colleague.person_id
    )
    page.get_by_role("button", name="Поручить отмеченные").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Поручение коллеге: получилось 2 из 2")
    look_well(page)
    assert {stored(site.system, task)["person"] for task in tasks} == {colleague.person_id}
    page.goto(f"/desk?person={colleague.person_id}")
    expect(page.get_by_role("combobox", name="У кого")).to_have_value(colleague.person_id)
    shown = page.locator(".entry .hint").all_inner_texts()
    assert len(shown) == 2, "that person's alone"
    assert all(any(task.item["number"] in text for text in shown) for task in tasks)
    page.context.close()


def row_of(page: Page, name: str) -> Locator:
    """The line of a person on the head's page."""
    return page.locator("tr", has=page.get_by_role("link", name=name, exact=True))


class HandOver:
    """The form of the head's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.get_by_text("Передать дела другому").click()

    def fill(self, giver: str, receiver: str, until: str = "") -> None:
        """Whose work goes to whom, until which day."""
        self.page.get_by_role("combobox", name="От кого").select_option(giver)
        self.page.get_by_role("combobox", name="Кому", exact=True).select_option(receiver)
        self.page.get_by_label("До какого дня").fill(until)

    def send(self) -> None:
        """As a browser sends it that checks no fields; twice, as people do."""
        form = self.page.locator("form[action='/desk/team/hand-over']")
        form.evaluate("form => { form.noValidate = true; }")
        form.get_by_role("button", name="Передать всё").dblclick()

    def expect_fault(self, field: str, words: str) -> None:
        """Beside its field."""
        wrong = self.page.locator(f"[name={field}][aria-invalid=true]")
        fault = self.page.locator(f"#{wrong.get_attribute('aria-describedby')}")
        expect(fault).to_have_text(words)
        expect(fault).to_be_visible()


def test_the_head_hands_over_all_that_somebody_has(site: Site, colleague: PersonAccount) -> None:
    system, me, theirs = site.system, person_id(official(site.system)), colleague.person_id
    tasks = [new_task(system, house) for house in (45, 46, 47)]
    for task in tasks:
        given(system, task, colleague)
    name = name_of(system, colleague)
    page = at_work(site, "/desk/team")
    wrong = watch(page, site.url)
    expect(row_of(page, name).locator("td").first).to_have_text("3")
    form, today = HandOver(page), datetime.now(UTC)
    for receiver, until, field, words in (
        ("", "", "receiver", "Выберите, кому передать."),
        (theirs, "", "receiver", "Выберите кого-то другого."),
        (
            me,
            f"{today - timedelta(days=3):%Y-%m-%d}",
            "until",
            "Последний день отсутствия – сегодня или позже.",
        ),
    ):
        form.fill(theirs, receiver, until)
        form.send()
        form.expect_fault(field, words)
        expect(page.get_by_role("combobox", name="От кого")).to_have_value(theirs)
    look_well(page)
    page.set_viewport_size({"width": ROOMY["width"], "height": ROOMY["height"]})
    form.fill(theirs, me, f"{today + timedelta(days=9):%Y-%m-%d}")
    form.send()
    expect(page.get_by_role("status")).to_contain_text("Передано 3 обращения.")
    assert {stored(system, task)["person"] for task in tasks} == {me}
    expect(page.get_by_role("heading", name="У кого сколько")).to_be_visible()
    assert row_of(page, name).count() == 0, "who has nothing is not in the table"
    assert [line for line in wrong if "422" not in line] == []
    page.context.close()


def test_what_somebody_left_behind_is_seen_and_handed_over(site: Site, system: System) -> None:
    """For good, as the person does not come back."""
    gone = hired(system, f"Рита Бывшая {uuid4().hex[:6]}", official(system).organisation_id)
    name, me = name_of(system, gone), person_id(official(system))
    task = new_task(system, 48)
    given(system, task, gone)
    dismissed(system, gone)
    page = at_work(site, "/desk/team")
    expect(row_of(page, name)).to_contain_text("уже не работает")
    form = HandOver(page)
    form.fill(gone.person_id, me)
    form.send()
    expect(page.get_by_role("status")).to_contain_text("Передано 1 обращение.")
    assert stored(system, task)["person"] == me
    page.context.close()
