"""What GeoReport v2 says of its documents, as JSON Schema in our own words, and XML read back into the same form.

Required are the fields that the standard never lets out; `Possible` ones may be null, which is an empty element in XML.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import jsonschema

Shape = dict[str, Any]


def _thing(required: str, /, **fields: Shape) -> Shape:
    return {"type": "object", "required": required.split(), "properties": fields}


def _possible(*kinds: str, **more: Any) -> Shape:
    return {"type": [*kinds, "null"], **more}


def _list(shape: Shape) -> Shape:
    return {"type": "array", "items": shape}


TEXT: Shape = {"type": "string"}
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})$"
SERVICES = _list(
    _thing(
        "service_code service_name metadata type",
        service_code=TEXT,
        service_name=TEXT,
        description=_possible("string"),
        metadata={"type": "boolean"},
        type={"enum": ["realtime", "batch", "blackbox"]},
        keywords=_possible("string"),
        group=_possible("string"),
    )
)
DEFINITION = _thing(
    "service_code attributes",
    service_code=TEXT,
    attributes=_list(
        _thing(
            "variable code datatype required",
            variable={"type": "boolean"},
            code=TEXT,
            datatype={"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
            required={"type": "boolean"},
            datatype_description=_possible("string"),
            order=_possible("integer", minimum=1),
            description=_possible("string"),
            values=_list(_thing("key name", key=TEXT, name=TEXT)),
        )
    ),
)
_REQUEST = _thing(
    "service_request_id status service_code requested_datetime",
    service_request_id=TEXT,
    status={"enum": ["open", "closed"]},
    status_notes=_possible("string"),
    service_name=_possible("string"),
    service_code=TEXT,
    description=_possible("string", maxLength=4000),
    agency_responsible=_possible("string"),
    service_notice=_possible("string"),
    requested_datetime={"type": "string", "pattern": MOMENT},
    updated_datetime=_possible("string", pattern=MOMENT),
    expected_datetime=_possible("string", pattern=MOMENT),
    address=_possible("string"),
    address_id=_possible("string"),
    zipcode=_possible("string"),
    lat=_possible("number"),
    long=_possible("number"),
    media_url=_possible("string", format="uri"),
)
REQUESTS = _list(_REQUEST)
CREATED = {
    "type": "array",
    "minItems": 1,
    "maxItems": 1,
    "items": {
        **_thing("service_notice", service_request_id=TEXT, token=TEXT, account_id=_possible("string")),
        "oneOf": [{"required": ["service_request_id"]}, {"required": ["token"]}],
    },
}
TOKEN = _list(_thing("service_request_id token", service_request_id=_possible("string"), token=TEXT))
ERRORS = {
    "type": "array",
    "minItems": 1,
    "items": _thing("code description", code={"enum": [400, 403, 404]}, description={**TEXT, "minLength": 1}),
}
DISCOVERY = _thing(
    "changeset endpoints",
    changeset={"type": "string", "pattern": MOMENT},
    contact=_possible("string"),
    endpoints=_list(
        _thing(
            "specification url type formats",
            specification=TEXT,
            url={"type": "string", "pattern": "^https?://"},
            type={"enum": ["production", "test", "acceptance"]},
            formats=_list({"enum": ["text/xml", "application/json"]}),
        )
    ),
)
UPDATES = _list(
    _thing(
        "update_id service_request_id status updated_datetime description",
        update_id=TEXT,
        service_request_id=TEXT,
        status={"enum": ["open", "closed"]},
        updated_datetime={"type": "string", "pattern": MOMENT},
        description=TEXT,
        media_url=_possible("string"),
    )
)
# Root, and what one thing in it is called.
XML_NAMES = {
    "services": "service",
    "service_requests": "request",
    "service_requests_updates": "request_update",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}


def require_shape(answer: Any, shape: Shape) -> Any:
    """What an answer in JSON says, when it has the shape."""
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    found = answer.json()
    jsonschema.validate(found, shape, jsonschema.Draft202012Validator)
    return found


def require_xml(answer: Any, shape: Shape) -> Any:
    """The same of an answer in XML: read as the standard makes JSON of it."""
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    found = read_element(ElementTree.fromstring(answer.content), shape)  # of our own service
    jsonschema.validate(found, shape, jsonschema.Draft202012Validator)
    return found


def read_element(element: ElementTree.Element, shape: Shape) -> Any:
    """An element as a value of that shape."""
    if shape.get("type") == "array":
        assert {child.tag for child in element} <= {XML_NAMES[element.tag]}, element.tag
        return [read_element(child, shape["items"]) for child in element]
    if "properties" in shape:
        return {child.tag: read_element(child, shape["properties"].get(child.tag, TEXT)) for child in element}
    kinds = shape.get("type", "string")
    if element.text is None:
        return None if "null" in kinds else ""
    if "boolean" in kinds:
        return {"true": True, "false": False}[element.text]
    if "number" in kinds:
        return float(element.text)
    numeric = "integer" in kinds or all(isinstance(each, int) for each in shape.get("enum", [""]))
    return int(element.text) if numeric else element.text
