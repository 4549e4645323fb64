"""The things that are foreign to everybody in the matrix: all of region 59, made once through the public API.

Two bodies and two portals share the region, so that a neighbour of the same region is a stranger as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from harness.system import Account, System, drained
from tests.journeys.foreign.things import (
    AWAY,
    CANARY,
    SECRET,
    announced,
    client,
    hired,
    hooked,
    make_decision,
    make_incident,
    make_problem,
    make_widget,
    queued,
    watched,
)
from tests.journeys.steps import act, until

MUNICIPALITY = "57701000"
Values = dict[str, str]


@dataclass
class Region59:
    """Accounts and objects of the foreign region."""

    system: System
    accounts: dict[str, Account] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    redirected: Values = field(default_factory=dict)
    succeeding: Values = field(default_factory=dict)
    executors: Values = field(default_factory=dict)
    moderated: str = ""

    def versions(self) -> dict[str, str]:
        """The versions that stand now, by id."""
        admin, executor = self.accounts["admin"], self.accounts["executor"]
        former = self.accounts["coordinator"]
        region = {"region": AWAY, "limit": 1000}
        found = [
            *(
                executor.get(f"/api/v1/assignments/{v['assignment']}").json()
                for v in (self.values, self.succeeding)
            ),
            former.get(f"/api/v1/assignments/{self.redirected['assignment']}").json(),
            *admin.get("/api/v1/organisations", params=region).json()["items"],
            *admin.get("/api/v1/rules", params=region).json()["items"],
            *admin.get("/api/v1/service-areas", params=region).json()["items"],
            *admin.get("/api/v1/policies", params={"region": AWAY}).json()["items"],
            *admin.get("/api/v1/works", params=region).json()["items"],
            *admin.get("/api/v1/channels", params=region).json()["items"],
            *admin.get("/api/v1/people", params=region).json()["items"],
        ]
        return {item["id"]: str(item["version"]) for item in found}

    def snapshot(self) -> dict[str, str]:
        """Everything there as its owners read it."""
        portal, executor = self.accounts["portal"], self.accounts["executor"]
        coordinator, admin = self.accounts["coordinator"], self.accounts["admin"]
        appeals = (self.values["appeal"], self.redirected["appeal"], self.moderated)
        region = {"region": AWAY, "limit": 1000}
        asked: list[tuple[Account, str, dict[str, Any]]] = [
            *((coordinator, f"/api/v1/appeals/{appeal}{part}", {}) for appeal in appeals for part in _PARTS),
            *((portal, f"/api/v1/answers/{v['answer']}", {}) for v in (self.values, self.redirected)),
            *(
                (executor, f"/api/v1/assignments/{v['assignment']}", {})
                for v in (self.values, self.succeeding)
            ),
            (coordinator, f"/api/v1/assignments/{self.redirected['assignment']}", {}),
            (executor, "/api/v1/queue", {"limit": 1000}),
            (executor, "/api/v1/templates", {}),
            (executor, f"/api/v1/webhooks/{self.executors['webhook']}", {}),
            (portal, f"/api/v1/webhooks/{self.values['webhook']}", {}),
            *((coordinator, f"/api/v1/{name}", region) for name in ("extensions", "moderation", "triage")),
            *(
                (admin, f"/api/v1/{name}", region)
                for name in (
                    "organisations",
                    "rules",
                    "service-areas",
                    "topics",
                    "works",
                    "widgets",
                    "channels",
                )
            ),
            (coordinator, f"/api/v1/receptions/{self.values['reception']}", {}),
            (executor, "/api/v1/incidents", {}),
            (coordinator, f"/api/v1/incidents/{self.values['incident']}/appeals", {}),
            (coordinator, f"/api/v1/incidents/{self.values['incident']}", {}),
            (coordinator, f"/api/v1/appeals/{self.values['appeal']}/assignments", {}),
            (coordinator, "/api/v1/analytics/problems", region),
            (admin, f"/api/v1/reference/{AWAY}", {}),
            (admin, f"/api/v1/reference/{AWAY}/changes", {"limit": 1000}),
            (admin, "/api/v1/policies", {"region": AWAY}),
            (admin, "/api/v1/people", region),
            (admin, f"/api/v1/calendars/{AWAY}", {}),
            *((admin, f"/api/v1/settings/{AWAY}/{name}", {}) for name in ("intake", "routing", "sla")),
            (admin, f"/api/v1/imports/{self.values['import']}", {}),
            (admin, "/api/v1/clients", {"limit": 1000}),
        ]
        answers = {path: account.get(path, params=params) for account, path, params in asked}
        assert {answer.status_code for answer in answers.values()} == {200}
        mine = answers.pop("/api/v1/clients").json()["items"]
        kept = {path: answer.text for path, answer in answers.items()}
        return {**kept, "clients": repr([client for client in mine if client["regions"] == [AWAY]])}


_PARTS = ("", "/history", "/outline", "/deadlines")


def make_region(system: System) -> Region59:
    """Fill region 59 and wait until all services have heard of everything."""
    region = Region59(system)
    _load_reference(region)
    _write_appeals(region)
    _work(region)
    until(lambda: drained(system), 60)
    # What it is about has to be known to analytics by now.
    coordinator = region.accounts["coordinator"]
    region.values["decision"] = make_decision(coordinator, AWAY, "t-one", f"{CANARY} {SECRET}")
    return region


def _load_reference(region: Region59) -> None:
    admin = region.system.account("admin")
    bodies = [{"code": code, "name": f"{CANARY} {code}", "kind": "municipal"} for code in ("one", "two")]
    reference = {
        "groups": [{"code": "g-59", "name": f"{CANARY} группа"}],
        "topics": [
            {"code": f"t-{code}", "name": f"{CANARY} {code}", "group": "g-59"} for code in ("one", "two")
        ],
        "organisations": bodies,
        "municipalities": [{"oktmo": MUNICIPALITY, "name": f"{CANARY} город", "stems": [CANARY.lower()]}],
        "rules": [{"topic": f"t-{code}", "organisation": code, "comment": CANARY} for code in ("one", "two")],
        "service_areas": [
            {"service": "heat", "organisation": code, "municipality": MUNICIPALITY, "street": CANARY}
            for code in ("one", "two")
        ],
    }
    loaded = admin.request("PUT", f"/api/v1/reference/{AWAY}", json=reference)
    assert loaded.status_code == 200, loaded.text
    ids = loaded.json()["organisations"]
    policy = {
        "region": AWAY,
        "regime": "message",
        "clock": "answer",
        "term": {"days": 9, "unit": "calendar_day"},
    }
    added = admin.post("/api/v1/policies", json={**policy, "name": CANARY, "case": "special"})
    rules = admin.get("/api/v1/rules", params={"region": AWAY}).json()["items"]
    areas = admin.get("/api/v1/service-areas", params={"region": AWAY}).json()["items"]
    own = next(area for area in areas if area["organisation"]["id"] == ids["one"])
    region.accounts |= {
        **{role: client(region.system, role, AWAY) for role in ("portal", "coordinator", "admin")},
        "neighbour portal": client(region.system, "portal", AWAY),
        "executor": client(region.system, "agency", AWAY, ids["one"]),
        "neighbour body": client(region.system, "agency", AWAY, ids["two"]),
    }
    region.values |= {
        "region": AWAY,
        "organisation": ids["one"],
        "figures": ids["one"],
        "topic": "t-one",
        "group": "g-59",
        "municipality": MUNICIPALITY,
        "policy": added.json()["id"],
        "rule": rules[0]["id"],
        "service_area": own["id"],
        "client": region.accounts["portal"].client_id,
        "template": _template(region.accounts["executor"]),
        "work": announced(region.accounts["executor"], AWAY, "t-one", f"{CANARY} {SECRET}"),
        "widget": make_widget(admin, AWAY, CANARY),
        "channel": watched(region.accounts["admin"], AWAY, f"{CANARY} {SECRET}"),
        "account": hired(admin, AWAY, CANARY),
        "webhook": hooked(region.accounts["portal"], "appeal.*"),
    }
    region.executors["webhook"] = hooked(region.accounts["executor"], "assignment.*")


def _template(executor: Account) -> str:
    """One of an organisation's own."""
    template = {"region": AWAY, "name": CANARY, "text": SECRET}
    made = executor.post("/api/v1/templates", json=template)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _write_appeals(region: Region59) -> None:
    """One for each body; one that a moderator has to look at."""
    path, settings = f"/api/v1/settings/{AWAY}/intake", {"reopen_days": 30, "moderated_channels": ["vk"]}
    admin = region.accounts["admin"]
    put = admin.request(
        "PUT", path, json=settings, headers={"If-Match": str(admin.get(path).json()["version"])}
    )
    assert put.status_code == 200, put.text
    region.values["appeal"] = post(region, "t-one")["id"]
    region.redirected["appeal"] = region.succeeding["appeal"] = post(region, "t-two")["id"]
    region.moderated = post(region, "t-one", channel="vk")["id"]
    region.values["import"] = _take_over(region)
    region.values["reception"] = _reception(region)


