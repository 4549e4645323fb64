"""A cut of water that was announced: two hundred people ask, all are answered, and nobody who asks about something else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson

from harness.system import System
from tests.journeys.steps import tracked, until

KURSK = "38701000"
STREETS = ("улица Черняховского", "3-я Песчаная улица")
NOTICE = "Воды нет из-за ремонта водопровода, дадут до 20:00. Обращение {number}."
TEXTS = (
    "Здравствуйте! {street}, дом {house}: с утра нет холодной воды. Когда дадут?",
    "У нас отключили воду без предупреждения, адрес {street}, {house}. Когда включат?",
    "В доме {house} ({street}) пропала вода, кран сухой. Примите меры.",
    "{street}, {house}. Воды нет уже пятый час, умыться нечем.",
    "Прошу сообщить, когда восстановят водоснабжение: {street}, {house}.",
    "Опять сидим без воды! {street}, д. {house}, ни капли в кране",
    "нет воды {street} {house}, водоканал трубку не берет",
    "Почему отсутствует водоснабжение по адресу {street}, {house}? Не можем ни помыться, ни приготовить еду.",
    "Жильцы дома {house} ({street}) остались без холодной воды. Просим организовать подвоз.",
    "Холодная вода не идёт с восьми утра, {street}, {house}. Авария?",
)
OTHERS = {
    "another matter": "Не работает лифт: {street}, дом 3, второй подъезд. Стоит больше недели.",
    "a bill": "{street}, дом 3: в квитанции дважды начислили за воду, прошу перерасчёт.",
    "another town": "Железногорск, улица Черняховского, дом 3: нет холодной воды с утра",
    "another street": "улица Косухина, дом 3: нет холодной воды с утра",
    "thanks": "Спасибо водоканалу за быструю работу, {street}, дом 3: вода есть, напор отличный!",
    "a danger": "{street}, дом 3: нет воды, в подвале горит проводка, дым, люди задыхаются!",
}


def announced(system: System) -> dict[str, Any]:
    """The work; in force two seconds later at the latest."""
    now = datetime.now(UTC)
    work = {
        "region": "46",
        "title": "Отключение холодной воды",
        "kind": "outage",
        "topics": ["water-supply-mkd", "water-supply-private", "water-supply-izhs"],
        "municipality": KURSK,
        "streets": list(STREETS),
        "starts_at": (now - timedelta(minutes=10)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "organisation": system.agencies()[0].organisation_id,
        "notice": NOTICE,
    }
    made = system.account("coordinator").post("/api/v1/works", json=work)
    assert made.status_code == 201, made.text
    created: dict[str, Any] = made.json()
    return created


def posted(system: System, texts: list[str]) -> list[dict[str, Any]]:
    """Appeals as a portal sends many, in order."""
    lines = [{"text": text, "region": "46", "external_id": str(uuid4())} for text in texts]
    answer = system.account("portal").post(
        "/api/v1/appeals/batch",
        content=b"\n".join(map(orjson.dumps, lines)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    receipts = [orjson.loads(line) for line in answer.text.splitlines()]
    assert {receipt["status"] for receipt in receipts} == {201}
    return sorted(receipts, key=lambda receipt: int(receipt["line"]))


def test_a_cut_answers_two_hundred_and_nobody_else(system: System) -> None:
    """While routing dies in the middle of it: everybody has one answer."""
    work = announced(system)
    asked = [
        TEXTS[n % len(TEXTS)].format(street=STREETS[n % 3 == 0], house=n // len(TEXTS) + 1)
        for n in range(200)
    ]
    others = posted(system, [text.format(street=STREETS[0]) for text in OTHERS.values()])
    receipts = posted(system, asked)
    coordinator = system.account("coordinator")

    def answered() -> int:
        shown = coordinator.get(f"/api/v1/works/{work['id']}")
        return int(shown.json()["answered"]) if shown.status_code == 200 else 0

    until(answered, 60)
    system.kill("routing")
    until(lambda: answered() == len(asked), 60)
    for receipt in receipts:
        code = receipt["tracking_code"]
        seen = until(lambda code=code: (page := tracked(system, code))["answers"] and page, 60)
        (answer,) = seen["answers"]
        assert seen["status"] == "answered"
        assert answer["text"] == NOTICE.format(number=receipt["number"])
        assert answer["outcome"] == "explained"
    for name, receipt in zip(OTHERS, others, strict=True):
        assert tracked(system, receipt["tracking_code"])["answers"] == [], name
    gathered = coordinator.get("/api/v1/incidents", params={"region": "46", "status": "confirmed"}).json()
    (own,) = (each for each in gathered["items"] if each["work_id"] == work["id"])
    assert own["appeals"] == len(asked)
    ended = coordinator.request("DELETE", f"/api/v1/works/{work['id']}", headers={"If-Match": "1"})
    assert ended.status_code == 204, ended.text
