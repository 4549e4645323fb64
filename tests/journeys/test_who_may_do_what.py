"""Roles and scope for every route, generated from the OpenAPI document the system itself publishes."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from harness.system import Account, System
from tests.journeys.steps import holder, pothole_topic, submitted, whole_document

ROLES = ("portal", "agency", "coordinator", "analyst", "federal", "admin")
ALWAYS_PRESENT = {"get", "post", "put", "patch", "delete"}


def operations(system: System) -> list[tuple[str, str, dict[str, Any]]]:
    """(method, path, operation) of the merged document."""
    document = whole_document(system)
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in ALWAYS_PRESENT
    ]


def filled(path: str, **known: str) -> str:
    """A path with its parameters filled in."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        return known.get(name) or {"region": "46", "service": "intake", "tracking_code": "NOSUCHCODE"}.get(
            name, str(uuid4())
        )

    return re.sub(r"{(\w+)}", value, path)


def account_of(system: System, role: str) -> Account:
    """An account with a role."""
    return system.agencies()[0] if role == "agency" else system.account(role)


def test_there_are_operations_and_roles(system: System) -> None:
    """The generated tests below must not be empty."""
    with_roles = [operation for _, _, operation in operations(system) if "x-roles" in operation]
    assert len(operations(system)) > 40
    assert len(with_roles) > 35


def test_without_a_token_only_the_open_routes_answer(system: System) -> None:
    """401 everywhere else."""
    for method, path, operation in operations(system):
        answer = system.http.request(method.upper(), filled(path), json={} if method != "get" else None)
        if "x-roles" in operation:
            assert answer.status_code == 401, (method, path, answer.status_code)
            assert answer.headers["content-type"].startswith("application/problem+json")
        else:
            assert answer.status_code != 401 or path == "/oauth/token", (method, path)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_not_admitted_gets_403(system: System, role: str) -> None:
    """For every operation, from its own declaration."""
    account = account_of(system, role)
    for method, path, operation in operations(system):
        admitted = operation.get("x-roles")
        if admitted is None or role in admitted:
            continue
        answer = account.request(method.upper(), filled(path), json={})
        assert answer.status_code == 403, (role, method, path, answer.status_code, answer.text)


