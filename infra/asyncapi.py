"""Writes docs/events.asyncapi.json: every event the services publish, as AsyncAPI 3.0 describes them.

Generated from the event classes, so it cannot drift: `make check` compares. The subjects are for services of the
installation; systems outside of it read feeds and the live stream.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contracts.event import SPEC_VERSION, Event, publisher_of
from contracts.parts import stream_of_publisher
from infra.flows import EVENTS, handlers_by_subject
from infra.generated import write_or_compare

FILE = Path(__file__).resolve().parent.parent / "docs" / "events.asyncapi.json"
Document = dict[str, Any]
_DESCRIPTION = """Events of Otklik, between its services, over NATS JetStream: one stream per publisher, at least once, in
no order that anything rests on. An event is a JSON object with CloudEvents' names; `data` holds the fields of its kind.
A published event only grows: a new field has a default, anything else is a new subject with the next number. Texts are
masked, officials' words sealed; applicants' data are in none."""


def document() -> Document:
    """The whole of it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Otklik events",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {event.SUBJECT: _channel(event) for event in EVENTS},
        "operations": _operations(),
        "components": {"messages": {event.__name__: _message(event) for event in EVENTS}},
    }


def _channel(event: type[Event]) -> Document:
    return {
        "address": event.SUBJECT,
        "description": f"Stream {stream_of_publisher(publisher_of(event.SUBJECT))}.",
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
    }


def _operations() -> Document:
    """Who publishes what, and who handles it."""
    found: Document = {}
    handled = handlers_by_subject()
    for event in EVENTS:
        channel = {"$ref": f"#/channels/{event.SUBJECT.replace('~', '~0').replace('/', '~1')}"}
        publisher = publisher_of(event.SUBJECT)
        found[f"{publisher}.sends.{event.__name__}"] = {"action": "send", "channel": channel}
        for service in sorted({name.partition(".")[0] for name in handled.get(event.SUBJECT, ())}):
            found[f"{service}.receives.{event.__name__}"] = {"action": "receive", "channel": channel}
    return found


def _message(event: type[Event]) -> Document:
    return {
        "name": event.SUBJECT,
        "title": event.__name__,
        "summary": str(event.__doc__).strip().splitlines()[0],
        "contentType": "application/json",
        "payload": _payload(event),
    }


def _payload(event: type[Event]) -> Document:
    """The envelope with the fields of the class below `data`; what they refer to stands beside them."""
    data = event.model_json_schema(
        ref_template=f"#/components/messages/{event.__name__}/payload/$defs/{{model}}"
    )
    definitions = data.pop("$defs", {})
    of_the_envelope = ("id", "time", "sequence", "traceparent")
    own = {name: each for name, each in data["properties"].items() if name not in of_the_envelope}
    payload: Document = {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "subject", "sequence", "data"],
        "properties": {
            "specversion": {"const": SPEC_VERSION},
            "id": {
                "type": "string",
                "format": "uuid",
                "description": "UUIDv7; the same event has the same id.",
            },
            "source": {"const": publisher_of(event.SUBJECT), "description": "Who published it."},
            "type": {"const": event.SUBJECT},
            "time": {"type": "string", "format": "date-time", "description": "When it happened."},
            "subject": {
                "type": "string",
                "format": "uuid",
                "description": f"`{event.AGGREGATE}` of the data.",
            },
            "sequence": {
                "type": "integer",
                "description": "The thing's version; the greatest one is the last.",
            },
            "traceparent": {"type": ["string", "null"], "description": "W3C trace context."},
            "data": {
                "type": "object",
                "description": data.get("description", ""),
                "required": [name for name in data.get("required", ()) if name in own],
                "properties": own,
            },
        },
    }
    return payload | ({"$defs": definitions} if definitions else {})


def text() -> str:
    """As it is kept."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Write the document, or with --check compare it."""
    return write_or_compare(FILE, text(), "infra.asyncapi", __doc__)


if __name__ == "__main__":
    raise SystemExit(main())
