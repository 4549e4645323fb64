"""Steps of journeys: what a portal, a citizen, a body and a coordinator do over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx2

from harness.system import Account, System

TEXT = (
    "На улице Карла Маркса у дома 12 огромная яма на проезжей части, машины бьют колёса. "
    "Меня зовут Мария Ивановна Петрова, телефон +7 910 555-12-34, почта petrova@example.ru."
)
PERSONAL = ("Петров", "555-12-34", "petrova@example.ru")


def until(check: Any, seconds: float = 60.0) -> Any:
    """The first truthy result."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
    return found


def while_it_goes_on(
    count: Callable[[], int], is_over: Callable[[int], bool], seconds: float = 280.0
) -> None:
    """Until `is_over` of the growing `count`, however long that takes; fails when it has not grown for `seconds`.

    Looking costs the system what it has to do, so there is a pause as long as each look.
    """
    most, since = -1, time.monotonic()
    while not is_over(found := count()):
        now = time.monotonic()
        if found > most:
            most, since = found, now
        assert now < since + seconds, f"no more than {most}, for {seconds} s"
        time.sleep(max(0.05, time.monotonic() - now))


# One path of each part: the document has them all as soon as every part has told of its own.
OF_EACH_PART = (
    "/api/v1/appeals",
    "/api/v1/queue",
    "/api/v1/policies",
    "/api/v1/analytics/summary",
    "/api/v1/clients",
)


def is_endless(operation: dict[str, Any]) -> bool:
    """Whether an operation answers with a stream of events, which nothing here can read to its end."""
    return "text/event-stream" in operation.get("responses", {}).get("200", {}).get("content", {})


def whole_document(system: System) -> dict[str, Any]:
    """The merged OpenAPI document, once no part is missing in it (a part that is slow joins it later)."""

    def document() -> dict[str, Any] | None:
        found: dict[str, Any] = system.http.get("/openapi.json").json()
        return found if all(path in found["paths"] for path in OF_EACH_PART) else None

    whole: dict[str, Any] = until(document, 60)
    return whole


def submitted(system: System, **changes: Any) -> dict[str, Any]:
    """A portal posts an appeal about a pothole, again where it is asked to; the answer of the POST.

    The pothole's topic is named: what others have judged and corrected before changes what is found without it.
    """
    body = {
        "text": TEXT,
        "region": "46",
        "external_id": str(uuid4()),
        "municipality": "38701000",
        "address": "г. Курск, ул. Карла Маркса, 12, кв. 7",
        "topic": "" if "text" in changes else pothole_topic(system),
        "applicant": {
            "name": "Петрова Мария Ивановна",
            "email": "petrova@example.ru",
            "phone": "+79105551234",
        },
        **changes,
    }
    if not body["topic"]:
        body.pop("topic")
    portal = system.account("portal")
    answer = until(lambda: _unless_unavailable(portal.post("/api/v1/appeals", json=body)), 60)
    assert answer.status_code in (200, 201), answer.text
    created: dict[str, Any] = answer.json()
    return created


def _unless_unavailable(answer: httpx2.Response) -> httpx2.Response | None:
    """None where it says to repeat the request."""
    return None if answer.status_code == 503 else answer


def pothole_topic(system: System) -> str:
    """The code of the demo's most frequent topic."""
    topics = (
        system.account("coordinator").get("/api/v1/topics", params={"region": "46", "limit": 1000}).json()
    )
    return next(
        str(topic["code"])
        for topic in topics["items"]
        if topic["name"].startswith("Нарушение дорожного покрытия (ямы)  на дорогах в границах")
    )


def tracked(system: System, code: str) -> dict[str, Any]:
    """What the citizen sees."""
    answer = system.http.get(f"/api/v1/track/{code}")
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


def holder(system: System, appeal_id: str) -> Account:
    """The agency whose queue the appeal is in."""

    def assignment() -> Any:
        answer = system.account("coordinator").get(f"/api/v1/appeals/{appeal_id}/deadlines")
        items = answer.json()["items"] if answer.status_code == 200 else []
        return next(
            (item["assignment_id"] for item in items if item["clock"] == "answer" and item["assignment_id"]),
            None,
        )

    assignment_id = until(assignment)
    seen = system.account("coordinator").get(f"/api/v1/assignments/{assignment_id}").json()
    return system.agency(seen["organisation"]["id"])


def opened(agency: Account, appeal_id: str, purpose: str) -> dict[str, Any]:
    """The agency opens the original; whose it is reaches intake a moment after the appeal stands in the queue."""

    def original() -> Any:
        answer = agency.post(f"/api/v1/appeals/{appeal_id}/original", json={"purpose": purpose})
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.status_code == 200 else None

    found: dict[str, Any] = until(original)
    return found


def claimed(agency: Account, appeal_id: str) -> dict[str, Any]:
    """The agency takes this appeal's assignment out of its queue."""

    def claim() -> Any:
        answer = agency.post("/api/v1/queue/claim", json={"limit": 100, "lease_seconds": 120})
        assert answer.status_code == 200, answer.text
        return next((item for item in answer.json()["items"] if item["appeal_id"] == appeal_id), None)

    item: dict[str, Any] = until(claim)
    return item


def act(agency: Account, item: dict[str, Any], verb: str, **body: Any) -> dict[str, Any]:
    """One queue action with version and lease."""
    answer = agency.post(
        f"/api/v1/assignments/{item['id']}/{verb}",
        json={"lease_token": item.get("lease_token"), **body},
        headers={"If-Match": str(item["version"]), "Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def summary(system: System) -> dict[str, Any]:
    """The region's figures."""
    answer = system.account("analyst").get("/api/v1/analytics/summary", params={"region": "46"})
    assert answer.status_code == 200, answer.text
    figures: dict[str, Any] = answer.json()
    return figures
