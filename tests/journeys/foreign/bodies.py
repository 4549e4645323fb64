"""A valid body for every operation that takes one, so that no 422 hides a hole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

Values = Mapping[str, str]

_TERM = {"days": 30, "unit": "calendar_day"}
_POLICY = {"regime": "message", "clock": "answer", "term": _TERM}
_ORGANISATION = {"name": "Орган", "kind": "municipal", "parent_id": None}


def channel_body(region: str, page: str, title: str = "Город") -> dict[str, Any]:
    """A page of VK to watch."""
    return {
        "network": "vk",
        "region": region,
        "page": {"id": page, "url": f"https://vk.com/club{page}", "title": title},
        "credentials": {"secret": "a_secret_of_this_page"},
    }


def body_of(operation: str, home: Values) -> Any:
    """The body of one call; what it names is within the caller's own reach.

    A dictionary goes as JSON, a list as one NDJSON line each.
    """
    bodies = _bodies(home)
    assert operation in bodies, f"{operation} has no valid body; add one in tests/journeys/foreign/bodies.py"
    return bodies[operation]


def _bodies(home: Values) -> dict[str, Any]:
    region, organisation = home["region"], home["organisation"]
    now = datetime.now(UTC)
    appeal = {"text": "Яма на дороге", "region": region}
    acts: dict[str, Any] = {
        "accept": {},
        "release": {},
        "extend-lease": {"lease_seconds": 60},
        "redirect": {"reason_code": "not_competent", "comment": "не наше"},
        "external-ref": {"external_ref": "ВХ-1"},
        "assign": {"person": str(uuid4())},
        "interim": {"text": "Разбираемся."},
        "answer": {"text": "Сделано.", "outcome": "solved"},
        "clarify": {"question": "Где именно?"},
        "resume": {},
        "correct": {"organisation": organisation},
        "request-extension": {"days": 5, "reason": "сложный вопрос"},
        "request-documents": {"addressee": "Росреестр", "what": "выписка"},
        "receive-documents": {"request_id": str(uuid4())},
    }
    served = {
        "organisation": organisation,
        "service": "water",
        "municipality": "38701000",
        "street": "ул. Ленина",
    }
    template = {"name": "Шаблон", "text": "По обращению {number}"}
    planned = {
        "title": "Плановые работы",
        "kind": "outage",
        "topics": [home.get("subject", "water")],
        "streets": ["ул. Ленина"],
        "starts_at": "2099-01-01T00:00:00Z",
        "ends_at": "2099-01-02T00:00:00Z",
        "organisation": organisation,
        "notice": "Воды не будет.",
    }
    person = {"name": "Имя", "role": "agency", "regions": [region], "organisation_id": organisation}
    rung = {"level": 1, "kind": "breach", "whom": "head"}
    return {
        **{f"POST /api/v1/assignments/{{assignment_id}}/{act}": body for act, body in acts.items()},
        "POST /api/v1/assignments/bulk": {
            "action": "redirect",
            "reason_code": "not_competent",
            "items": [{"id": home.get("assignment", str(uuid4())), "version": 0}],  # stale: not used up
        },
        "POST /api/v1/queue/hand-over": {"from": str(uuid4()), "to": str(uuid4())},
        "POST /api/v1/analytics/problems/{problem_id}/state": {"state": "dismissed", "reason": "праздник"},
        "POST /api/v1/analytics/decisions": {
            "region": region,
            "title": "Решение",
            "owner": "Мэрия",
            "topic": home.get("subject", "roads"),
        },
        "PATCH /api/v1/analytics/decisions/{decision_id}": {"title": "Решение"},
        "POST /api/v1/answers/check": {"text": "Сделано.", "outcome": "solved", "region": region},
        "POST /api/v1/answers/{answer_id}/review": {"decision": "approve"},
        "POST /api/v1/templates": {**template, "region": region},
        "PUT /api/v1/templates/{template_id}": template,
        "POST /api/v1/appeals": {**appeal, "external_id": str(uuid4()), "attachments": []},
        "POST /api/v1/attachments": {"region": region},  # a form, see `as_content`
        "POST /api/v1/appeals/batch": [{**appeal, "external_id": str(uuid4())}],
        "POST /api/v1/imports": [
            {**appeal, "external_id": str(uuid4()), "received_at": (now - timedelta(days=9)).isoformat()}
        ],
        "POST /api/v1/appeals/{appeal_id}/assignments": {"organisation": organisation},
        "POST /api/v1/appeals/{appeal_id}/deadlines/cases": {"case": "migration", "reason": "миграция"},
        "POST /api/v1/appeals/{appeal_id}/forward": {"addressee": "Минобороны", "reason": "не наше"},
        "POST /api/v1/appeals/{appeal_id}/stop-correspondence": {"decided_by_head": True},
        "POST /api/v1/appeals/{appeal_id}/moderation": {"decision": "accept", "reason": "по делу"},
        "POST /api/v1/moderation/decisions": {
            "decision": "accept",
            "reason": "по делу",
            "items": [{"id": str(uuid4())}],
        },
        "POST /api/v1/appeals/{appeal_id}/original": {"purpose": "проверка"},
        "POST /api/v1/receptions": {
            "region": region,
            "held_on": now.date().isoformat(),
            "place": "Каб. 12",
            "official": "Мэр",
        },
        "POST /api/v1/appeals/{appeal_id}/source": {"purpose": "проверка"},
        "POST /api/v1/audits/{audit_id}": {"verdict": "wrong"},
        "POST /api/v1/channels": {
            **channel_body(region, str(uuid4().int)[:12]),
            "organisation": organisation,
        },
        "PUT /api/v1/channels/{channel_id}": {"page": channel_body(region, "1")["page"]},
        "PUT /api/v1/calendars/{region}": {"days_off": []},
        "PUT /api/v1/calendars/{region}/organisations/{organisation_id}": {"office_hours": None},
        "POST /api/v1/classify": appeal,
        "POST /api/v1/clients": {
            "name": "Клиент",
            "role": "agency",
            "regions": [region],
            "organisation_id": organisation,
        },
        "POST /api/v1/clients/{id}/secret": {"keep_old_seconds": 60},
        "POST /api/v1/deadlines/preview": {"region": region, "start": now.isoformat(), "term": _TERM},
        "POST /api/v1/extensions/{extension_id}/decision": {"decision": "approve", "reason": "можно"},
        "POST /api/v1/incidents/{incident_id}/confirm": {},
        "POST /api/v1/incidents/{incident_id}/split": {"appeals": [str(uuid4())]},
        "POST /api/v1/incidents/{incident_id}/merge": {"into": str(uuid4())},
        "POST /api/v1/incidents/{incident_id}/undo": {},
        "POST /api/v1/incidents/{incident_id}/answer": {"text": "Сделано.", "outcome": "solved"},
        "POST /api/v1/models": {"region": region},
        "POST /api/v1/models/{model_id}/promote": {"force": False},
        "POST /api/v1/operations/sla/rebuild": {"appeal_ids": [], "regions": []},
        "POST /api/v1/organisations": {**_ORGANISATION, "region": region, "code": f"o-{uuid4().hex[:8]}"},
        "PUT /api/v1/organisations/{organisation_id}": _ORGANISATION,
        "POST /api/v1/policies": {**_POLICY, "region": region, "case": f"c-{uuid4().hex[:8]}"},
        "PUT /api/v1/policies/{policy_id}": _POLICY,
        "POST /api/v1/policies/dry-run": {"region": region, "policy": _POLICY, "days": 1, "limit": 1},
        "POST /api/v1/people": {**person, "login": f"p.{uuid4().hex}"},
        "PUT /api/v1/people/{person_id}": {**person, "login": f"p.{uuid4().hex}", "active": True},
        "POST /api/v1/people/invitations": {"person_id": home.get("account", str(uuid4()))},
        "POST /api/v1/people/reset": {"person_id": home.get("account", str(uuid4()))},
        "POST /api/v1/queue/claim": {"limit": 1},
        "PUT /api/v1/reference/{region}": {"groups": []},
        "POST /api/v1/rules": {"region": region, "organisation": organisation},
        "POST /api/v1/rules/dry-run": {
            "region": region,
            "days": 1,
            "add": [{"organisation": organisation}],
            "change": [{"id": home["rule"], "organisation": organisation}] if "rule" in home else [],
            "remove": [],
        },
        "PUT /api/v1/rules/{rule_id}": {"organisation": organisation, "comment": "наше"},
        "POST /api/v1/service-areas": {**served, "region": region, "street": f"ул. {uuid4().hex[:8]}"},
        "PUT /api/v1/service-areas/{area_id}": served,
        "PUT /api/v1/settings/{region}/intake": {"reopen_days": 30, "moderated_channels": []},
        "PUT /api/v1/settings/{region}/routing": {"hop_limit": 3},
        "PUT /api/v1/settings/{region}/sla": {"ladder": {"statutory": [rung], "message": [rung]}},
        "PUT /api/v1/service-definitions/{region}/{topic}": {"attributes": []},
        "POST /api/v1/webhooks": {"url": "http://127.0.0.1:9/", "events": ["appeal.status"]},
        "POST /api/v1/webhooks/{webhook_id}/redeliver": {},
        "POST /api/v1/widgets": {"region": region, "title": "Форма"},
        "PUT /api/v1/widgets/{widget_id}": {"title": "Форма"},
        "POST /api/v1/works": {**planned, "region": region},
        "PUT /api/v1/works/{work_id}": planned,
        "POST /api/v1/topics/proposals/{proposal_id}": {"status": "dismissed"},
        "PUT /api/v1/topics": {"region": region, "groups": [], "topics": []},
    }
