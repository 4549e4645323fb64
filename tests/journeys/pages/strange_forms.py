"""What paths and forms of pages name, and what a form sends beside it, so that no check of the page itself hides a hole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Kinds of objects by the names in paths; empty: no object of a region. Nobody can make an attachment or an audit here that were foreign.
KINDS: Final[Mapping[str, str]] = {
    "appeal_id": "appeal",
    "assignment_id": "assignment",
    "answer_id": "answer",
    "extension_id": "extension",
    "incident_id": "incident",
    "work_id": "work",
    "problem_id": "problem",
    "decision_id": "decision",
    "organisation_id": "organisation",
    "rule_id": "rule",
    "policy_id": "policy",
    "template_id": "template",
    "person_id": "account",
    "client_id": "client",
    "audit_id": "audit",
    "attachment_id": "attachment",
    "known_id": "",
    "code": "",
    "service": "",
    "path": "",
}
# Objects that stand in a query or in a field.
NAMED: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("GET", "/desk/a/{assignment_id}/history"): {"appeal": "appeal"},
    ("POST", "/desk/a/{assignment_id}/original"): {"appeal": "appeal"},
    ("POST", "/centre/incidents/{incident_id}/merge"): {"into": "incident"},
    ("POST", "/centre/incidents/{incident_id}/split"): {"appeals": "appeal"},
    ("GET", "/room/decide"): {"problem": "problem"},
    ("POST", "/room/decide"): {"problem": "problem"},
}
# Answered alike, though not by 404: without a reservation there is nothing to keep; the path's assignment only leads back from the
# history and from the original, whose appeal is asked for; what a field names that does not exist is the form's fault.
SAME_FOR_ALL: Final = frozenset(
    {
        "/desk/a/{assignment_id}/keep",
        "/desk/a/{assignment_id}/history",
        "/desk/a/{assignment_id}/original",
        "/centre/incidents/{incident_id}/split",
    }
)
_WORK: Final = {
    "title": "Ремонт",
    "kind": "repair",
    "topic": "topic_name",
    "organisation_name": "organisation_name",
    "starts_at": "2098-01-01T00:00",
    "ends_at": "2098-01-02T00:00",
    "streets": "ул. Дальняя",
    "notice": "Ремонт.",
}
# Forms that make something new.
MAKING: Final[Mapping[str, Mapping[str, str]]] = {
    "/desk/works": {
        "title": "Ремонт",
        "kind": "repair",
        "topics": "topic",
        "streets": "ул. Дальняя",
        "starts_at": "2098-01-01T00:00",
        "ends_at": "2098-01-02T00:00",
        "notice": "Ремонт.",
    },
    "/centre/works/new": _WORK,
    "/centre/new": {"text": "Яма на дороге", "channel": "paper", "address": "Курск", "name": "Пётр"},
    "/room/decide": {"title": "Решение", "owner": "Глава", "text": "Сделать."},
    "/settings/people/new": {
        "login": "new_login",
        "name": "Имя",
        "position": "Должность",
        "role": "coordinator",
        "regions": "46",
    },
    "/settings/clients": {"name": "Портал", "role": "portal", "regions": "46"},
    "/settings/organisations": {"region": "46", "code": "new_login", "name": "Орган", "kind": "regional"},
    "/settings/rules": {
        "region": "46",
        "step": "save",
        "topic": "topic",
        "municipality": "38608000",
        "organisation": "organisation",
        "comment": "Так надо.",
    },
    "/settings/calendar": {"region": "46", "day": "2097-07-08", "kind": "off", "reason": "Праздник"},
    "/settings/templates": {"region": "46", "name": "Имя", "text": "Текст"},
}
_PERSON: Final = {"login": "p.stranger", "name": "Имя", "role": "coordinator", "regions": "46"}
# Beside `version`, which every form is given; what ends a thing comes last; a value that is a kind's name stands for the object of that kind, `…_name` and `…_body`
# for what there is.
FORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "/desk/a/{assignment_id}/accept": {},
    "/desk/a/{assignment_id}/assign": {},
    "/desk/a/{assignment_id}/check": {"text": "Яма заделана 20 ноября.", "outcome": "solved"},
    "/desk/a/{assignment_id}/keep": {},
    "/desk/a/{assignment_id}/original": {"purpose": "Подготовка ответа"},
    "/desk/a/{assignment_id}/interim": {"text": "Яма будет заделана 20 декабря."},
    "/desk/a/{assignment_id}/request-extension": {"days": "5", "reason": "Ждём технику."},
    "/desk/a/{assignment_id}/clarify": {"question": "Где?"},
    "/desk/a/{assignment_id}/resume": {},
    "/desk/a/{assignment_id}/release": {},
    "/desk/a/{assignment_id}/answer": {"text": "Яма заделана 20 ноября.", "outcome": "solved"},
    "/desk/a/{assignment_id}/sign": {"answer": "assignment"},  # an id, though of no answer
    "/desk/a/{assignment_id}/redirect": {"reason_code": "other", "comment": "Не наше."},
    "/desk/incidents/{incident_id}": {"text": "Воду дали 20 ноября.", "outcome": "solved"},
    "/desk/works/{work_id}/end": {},
    "/centre/a/{appeal_id}/assign": {"organisation_name": "organisation_name"},
    "/centre/a/{appeal_id}/forward": {"addressee": "Суд", "reason": "Не наше."},
    "/centre/a/{appeal_id}/moderation": {"decision": "accept", "reason": "Можно."},
    "/centre/a/{appeal_id}/original": {"purpose": "Уточнить адрес"},
    "/centre/a/{appeal_id}/stop-correspondence": {"decided_by_head": "true"},
    "/centre/assignments/{assignment_id}/correct": {"organisation": "organisation"},
    "/centre/assignments/{assignment_id}/resume": {},
    "/centre/audits/{audit_id}": {"verdict": "right"},
    "/centre/extensions/{extension_id}": {"decision": "approve"},
    "/centre/incidents/{incident_id}/confirm": {},
    "/centre/incidents/{incident_id}/split": {},
    "/centre/incidents/{incident_id}/merge": {},
    "/centre/incidents/{incident_id}/undo": {},
    "/centre/moderation/{appeal_id}": {"decision": "accept"},
    "/centre/reviews/{answer_id}": {"decision": "approve"},
    "/centre/works/{work_id}": _WORK,
    "/centre/works/{work_id}/end": {},
    "/room/problems/{problem_id}/state": {"state": "confirmed"},
    "/room/decisions/{decision_id}/state": {"state": "running"},
    "/room/decide": {"title": "Решение", "owner": "Глава"},
    "/settings/clients/{client_id}/secret": {},
    "/settings/clients/{client_id}/revoke": {},
    "/settings/deadlines/{policy_id}": {"region": "46", "step": "save", "amount": "5"},
    "/settings/organisations/{organisation_id}": {"region": "46", "name": "Орган"},
    "/settings/people/{person_id}": _PERSON,
    "/settings/people/{person_id}/deactivate": {},
    "/settings/people/{person_id}/reopen": {},
    "/settings/people/{person_id}/link": {"kind": "invite"},
    "/settings/rules/{rule_id}/off": {"region": "46", "rule": "rule_body"},
    "/settings/templates/{template_id}": {"region": "46", "name": "Имя", "text": "Текст"},
}
