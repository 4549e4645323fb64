"""Where an operation names an object: found in the OpenAPI document, and judged by tables that must know every name.

A slot is a parameter in the path, in the query or in the JSON body. A name that no table knows fails the tests, so
that a new operation cannot be left out of the matrix by being forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.journeys.steps import is_endless

Where = Literal["path", "query", "body"]
Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")

# Name of a parameter → the kind of object whose id or code it holds.
KINDS = {
    "appeal": "appeal",
    "appeal_id": "appeal",
    "appeal_ids": "appeal",
    "answer_id": "answer",
    "area_id": "service_area",
    "assignment_id": "assignment",
    "attachment_id": "attachment",
    "attachments": "attachment",
    "audit_id": "audit",
    "channel_id": "channel",
    "code": "tracking",
    "complained_about": "organisation",
    "decision_id": "decision",
    "delivery_id": "delivery",
    "extension_id": "extension",
    "group": "group",
    "id": "client",
    "import_id": "import",
    "incident_id": "incident",
    "into": "incident",
    "model_id": "model",
    "municipality": "municipality",
    "organisation": "organisation",
    "organisation_id": "organisation",
    "parent_id": "organisation",
    "ids": "account",
    "person": "person",
    "person_id": "account",
    "policy_id": "policy",
    "problem_id": "problem",
    "proposal_id": "proposal",
    "reception_id": "reception",
    "region": "region",
    "regions": "region",
    "remove": "rule",
    "request_id": "request",
    "rule_id": "rule",
    "suggested_organisation": "organisation",
    "template_id": "template",
    "topic": "topic",
    "problem": "problem",
    "webhook_id": "webhook",
    "widget_id": "widget",
    "work_id": "work",
}
# In bodies of these operations a name means something else than elsewhere.
BODY_KINDS = {
    "POST /api/v1/analytics/problems/{problem_id}/state": {"into": "problem"},
    "POST /api/v1/assignments/bulk": {"id": "assignment"},
    "POST /api/v1/moderation/decisions": {"id": "appeal"},
    "POST /api/v1/incidents/{incident_id}/split": {"appeals": "appeal"},
    "POST /api/v1/queue/hand-over": {"from": "person", "to": "person"},
}
# Names in paths and queries that name no object.
PLAIN = frozenset(
    [
        "active",
        "at",
        "bbox",
        "by",
        "cell",
        "channel",
        "clock",
        "consumer",
        "cursor",
        "date",
        "due_before",
        "figures",
        "format",
        "from",
        "grain",
        "group_by",
        "header",
        "history",
        "horizon",
        "inactive",
        "last_event_id",
        "kind",
        "limit",
        "metric",
        "network",
        "outcome",
        "q",
        "quiet",
        "resolution",
        "role",
        "running",
        "separator",
        "service",
        "since",
        "state",
        "status",
        "street",
        "to",
        "what",
        "unaccepted",
        "worked",
    ]
)
# An organisation's figures and deadlines are its own; its name and its rules are every neighbour's to read.
OWN_FIGURES = ("/api/v1/deadlines", "/api/v1/analytics", "/api/v1/answers/quality")
# NDJSON has no schema to find slots in.
LINES = {
    "POST /api/v1/appeals/batch": ("region", "complained_about"),
    "POST /api/v1/imports": ("region",),
}


@dataclass(frozen=True)
class Slot:
    """One place for an object. `name`: of the parameter, or the pointer into the body."""

    where: Where
    name: str
    kind: str


@dataclass(frozen=True)
class Operation:
    """One operation of the document. `slots`: where it names objects; `plain`: what else its query takes, with the
    choices where there is a list of them."""

    method: str
    path: str
    roles: frozenset[str]
    slots: tuple[Slot, ...]
    required: frozenset[str]
    plain: Mapping[str, tuple[str, ...]]
    has_body: bool

    @property
    def name(self) -> str:
        """`POST /api/v1/appeals`."""
        return f"{self.method} {self.path}"


def read_operations(document: Schema) -> list[Operation]:
    """All operations that need a token and come to an end; who hears what of a stream is in tests/analytics."""
    return [
        _read(document, method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS and "x-roles" in operation and not is_endless(operation)
    ]


def _read(document: Schema, method: str, path: str, operation: Schema) -> Operation:
    name = f"{method} {path}"
    parameters = [each for each in operation.get("parameters", []) if each["in"] in ("path", "query")]
    slots = [_slot_of(name, path, each) for each in parameters if _names_an_object(name, each)]
    content = operation.get("requestBody", {}).get("content", {})
    for media in content.values():
        slots += _slots_in(document, name, media["schema"])
    slots += [Slot("body", f"/{field}", KINDS[field]) for field in LINES.get(name, ())]
    required = frozenset(each["name"] for each in parameters if each.get("required"))
    plain = {each["name"]: _choices(each["schema"]) for each in parameters if each["name"] in PLAIN}
    roles = frozenset(operation["x-roles"])
    return Operation(method, path, roles, tuple(slots), required, plain, bool(content))


def _choices(schema: Schema) -> tuple[str, ...]:
    options = [schema, *schema.get("anyOf", ())]
    return tuple(choice for option in options for choice in option.get("enum", ()))


def _names_an_object(operation: str, parameter: Schema) -> bool:
    name = parameter["name"]
    assert name in KINDS or name in PLAIN, (
        f"{operation}: nobody has said whether the parameter {name!r} names an object; add it to KINDS or PLAIN in "
        "tests/journeys/foreign/slots.py"
    )
    return name in KINDS


def _slot_of(operation: str, path: str, parameter: Schema) -> Slot:
    name, kind = parameter["name"], KINDS[parameter["name"]]
    if parameter["in"] == "query" and name == "organisation" and path.startswith(OWN_FIGURES):
        kind = "figures"
    return Slot(parameter["in"], name, kind)


def _slots_in(document: Schema, operation: str, schema: Schema) -> Iterator[Slot]:
    for pointer, leaf in _leaves(document, schema, ""):
        name = next((part for part in reversed(pointer.split("/")) if not part.isdigit()), "")
        # Other codes in bodies are words of the region that the body names: they can mean no other region's row.
        is_id = leaf.get("format") == "uuid"
        kinds = KINDS | BODY_KINDS.get(operation, {})
        if kinds.get(name) == "region" or (is_id and name in kinds):
            yield Slot("body", pointer, kinds[name])
        else:
            assert not is_id, (
                f"{operation}: nobody has said what {pointer!r} of the body names; add it to KINDS in "
                "tests/journeys/foreign/slots.py"
            )


def _leaves(document: Schema, schema: Schema, pointer: str) -> Iterator[tuple[str, Schema]]:
    """(pointer, schema) of every single value in a body; the first item stands for a list.

    What is read-only names nothing: it is compared with what stands there. What may be written as an id or as an
    object with that id is tried as the id.
    """
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    options = schema.get("anyOf", ())
    ids = [option for option in options if option.get("format") == "uuid"]
    for option in ids or options:
        yield from _leaves(document, option, pointer)
    for name, field in schema.get("properties", {}).items():
        if not field.get("readOnly"):
            yield from _leaves(document, field, f"{pointer}/{name}")
    if "items" in schema:
        yield from _leaves(document, schema["items"], f"{pointer}/0")
    if schema.get("type") not in (None, "object", "array", "null"):
        yield pointer, schema


def put(body: Any, pointer: str, value: str) -> None:
    """Write a value into a body; lists that are too short grow."""
    *parents, last = pointer.strip("/").split("/")
    for part in parents:
        body = body[int(part)] if part.isdigit() else body[part]
    if last.isdigit():
        body[int(last) :] = [value]
    else:
        body[last] = value