# Who is meant to do what, written down independently of the code: route → roles (admin always may).
TABLE = {
    ("post", "/api/v1/appeals"): {"portal", "coordinator"},
    ("post", "/api/v1/appeals/batch"): {"portal", "coordinator"},
    ("get", "/api/v1/appeals/changes"): {"portal", "coordinator"},
    ("post", "/api/v1/attachments"): {"portal", "agency"},
    ("get", "/api/v1/attachments/{}"): {"portal", "agency", "coordinator"},
    ("post", "/api/v1/appeals/{}/original"): {"agency", "coordinator"},
    ("post", "/api/v1/appeals/{}/source"): {"agency", "coordinator"},
    ("get", "/api/v1/channels"): {"coordinator"},
    ("get", "/api/v1/channels/{}"): {"coordinator"},
    ("post", "/api/v1/channels"): set(),
    ("put", "/api/v1/channels/{}"): set(),
    ("delete", "/api/v1/channels/{}"): set(),
    ("post", "/api/v1/queue/claim"): {"agency"},
    ("get", "/api/v1/queue"): {"agency"},
    ("get", "/api/v1/queue/counts"): {"agency"},
    ("post", "/api/v1/assignments/{}/answer"): {"agency"},
    ("post", "/api/v1/assignments/{}/accept"): {"agency"},
    ("post", "/api/v1/assignments/{}/external-ref"): {"agency"},
    ("post", "/api/v1/assignments/{}/assign"): {"agency"},
    ("post", "/api/v1/assignments/bulk"): {"agency", "coordinator"},
    ("post", "/api/v1/queue/hand-over"): {"agency"},
    ("post", "/api/v1/moderation/decisions"): {"coordinator"},
    ("get", "/api/v1/triage"): {"coordinator"},
    ("get", "/api/v1/triage/waiting"): {"coordinator"},
    ("get", "/api/v1/unaccepted"): {"coordinator"},
    ("get", "/api/v1/appeals/{}/assignments"): {"coordinator"},
    ("post", "/api/v1/assignments/{}/correct"): {"coordinator"},
    ("get", "/api/v1/models"): {"coordinator"},
    ("post", "/api/v1/models"): set(),
    ("post", "/api/v1/models/{}/promote"): set(),
    ("post", "/api/v1/models/{}/rollback"): set(),
    ("get", "/api/v1/audits"): {"coordinator"},
    ("post", "/api/v1/audits/{}"): {"coordinator"},
    ("get", "/api/v1/settlements"): {"portal", "agency", "coordinator", "analyst", "federal"},
    ("get", "/api/v1/topics/proposals"): {"coordinator"},
    ("post", "/api/v1/topics/proposals/{}"): {"coordinator"},
    ("get", "/api/v1/reference/{}"): set(),
    ("post", "/api/v1/answers/check"): {"agency", "coordinator"},
    ("get", "/api/v1/answers/quality"): {"agency", "coordinator"},
    ("get", "/api/v1/reviews"): {"coordinator"},
    ("post", "/api/v1/answers/{}/review"): {"coordinator"},
    ("post", "/api/v1/answers/{}/sign"): {"agency"},
    ("get", "/api/v1/assignments/{}/similar"): {"agency", "coordinator"},
    ("get", "/api/v1/templates"): {"agency", "coordinator"},
    ("post", "/api/v1/templates"): {"agency"},
    ("put", "/api/v1/templates/{}"): {"agency"},
    ("get", "/api/v1/incidents"): {"agency", "coordinator"},
    ("get", "/api/v1/incidents/{}"): {"agency", "coordinator"},
    ("get", "/api/v1/incidents/{}/appeals"): {"agency", "coordinator"},
    ("post", "/api/v1/incidents/{}/confirm"): {"coordinator"},
    ("post", "/api/v1/incidents/{}/split"): {"coordinator"},
    ("post", "/api/v1/incidents/{}/merge"): {"coordinator"},
    ("post", "/api/v1/incidents/{}/undo"): {"coordinator"},
    ("post", "/api/v1/incidents/{}/answer"): {"agency"},
    ("get", "/api/v1/analytics/finish"): {"agency", "coordinator", "analyst", "federal"},
    ("get", "/api/v1/analytics/forecasts"): {"coordinator", "analyst", "federal"},
    ("get", "/api/v1/analytics/problems"): {"coordinator", "analyst", "federal"},
    ("get", "/api/v1/analytics/problems/{}"): {"coordinator", "analyst", "federal"},
    ("get", "/api/v1/analytics/problems/{}/appeals"): {"coordinator", "analyst", "federal"},
    ("post", "/api/v1/analytics/problems/{}/state"): {"coordinator", "analyst"},
    ("get", "/api/v1/webhooks"): {"portal", "agency"},
    ("post", "/api/v1/webhooks"): {"portal", "agency"},
    ("get", "/api/v1/webhooks/{}"): {"portal", "agency"},
    ("delete", "/api/v1/webhooks/{}"): {"portal", "agency"},
    ("get", "/api/v1/webhooks/{}/deliveries"): {"portal", "agency"},
    ("post", "/api/v1/webhooks/{}/redeliver"): {"portal", "agency"},
    ("post", "/api/v1/webhooks/{}/secret"): {"portal", "agency"},
    ("post", "/api/v1/webhooks/{}/test"): {"portal", "agency"},
    ("get", "/api/v1/known"): set(),
    ("get", "/api/v1/public/summary"): set(),
    ("get", "/open311/v2/requests.{}"): set(),
    ("post", "/open311/v2/requests.{}"): set(),  # by api_key, and as GeoReport has it: 403
    ("get", "/api/v1/service-definitions/{}/{}"): set(),
    ("put", "/api/v1/service-definitions/{}/{}"): set(),
    ("get", "/api/v1/widget"): set(),
    ("post", "/api/v1/known/topics"): set(),
    ("get", "/api/v1/widget/{}"): set(),
    ("post", "/api/v1/widget/{}/appeals"): set(),
    ("get", "/api/v1/widgets"): set(),
    ("post", "/api/v1/widgets"): set(),
    ("put", "/api/v1/widgets/{}"): set(),
    ("delete", "/api/v1/widgets/{}"): set(),
    ("get", "/api/v1/public/map"): set(),
    ("get", "/api/v1/analytics/stream"): {"agency", "coordinator", "analyst", "federal"},
    ("post", "/api/v1/known/{}/enough"): set(),
    ("put", "/api/v1/reference/{}"): set(),
    ("get", "/api/v1/reference/{}/changes"): {"coordinator"},
    ("post", "/api/v1/rules"): set(),
    ("post", "/api/v1/rules/dry-run"): {"coordinator"},
    ("get", "/api/v1/service-areas"): {"agency", "coordinator"},
    ("post", "/api/v1/service-areas"): set(),
    ("put", "/api/v1/service-areas/{}"): set(),
    ("delete", "/api/v1/service-areas/{}"): set(),
    ("get", "/api/v1/receptions"): {"coordinator", "analyst"},
    ("post", "/api/v1/receptions"): {"coordinator"},
    ("get", "/api/v1/receptions/{}"): {"coordinator", "analyst"},
    ("get", "/api/v1/receptions/{}/appeals"): {"coordinator", "analyst"},
    ("get", "/api/v1/works"): {"agency", "coordinator"},
    ("get", "/api/v1/works/{}"): {"agency", "coordinator"},
    ("post", "/api/v1/works"): {"agency", "coordinator"},
    ("put", "/api/v1/works/{}"): {"agency", "coordinator"},
    ("delete", "/api/v1/works/{}"): {"agency", "coordinator"},
    ("get", "/api/v1/analytics/decisions"): {"coordinator", "analyst", "federal"},
    ("get", "/api/v1/analytics/decisions/{}"): {"coordinator", "analyst", "federal"},
    ("post", "/api/v1/analytics/decisions"): {"coordinator", "analyst"},
    ("patch", "/api/v1/analytics/decisions/{}"): {"coordinator", "analyst"},
    ("get", "/api/v1/analytics/situation"): {"coordinator", "analyst", "federal"},
    ("get", "/api/v1/deadlines/situation"): {"coordinator"},
    ("get", "/api/v1/operations"): set(),
    ("get", "/api/v1/appeals/{}/outline"): {"coordinator", "analyst", "federal"},
    ("get", "/api/v1/analytics/digest"): {"agency", "coordinator", "analyst", "federal"},
    ("get", "/api/v1/analytics/report"): {"agency", "coordinator", "analyst", "federal"},
    ("get", "/api/v1/clients"): set(),
    ("get", "/api/v1/people"): set(),
    ("post", "/api/v1/people"): set(),
    ("put", "/api/v1/people/{}"): set(),
    ("delete", "/api/v1/people/{}"): set(),
    ("post", "/api/v1/people/invitations"): set(),
    ("post", "/api/v1/people/reset"): set(),
    ("get", "/api/v1/people/names"): {"agency", "coordinator", "analyst", "federal"},
    ("get", "/api/v1/people/colleagues"): {"agency"},
    ("post", "/api/v1/sessions"): set(),
    ("post", "/api/v1/sessions/outside"): set(),
    ("post", "/api/v1/sessions/refresh"): set(),
    ("delete", "/api/v1/sessions"): {"portal", "agency", "coordinator", "analyst", "federal"},
    ("post", "/api/v1/clients"): set(),
    ("post", "/api/v1/policies"): set(),
}