def _take_over(region: Region59) -> str:
    """A past case, which is still open; the name of its import."""
    received = datetime.now(UTC) - timedelta(days=9)
    case = {"text": SECRET, "region": AWAY, "topic": "t-one", "external_id": str(uuid4())}
    taken = region.accounts["admin"].post(
        "/api/v1/imports",
        json={**case, "received_at": received.isoformat()},
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert taken.json()["status"] == 201, taken.text
    return taken.headers["X-Import-ID"]


def _reception(region: Region59) -> str:
    """One that a question was asked at."""
    held_on = (datetime.now(UTC) - timedelta(days=9)).date().isoformat()
    body = {"region": AWAY, "held_on": held_on, "place": SECRET, "official": CANARY}
    made = region.accounts["coordinator"].post("/api/v1/receptions", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def post(region: Region59, topic: str, text: str = SECRET, **more: str) -> dict[str, Any]:
    """An appeal there, as its portal sends it."""
    body = {"text": f"{text} на дороге", "region": AWAY, "topic": topic, "external_id": str(uuid4()), **more}
    made = region.accounts["portal"].post("/api/v1/appeals", json=body)
    assert made.status_code == 201, made.text
    created: dict[str, Any] = made.json()
    return created


def _work(region: Region59) -> None:
    """What bodies do: one has an answered, delayed, documented question, the other has sent its own away."""
    executor, neighbour = region.accounts["executor"], region.accounts["neighbour body"]
    item = act(executor, queued(executor, region.values["appeal"]), "accept")
    item = act(executor, item, "interim", text=f"{SECRET}: разбираемся")
    act(executor, item, "request-documents", addressee="Росреестр", what=SECRET)
    act(executor, item, "request-extension", days=5, reason=SECRET)
    details = executor.get(f"/api/v1/assignments/{item['id']}").json()
    region.values |= {
        "assignment": item["id"],
        "answer": details["answers"][0]["id"],
        "request": details["document_requests"][0]["id"],
        "extension": until(lambda: _extension(region)),
        "incident": make_incident(region.system, AWAY, region.values["organisation"]),
        "problem": make_problem(region.system, AWAY),
    }
    sent = act(
        neighbour,
        queued(neighbour, region.redirected["appeal"]),
        "redirect",
        reason_code="not_competent",
        comment=SECRET,
        suggested_organisation=region.values["organisation"],
    )
    next_one = queued(executor, region.redirected["appeal"])
    act(executor, next_one, "answer", text=f"{SECRET}: сделано", outcome="solved")
    answer = executor.get(f"/api/v1/assignments/{next_one['id']}").json()["answers"][0]["id"]
    region.redirected |= {"assignment": sent["id"], "answer": answer}
    region.succeeding |= {"assignment": next_one["id"], "answer": answer}


def _extension(region: Region59) -> str:
    items = region.accounts["coordinator"].get("/api/v1/extensions").json()["items"]
    return str(items[0]["id"]) if items else ""
