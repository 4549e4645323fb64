"""Canaries in every field that a citizen or an official can fill: found nowhere but where the fields were written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from harness.clear import connect_to, in_clear
from harness.system import System
from infra.local.paths import Home
from tests.journeys.steps import act, claimed, holder, opened, pothole_topic, submitted, tracked, until

SURNAME, PHONE, MAIL = (
    f"Кенар{uuid4().hex[:6].translate(str.maketrans('0123456789abcdef', 'абвгдежзиклмнопр'))}ов",
    "+7 913 700-41-52",
    f"c{uuid4().hex[:8]}@canary.example",
)
CANARY = f"Говорил {SURNAME} Пётр Ильич (кв. 413), тел. 8 913 700 41 52, {MAIL.upper()}"
TRACES = (SURNAME, "700-41-52", "700 41 52", "кв. 413", MAIL, MAIL.upper())
SCHEMAS = ("intake", "routing", "sla", "analytics", "gateway")


def sent_in(system: System, **changes: Any) -> dict[str, Any]:
    """An appeal with a canary in each of its fields."""
    return submitted(
        system,
        text=f"Яма на дороге. Меня зовут {SURNAME} Пётр Ильич, тел. {PHONE}, {MAIL}",
        address="г. Курск, ул. Карла Маркса, д. 12, кв. 413",
        applicant={"name": f"{SURNAME} Пётр Ильич", "phone": PHONE, "email": MAIL},
        **({"topic": pothole_topic(system)} | changes),
    )


@contextmanager
def moderated(system: System, channel: str) -> Iterator[None]:
    """A channel of the region waits for moderators."""
    admin, path = system.account("admin"), "/api/v1/settings/46/intake"

    def put(channels: list[str]) -> None:
        seen = admin.get(path).json()
        body = {"reopen_days": seen["reopen_days"], "moderated_channels": channels}
        answer = admin.request("PUT", path, json=body, headers={"If-Match": str(seen["version"])})
        assert answer.status_code == 200, answer.text

    put([channel])
    yield
    put([])


@pytest.fixture(scope="module")
def codes(system: System) -> list[str]:
    """Everything officials and the citizen can write, written; the tracking codes."""
    coordinator = system.account("coordinator")
    first = sent_in(system)
    agency = holder(system, first["id"])
    item = claimed(agency, first["id"])
    opened(agency, first["id"], CANARY)
    item |= act(agency, item, "accept")
    item |= act(agency, item, "interim", text=CANARY)
    item |= act(agency, item, "clarify", question=CANARY)
    until(lambda: tracked(system, first["tracking_code"])["may_clarify"])
    track = f"/api/v1/track/{first['tracking_code']}"
    assert system.http.post(f"{track}/clarification", json={"text": CANARY}).status_code in (200, 201)
    seen = f"/api/v1/assignments/{item['id']}"
    item |= until(lambda: (now := agency.get(seen).json())["status"] == "accepted" and now)
    act(agency, item, "request-documents", addressee=CANARY[:200], what=CANARY)
    act(agency, item, "request-extension", days=5, reason=CANARY)
    extension = until(lambda: _extension_of(coordinator, first["id"]))
    decision = {"decision": "approve", "reason": CANARY}
    decided = coordinator.post(f"/api/v1/extensions/{extension['id']}/decision", json=decision)
    assert decided.status_code in (200, 409), decided.text
    marked = coordinator.post(
        f"/api/v1/appeals/{first['id']}/deadlines/cases", json={"case": "special_outcome", "reason": CANARY}
    )
    assert marked.status_code == 200, marked.text
    item |= act(agency, item, "answer", text=CANARY, outcome="solved")
    _decide(coordinator, item, decision="return", reasons=[CANARY])
    item |= agency.get(seen).json()
    item |= act(agency, item, "answer", text=CANARY, outcome="solved")
    _decide(coordinator, item, decision="approve")
    until(lambda: tracked(system, first["tracking_code"])["may_rate"])
    rating = {"score": 5, "solved": True, "comment": CANARY}
    assert system.http.post(f"{track}/rating", json=rating).status_code in (200, 201)

    second = sent_in(system)
    sender = holder(system, second["id"])
    act(sender, claimed(sender, second["id"]), "redirect", reason_code="other", comment=CANARY)
    waiting = until(lambda: _in_triage(coordinator, second["id"]))
    corrected = coordinator.post(
        f"/api/v1/assignments/{waiting['id']}/correct",
        json={"organisation": sender.organisation_id, "reason": CANARY},
        headers={"If-Match": str(waiting["version"])},
    )
    assert corrected.status_code == 200, corrected.text
    forwarded = coordinator.post(
        f"/api/v1/appeals/{second['id']}/forward", json={"addressee": CANARY, "reason": CANARY}
    )
    assert forwarded.status_code == 200, forwarded.text

    with moderated(system, "widget"):
        third = sent_in(system, channel="widget")
        refusal = {"decision": "reject", "reason": CANARY}
        path = f"/api/v1/appeals/{third['id']}/moderation"
        rejected = until(
            lambda: (answer := coordinator.post(path, json=refusal)).status_code == 200 and answer
        )
        assert rejected.json()["status"] == "rejected"
    ends = {first["id"]: "answered", second["id"]: "closed", third["id"]: "rejected"}
    made = {each["id"]: each["tracking_code"] for each in (first, second, third)}
    for appeal_id, status in ends.items():
        until(lambda code=made[appeal_id], status=status: tracked(system, code)["status"] == status)
    _settle(system)
    return list(made.values())


def _decide(coordinator: Any, item: dict[str, Any], **body: Any) -> None:
    """What a check has found personal data in waits for a coordinator."""
    assert item["status"] == "in_review"
    waiting = coordinator.get("/api/v1/reviews", params={"limit": 1000}).json()["items"]
    answer = next(each for each in waiting if each["assignment_id"] == item["id"])
    match = {"If-Match": str(answer["version"])}
    decided = coordinator.post(f"/api/v1/answers/{answer['id']}/review", json=body, headers=match)
    assert decided.status_code == 200, decided.text


def _extension_of(coordinator: Any, appeal_id: str) -> Any:
    items = coordinator.get("/api/v1/extensions", params={"status": "pending", "limit": 1000}).json()["items"]
    return next((each for each in items if each["appeal_id"] == appeal_id and each["reason"]), None)


def _in_triage(coordinator: Any, appeal_id: str) -> Any:
    items = coordinator.get("/api/v1/triage", params={"limit": 1000}).json()["items"]
    return next((each for each in items if each["appeal_id"] == appeal_id), None)


def _settle(system: System) -> None:
    """Until everything that was said has been heard."""
    admin = system.account("admin")

    def is_quiet() -> bool:
        left = [admin.get(f"/api/v1/operations/{name}/backlog").json() for name in SCHEMAS[:-1]]
        return not any(each["outbox_pending"] or each["consumer_lag"] or each["unsaid"] for each in left)

    until(is_quiet, 40)


def test_no_table_holds_a_canary_in_clear(system: System, codes: list[str]) -> None:
    """Events (outboxes), histories, queues, clocks, figures, stored answers; the originals are sealed."""
    assert codes

    async def look() -> dict[str, list[str]]:
        connection = await connect_to(Home.at(system.home))
        try:
            return {
                f"{schema} {trace}": tables
                for schema in SCHEMAS
                for trace in TRACES
                if (tables := await in_clear(connection, schema, trace))
            }
        finally:
            await connection.close()

    assert asyncio.run(look()) == {}


def test_no_open_page_shows_a_canary(system: System, codes: list[str]) -> None:
    pages = [system.http.get(f"/api/v1/track/{code}").text for code in codes]
    assert sum("Говорил" in page for page in pages) == len(codes), "what was said is shown"
    assert [trace for trace in TRACES for page in pages if trace in page] == []


def read_files(*folders: Path) -> Iterator[tuple[Path, bytes]]:
    """All that lies there; what a running server has renamed meanwhile is found under its new name, or the next time."""
    for file in (each for folder in folders for each in folder.rglob("*")):
        with suppress(FileNotFoundError, IsADirectoryError):
            yield file, file.read_bytes()


def test_no_message_on_disk_and_no_log_holds_a_canary(system: System, codes: list[str]) -> None:
    """JetStream's files hold the messages as they were sent."""
    assert codes
    home = Home.at(system.home)
    contents = dict(read_files(home.nats, home.root / "log"))
    assert sum(map(len, contents.values())) > 100_000
    escaped = [trace.encode("ascii", "backslashreplace") for trace in TRACES]
    for file, content in contents.items():
        found = [trace for trace in (*escaped, *map(str.encode, TRACES)) if trace in content]
        assert found == [], file
