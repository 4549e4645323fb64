"""What the published reference says beyond what services say of themselves: what every field means, and which problems an
operation may answer with. Words that stand in a document are never replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import orjson

from contracts.fields import FIELDS
from contracts.problems import EXPLANATIONS
from gateway.routes import Route

Document = dict[str, Any]
PROBLEM_CONTENT: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
JSON: Final = "application/json"
# What shows a value already, or is one by what it is.
_SPEAKING: Final = ("example", "examples", "enum", "const", "$ref", "properties")
_KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
}


def describe_fields(paths: Document, schemas: Document) -> None:
    """Give parameters and properties the description and the example of their name, and bodies that of their schema."""
    for name, schema in schemas.items():
        _describe_properties(name, schema)
    for operation in _operations(paths):
        for parameter in operation.get("parameters", ()):
            _describe(parameter, (parameter["name"],))
        if body := operation.get("requestBody"):
            body.setdefault("description", _meaning_of_body(body, schemas))
            for content in body["content"].values():
                _describe_properties("", content.get("schema", {}))


def _describe_properties(name: str, schema: Document) -> None:
    for field, described in schema.get("properties", {}).items():
        _describe(described, (f"{name}.{field}", field))
        _describe_properties(f"{name}.{field}", _alternative(described))


def _operations(paths: Document) -> Iterable[Document]:
    return (each for item in paths.values() for each in item.values() if isinstance(each, dict))


def _describe(described: Document, names: Iterable[str]) -> None:
    found = next((FIELDS[name] for name in names if name in FIELDS), None)
    if found is None:
        return
    described.setdefault("description", found.description)
    schema = described.get("schema", described)
    if found.example and not _shows_a_value(schema):
        example = _example(found.example, _alternative(schema))
        if example is not None:
            schema["examples"] = [example]


def _shows_a_value(schema: Document) -> bool:
    return (
        any(name in schema for name in _SPEAKING)
        or schema.get("type") == "boolean"
        or schema.get("default") not in (None, "", [], {})
        or any(_shows_a_value(each) for each in schema.get("anyOf", ()))
        or ("items" in schema and _shows_a_value(schema["items"]))
    )


def _alternative(schema: Document) -> Document:
    """What it is where it is not null."""
    return next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)


def _example(text: str, schema: Document) -> Any:
    """A text as a value of that schema; None where it is none."""
    kind = schema.get("type", "")
    if kind == "array" and not text.startswith("["):
        item = _example(text, schema.get("items", {}))
        return None if item is None else [item]
    if kind not in _KINDS:
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, _KINDS[kind]) else None


def _meaning_of_body(body: Document, schemas: Document) -> str:
    schema = body["content"].get(JSON, {}).get("schema", {})
    name = _alternative(schema).get("$ref", "").rpartition("/")[2]
    return str(schemas.get(name, {}).get("description", "What is sent."))


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
    "POST /api/v1/answers/{answer_id}/review": ("not-allowed-now",),
    "POST /api/v1/answers/{answer_id}/sign": ("not-allowed-now",),
    "POST /api/v1/audits/{audit_id}": ("not-allowed-now",),
    "POST /api/v1/models": ("training-going-on", "too-few-labels"),
    "POST /api/v1/models/{model_id}/promote": ("not-allowed-now", "not-better"),
    "POST /api/v1/models/{model_id}/rollback": ("not-allowed-now",),
    "POST /api/v1/topics/proposals/{proposal_id}": ("not-allowed-now",),
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
    "POST /api/v1/sessions/refresh": ("session-ended",),
    "GET /api/v1/analytics/export": ("too-many-points", "too-many-rows"),
    "GET /api/v1/analytics/heatmap": ("too-many-cells",),
    "POST /api/v1/analytics/problems/{problem_id}/state": ("not-allowed-now",),
    "GET /api/v1/analytics/timeseries": ("too-many-points",),
    "GET /api/v1/analytics/report": ("too-many-points",),
    "PATCH /api/v1/analytics/decisions/{decision_id}": ("not-allowed-now",),
}


def problems_of(name: str, operation: Document, route: Route) -> Document:
    """The responses of an operation (`POST /path`) that are problems, by status, each with the names it may have."""
    slugs = {slug for applies, some in _CAUSES if applies(operation, route) for slug in some}
    found = sorted(
        (EXPLANATIONS[slug] for slug in slugs.union(_OF_OPERATIONS.get(name, ()))),
        key=attrgetter("status", "slug"),
    )
    return {
        str(status): {
            "description": "\n".join(f"`{each.slug}`: {each.title}." for each in some),
            "content": PROBLEM_CONTENT,
        }
        for status, some in groupby(found, key=attrgetter("status"))
    }
