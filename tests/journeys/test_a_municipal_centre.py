"""A municipal centre sees what lies in its municipalities, in every service, and nothing beside it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.system import Account, System
from tests.journeys.steps import submitted, until

KURSK = "38701000"
DISTRICT = "38610000"  # Золотухинский район
SETTLEMENT = "38610412"  # inside it
UNKNOWN_PLACE = {"municipality": None, "address": None}
NO_ONES_TEXT = "Прошу рассмотреть вопрос о графике работы регистратуры поликлиники."


def made(system: System, role: str, municipality: str) -> Account:
    """A client of this municipality's centre."""
    body = {"name": f"МЦУ {municipality}", "role": role, "regions": ["46"], "municipalities": [municipality]}
    answer = system.account("admin").post("/api/v1/clients", json=body)
    assert answer.status_code == 201, answer.text
    return Account(system, answer.json()["client_id"], answer.json()["client_secret"])


def assignments_of(system: System, appeal_id: str) -> list[str]:
    """Its assignments, by the deadlines of their own."""
    answer = system.account("coordinator").get(f"/api/v1/appeals/{appeal_id}/deadlines")
    items = answer.json()["items"] if answer.status_code == 200 else []
    return sorted({item["assignment_id"] for item in items if item["assignment_id"]})


@pytest.fixture(scope="module")
def appeals(system: System) -> dict[str, str]:
    """An appeal of the city, of the district, of a settlement in it, and of nowhere; all have been routed and dated."""
    places: dict[str, dict[str, Any]] = {
        "city": {"municipality": KURSK},
        "district": {"municipality": DISTRICT, "address": None},
        "settlement": {"municipality": SETTLEMENT, "address": None},
        "nowhere": {**UNKNOWN_PLACE, "text": NO_ONES_TEXT},
    }
    ids = {name: submitted(system, **changes)["id"] for name, changes in places.items()}
    for appeal_id in ids.values():
        until(lambda appeal_id=appeal_id: assignments_of(system, appeal_id))
    return ids


def found_by(account: Account, appeals: dict[str, str], path: str) -> set[str]:
    """Which of the appeals the account may read under the path."""
    statuses = {name: account.get(path.format(id=appeal)).status_code for name, appeal in appeals.items()}
    assert set(statuses.values()) <= {200, 404}, statuses
    return {name for name, status in statuses.items() if status == 200}


@pytest.mark.parametrize(
    "path", ["/api/v1/appeals/{id}", "/api/v1/appeals/{id}/history", "/api/v1/appeals/{id}/deadlines"]
)
def test_appeals_histories_and_deadlines_are_its_own(
    system: System, appeals: dict[str, str], path: str
) -> None:
    assert found_by(system.account("coordinator"), appeals, path) == set(appeals)
    assert found_by(made(system, "coordinator", DISTRICT), appeals, path) == {"district", "settlement"}
    assert found_by(made(system, "coordinator", SETTLEMENT), appeals, path) == {"settlement"}


def test_originals_are_opened_by_their_own_centre_only(system: System, appeals: dict[str, str]) -> None:
    district = made(system, "coordinator", DISTRICT)
    opened = {
        name: district.post(f"/api/v1/appeals/{appeal}/original", json={"purpose": "Проверка"}).status_code
        for name, appeal in appeals.items()
    }
    assert opened == {"city": 404, "district": 200, "settlement": 200, "nowhere": 404}


def test_lists_hold_its_own_and_searching_finds_no_others(system: System, appeals: dict[str, str]) -> None:
    district = made(system, "coordinator", DISTRICT)
    for parameters in ({"region": "46"}, {"region": "46", "q": "яма"}):
        listed = {item["id"] for item in district.get("/api/v1/appeals", params=parameters).json()["items"]}
        assert listed & set(appeals.values()) == {appeals["district"], appeals["settlement"]}
    waiting = district.get("/api/v1/triage", params={"region": "46", "limit": 1000}).json()["items"]
    assert {item["municipality"] for item in waiting} <= {DISTRICT, SETTLEMENT}
    late = district.get("/api/v1/deadlines", params={"region": "46", "limit": 1000})
    assert late.status_code == 200, late.text
    assert appeals["city"] not in {item["appeal_id"] for item in late.json()["items"]}


def test_it_acts_on_its_own_assignments_and_knows_of_no_others(
    system: System, appeals: dict[str, str]
) -> None:
    district = made(system, "coordinator", DISTRICT)
    (own,), (other,) = (assignments_of(system, appeals[name]) for name in ("district", "city"))
    topic = (
        system.account("coordinator")
        .get("/api/v1/topics", params={"region": "46"})
        .json()["items"][0]["code"]
    )

    def correct(assignment_id: str) -> Any:
        seen = system.account("coordinator").get(f"/api/v1/assignments/{assignment_id}").json()
        return district.post(
            f"/api/v1/assignments/{assignment_id}/correct",
            json={"topic": topic},
            headers={"If-Match": str(seen["version"])},
        )

    assert correct(other).status_code == 404
    assert district.get(f"/api/v1/assignments/{other}").status_code == 404
    corrected = correct(own)
    assert corrected.status_code == 200, corrected.text
    history = f"/api/v1/appeals/{appeals['district']}/history"
    until(lambda: "corrected" in {entry["kind"] for entry in district.get(history).json()["items"]})


def test_its_figures_are_those_of_its_municipalities(system: System, appeals: dict[str, str]) -> None:
    whole = {"region": "46"}
    district, analyst = made(system, "analyst", DISTRICT), system.account("analyst")

    def counted(account: Account, **filters: str) -> int:
        answer = account.get("/api/v1/analytics/summary", params={**whole, **filters})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["received"])

    def own() -> int:
        return sum(counted(analyst, municipality=each) for each in (DISTRICT, SETTLEMENT))

    # Figures follow a moment after the deadlines; others' appeals may be among them, and come between two questions.
    until(lambda: own() >= 2 and counted(district) == own())
    assert counted(district, municipality=KURSK) == 0
    assert counted(analyst) > counted(district)


def test_a_scope_of_municipalities_is_not_widened_by_asking(system: System) -> None:
    body = {"name": "Чужой", "role": "agency", "regions": ["46"], "municipalities": [DISTRICT]}
    assert system.account("admin").post("/api/v1/clients", json=body).status_code == 422
    body |= {"role": "coordinator", "regions": ["*"]}
    assert system.account("admin").post("/api/v1/clients", json=body).status_code == 422
    body |= {"regions": ["46"], "municipalities": ["38"]}
    assert system.account("admin").post("/api/v1/clients", json=body).status_code == 422
