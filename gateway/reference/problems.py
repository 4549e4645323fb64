"""Which problems an operation may answer with, by status, each by its name and with an example."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Final

from contracts.problems import EXPLANATIONS, Explanation
from gateway.reference.document import JSON, Document
from gateway.routes import Route

MEDIA_TYPE: Final = "application/problem+json"
PROBLEM_SCHEMA: Final[Document] = {
    "description": "An error (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
    },
}
FAULT_SCHEMA: Final[Document] = {
    "description": "One place of a request that is wrong.",
    "type": "object",
    "required": ["pointer", "message"],
    "properties": {"pointer": {"type": "string"}, "message": {"type": "string"}},
}
_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}


def _takes_parameter(name: str) -> Callable[[Document, Route], bool]:
    return lambda operation, _: any(each["name"] == name for each in operation.get("parameters", ()))


def _takes_json(operation: Document, _: Route) -> bool:
    return JSON in operation.get("requestBody", {}).get("content", {})


# What an operation is asked with, and what may be wrong with that.
_CAUSES: Final[tuple[tuple[Callable[[Document, Route], bool], tuple[str, ...]], ...]] = (
    (lambda _, __: True, ("bad-request",)),
    (lambda _, route: route.limit != "none", ("too-many-requests",)),
    (lambda operation, _: bool(operation.get("security")), ("unauthorised", "forbidden")),
    (
        lambda operation, _: any(each["in"] == "path" for each in operation.get("parameters", ())),
        ("not-found",),
    ),
    (lambda operation, _: bool(operation.get("parameters")), ("invalid",)),
    (
        lambda operation, _: "requestBody" in operation,
        ("invalid", "too-large", "bad-gzip", "unsupported-encoding"),
    ),
    (_takes_json, ("malformed-json", "not-utf-8", "unsupported-media-type")),
    (lambda _, route: route.service == "analytics", ("figures-busy", "figures-not-ready")),
    (_takes_parameter("cursor"), ("bad-cursor",)),
    (_takes_parameter("If-Match"), ("version-required", "version-stale")),
    (_takes_parameter("Idempotency-Key"), ("idempotency-key-reused", "same-key-in-progress")),
)
# What else an operation refuses, by what its path ends with.
_ACT: Final = ("lease-lost", "not-allowed-now")
_OF_OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "POST /api/v1/appeals": ("external-id-reused", "regime-not-admitted", "attachment-unknown"),
    "POST /api/v1/attachments": ("attachment-refused", "unsupported-media-type", "unauthorised", "forbidden"),
    "GET /api/v1/attachments/{attachment_id}": ("purpose-needed",),
    "GET /api/v1/attachments/{attachment_id}/content": ("forbidden", "original-sealed"),
    "POST /api/v1/appeals/{appeal_id}/original": ("original-sealed",),
    "POST /api/v1/appeals/{appeal_id}/moderation": ("not-allowed-now",),
    "POST /api/v1/appeals/{appeal_id}/assignments": ("not-allowed-now", "complaint-object"),
    "POST /api/v1/appeals/{appeal_id}/forward": ("not-allowed-now",),
    "POST /api/v1/appeals/{appeal_id}/stop-correspondence": ("not-allowed-now",),
    "POST /api/v1/appeals/{appeal_id}/deadlines/cases": ("not-allowed-now",),
    "POST /api/v1/imports/{import_id}/undo": ("import-worked-on", "not-allowed-now"),
    "GET /api/v1/answers/{answer_id}": ("words-sealed",),
    "POST /api/v1/answers/{answer_id}/review": ("not-allowed-now",),
    "POST /api/v1/answers/{answer_id}/sign": ("not-allowed-now",),
    "POST /api/v1/audits/{audit_id}": ("not-allowed-now",),
    "POST /api/v1/models": ("training-going-on", "too-few-labels"),
    "POST /api/v1/models/{model_id}/promote": ("not-allowed-now", "not-better"),
    "POST /api/v1/models/{model_id}/rollback": ("not-allowed-now",),
    "POST /api/v1/topics/proposals/{proposal_id}": ("not-allowed-now",),
    "POST /api/v1/webhooks": ("too-many-webhooks",),
    "POST /api/v1/widget/{key}/appeals": (
        "forbidden",
        "form-token-refused",
        "form-token-spent",
        "proof-wrong",
    ),
    "POST /api/v1/track/{code}/rating": ("not-allowed-now",),
    "POST /api/v1/track/{code}/clarification": ("not-allowed-now",),
    "POST /api/v1/track/{code}/objection": ("not-allowed-now",),
    "POST /api/v1/track/{code}/withdraw": ("not-allowed-now",),
    "POST /api/v1/assignments/{assignment_id}/accept": _ACT,
    "POST /api/v1/assignments/{assignment_id}/answer": (*_ACT, "attachment-unknown"),
    "POST /api/v1/assignments/{assignment_id}/assign": ("not-allowed-now",),
    "POST /api/v1/assignments/{assignment_id}/clarify": _ACT,
    "POST /api/v1/assignments/{assignment_id}/correct": ("not-allowed-now", "complaint-object"),
    "POST /api/v1/assignments/{assignment_id}/extend-lease": _ACT,
    "POST /api/v1/assignments/{assignment_id}/external-ref": ("not-allowed-now",),
    "POST /api/v1/assignments/{assignment_id}/interim": (*_ACT, "attachment-unknown"),
    "POST /api/v1/assignments/{assignment_id}/receive-documents": _ACT,
    "POST /api/v1/assignments/{assignment_id}/redirect": _ACT,
    "POST /api/v1/assignments/{assignment_id}/release": _ACT,
    "POST /api/v1/assignments/{assignment_id}/request-documents": _ACT,
    "POST /api/v1/assignments/{assignment_id}/request-extension": (*_ACT, "extension-not-possible"),
    "POST /api/v1/assignments/{assignment_id}/resume": _ACT,
    "POST /api/v1/extensions/{extension_id}/decision": ("not-allowed-now", "extension-not-possible"),
    "POST /api/v1/appeals/{appeal_id}/source": ("original-sealed",),
    "POST /api/v1/channels": ("channel-exists",),
    "PUT /api/v1/channels/{channel_id}": ("channel-exists",),
    "POST /api/v1/organisations": ("organisation-exists",),
    "POST /api/v1/rules": ("rule-exists",),
    "PUT /api/v1/rules/{rule_id}": ("rule-exists",),
    "POST /api/v1/service-areas": ("service-area-exists",),
    "PUT /api/v1/service-areas/{area_id}": ("service-area-exists",),
    "POST /api/v1/incidents/{incident_id}/confirm": ("not-allowed-now",),
    "POST /api/v1/incidents/{incident_id}/split": ("not-allowed-now",),
    "POST /api/v1/incidents/{incident_id}/merge": ("not-allowed-now",),
    "POST /api/v1/incidents/{incident_id}/undo": ("not-allowed-now",),
    "POST /api/v1/incidents/{incident_id}/answer": (
        "not-allowed-now",
        "answer-blocked",
        "signature-needed",
        "attachment-unknown",
    ),
    "PUT /api/v1/works/{work_id}": ("not-allowed-now",),
    "DELETE /api/v1/works/{work_id}": ("not-allowed-now",),
    "POST /api/v1/people": ("login-taken",),
    "PUT /api/v1/people/{person_id}": ("login-taken",),
    "POST /api/v1/people/invitations": ("not-found", "not-allowed-now"),
    "POST /api/v1/people/reset": ("not-found", "not-allowed-now"),
    "POST /api/v1/people/invitations/accept": ("not-found", "weak-password", "unavailable"),
    "POST /api/v1/people/reset/accept": ("not-found", "weak-password", "unavailable"),
    "POST /api/v1/people/me/password": ("sign-in-refused", "weak-password", "unavailable"),
    "POST /api/v1/people/me/code": ("sign-in-refused", "not-allowed-now", "unavailable"),
    "POST /api/v1/people/me/code/confirm": ("not-allowed-now",),
    "POST /api/v1/people/me/code/off": ("sign-in-refused", "code-required", "unavailable"),
    "POST /api/v1/sessions": ("sign-in-refused", "code-required", "unavailable"),
    "POST /api/v1/sessions/outside": ("not-found", "sign-in-refused", "unavailable"),
    "POST /api/v1/sessions/refresh": ("session-ended",),
    "GET /api/v1/analytics/export": ("too-many-points", "too-many-rows"),
    "GET /api/v1/analytics/heatmap": ("too-many-cells",),
    "POST /api/v1/analytics/problems/{problem_id}/state": ("not-allowed-now",),
    "GET /api/v1/analytics/timeseries": ("too-many-points",),
    "GET /api/v1/analytics/report": ("too-many-points",),
    "PATCH /api/v1/analytics/decisions/{decision_id}": ("not-allowed-now",),
}


# Whatever the path: what goes wrong before an operation is found, or hardly ever.
_OF_HTTP: Final = (
    "http-error",
    "bad-length",
    "method-not-allowed",
    "request-timeout",
    "head-too-large",
    "not-implemented",
    "http-version",
    "keys-not-proven",
)
# Whichever operation it is: the part that answers may be busy, away or silent.
_ANYWHERE: Final = ("internal", "overloaded", "unavailable", "upstream-timeout")


def problems_of(name: str, operation: Document, route: Route) -> Document:
    """The responses of an operation (`POST /path`) that are problems, by status, each with the names it may have."""
    slugs = {slug for applies, some in _CAUSES if applies(operation, route) for slug in some}
    found = sorted(
        (EXPLANATIONS[slug] for slug in slugs.union(_OF_OPERATIONS.get(name, ()), _ANYWHERE)),
        key=attrgetter("status", "slug"),
    )
    return {str(status): _response(list(some)) for status, some in groupby(found, key=attrgetter("status"))}


def any_problem() -> Document:
    """What every operation may answer besides: problems of HTTP itself."""
    return _response(
        [EXPLANATIONS[slug] for slug in _OF_HTTP], "Another problem; `type` names it (`/problems` lists all)."
    )


def problem_examples() -> Document:
    """An example of every problem, by the name it has among the document's examples."""
    return {
        _example_name(each): {"summary": each.title, "value": each.example}
        for each in sorted(EXPLANATIONS.values())
    }


def _response(some: list[Explanation], description: str = "") -> Document:
    shown = {each.slug: {"$ref": f"#/components/examples/{_example_name(each)}"} for each in some}
    return {
        "description": description or "\n".join(f"`{each.slug}`: {each.title}." for each in some),
        "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": shown}},
    }


def _example_name(each: Explanation) -> str:
    return f"problem-{each.slug}"