def test_the_declared_roles_are_those_of_the_contract(system: System) -> None:
    """A coordinator can never sign an answer; settings are the admin's; and so on."""
    declared = {
        (method, re.sub(r"{\w+}", "{}", path)): set(operation.get("x-roles", [])) - {"admin"}
        for method, path, operation in operations(system)
    }
    for key, roles in TABLE.items():
        assert declared[key] == roles, key


def test_another_region_is_out_of_reach(system: System) -> None:
    """Everybody bound to region 46 gets 403 for region 59."""
    for role in ("portal", "coordinator", "analyst", "agency"):
        account = account_of(system, role)
        for method, path, operation in operations(system):
            if method != "get" or role not in operation.get("x-roles", []):
                continue
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            if "region" not in names:
                continue
            target = filled(path, region="59")
            answer = account.get(target, params={} if "{region}" in path else {"region": "59"})
            assert answer.status_code in (403, 404), (role, path, answer.status_code, answer.text)
    body = {"text": "Яма", "region": "59"}
    assert system.account("portal").post("/api/v1/appeals", json=body).status_code == 403


def test_another_agencys_and_another_portals_things_do_not_exist(system: System) -> None:
    """404, not 403: not even the existence is told."""
    appeal = submitted(system, topic=pothole_topic(system))
    owner = holder(system, appeal["id"])
    stranger = next(a for a in system.agencies() if a.organisation_id != owner.organisation_id)
    items = owner.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
    mine = next(item for item in items if item["appeal_id"] == appeal["id"])
    assert owner.get(f"/api/v1/assignments/{mine['id']}").status_code == 200
    assert stranger.get(f"/api/v1/assignments/{mine['id']}").status_code == 404
    assert stranger.get(f"/api/v1/appeals/{appeal['id']}").status_code == 404
    assert stranger.get(f"/api/v1/appeals/{appeal['id']}/history").status_code == 404
    assert stranger.get(f"/api/v1/appeals/{appeal['id']}/deadlines").status_code == 404
    bodies: dict[str, dict[str, Any]] = {
        "accept": {},
        "release": {},
        "extend-lease": {"lease_seconds": 60},
        "redirect": {"reason_code": "not_competent", "comment": "x"},
        "interim": {"text": "x"},
        "answer": {"text": "x", "outcome": "solved"},
        "clarify": {"question": "x"},
        "resume": {},
        "request-extension": {"days": 5, "reason": "x"},
        "external-ref": {"external_ref": "x"},
        "assign": {"person": str(uuid4())},
    }
    for verb, body in bodies.items():
        answer = stranger.post(
            f"/api/v1/assignments/{mine['id']}/{verb}", json=body, headers={"If-Match": str(mine["version"])}
        )
        assert answer.status_code == 404, (verb, answer.status_code, answer.text)

    created = system.account("admin").post(
        "/api/v1/clients", json={"name": "Другой портал", "role": "portal", "regions": ["46"]}
    )
    assert created.status_code == 201, created.text
    other = Account(system, created.json()["client_id"], created.json()["client_secret"])
    assert other.get(f"/api/v1/appeals/{appeal['id']}").status_code == 404
    assert other.get("/api/v1/appeals").json()["items"] == []
