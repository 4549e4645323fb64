"""What each operation is as a method: its parameters, and how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from infra.client_code.document import JSON, NDJSON, Document, Operation
from infra.client_code.models import Models
from infra.client_code.naming import python_name
from infra.client_code.types import Schema, Types, name_of

FORM: Final = "application/x-www-form-urlencoded"
FILE: Final = "multipart/form-data"
EVENTS: Final = "text/event-stream"
Reading = Literal["value", "pages", "feed", "file", "events", "lines"]
# What a parameter is where the caller leaves it out, so that every request of one call has the same.
_CHOSEN: Final = {"import_id": "uuid4()"}
_TYPES: Final = Types(ids="UUID | str")
_PLACE: Final = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Argument:
    """One parameter of a method. `sent_as`: its name in the request; `chosen`: what stands in when it is None."""

    name: str
    annotation: str
    sent_as: str = ""
    about: str = ""
    is_required: bool = False
    chosen: str = ""

    @property
    def value(self) -> str:
        """What is sent."""
        return f"{self.name} or {self.chosen}" if self.chosen else self.name

    def __str__(self) -> str:
        if self.is_required:
            return f"{self.name}: {self.annotation}"
        annotation = self.annotation if self.annotation.endswith("None") else f"{self.annotation} | None"
        return f"{self.name}: {annotation} = None"


@dataclass(frozen=True)
class Method:
    """One method. `body`: the keyword of the call that takes what is sent, and its value; `fixed`: parameters that make the
    answer what it is."""

    operation: Operation
    name: str
    reading: Reading
    answer: str
    item: str = ""
    places: tuple[Argument, ...] = ()
    sent: tuple[Argument, ...] = ()
    query: tuple[Argument, ...] = ()
    form: tuple[Argument, ...] = ()
    body: tuple[str, str] | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    uses: frozenset[str] = frozenset()

    @property
    def takes_version(self) -> bool:
        return self.operation.takes("If-Match")

    @property
    def takes_key(self) -> bool:
        return self.operation.takes("Idempotency-Key")

    @property
    def path(self) -> str:
        """As a string of Python with its places filled in."""
        filled = self.operation.path
        for name, value in self.fixed.items():
            filled = filled.replace(f"{{{name}}}", value)
        made = _PLACE.sub(lambda place: f"{{segment({python_name(place[1])})}}", filled)
        return f'f"{made}"' if "{" in made else f'"{made}"'

    @property
    def fixed_query(self) -> Mapping[str, str]:
        """Those that stand in the query."""
        return {name: value for name, value in self.fixed.items() if f"{{{name}}}" not in self.operation.path}


class Methods:
    """Methods of a document's operations."""

    def __init__(self, document: Document, models: Models) -> None:
        self._document = document
        self._models = models

    def of(self, operation: Operation) -> Iterator[Method]:
        """One, and another for each other kind of answer that it may be asked for."""
        base = self._base(operation)
        answers = operation.answers
        if operation.path.startswith("/open311/"):
            yield self._read(replace(base, fixed={"format": "json"}), answers[JSON])
        elif NDJSON in answers:
            yield replace(base, reading="lines", answer="bytes")
        elif EVENTS in answers:
            yield replace(base, reading="events", answer="bytes", query=_without(base.query, "last_event_id"))
        elif JSON not in answers:
            yield self._bare(base)
        else:
            yield from self._by_format(base, answers)

    def _base(self, operation: Operation) -> Method:
        described = operation.parameters
        places = tuple(_argument(each) for each in described if each["in"] == "path")
        query = tuple(_argument(each) for each in described if each["in"] == "query")
        found = Method(operation, operation.name, "value", "", places=places, query=query)
        return self._with_body(found)

    def _with_body(self, method: Method) -> Method:
        """What is sent in the body: a model, a form, a file, lines."""
        if method.operation.body is None:
            return method
        kind, schema = method.operation.body
        if kind == JSON:
            return self._with_json(method, schema)
        if kind == NDJSON:
            return self._with_lines(method)
        if "properties" not in schema:
            fields = Argument("fields", "Mapping[str, str]", is_required=True)
            return replace(method, sent=(fields,), body=("form", "fields"))
        return self._with_form(method, schema)

    def _with_json(self, method: Method, schema: Schema) -> Method:
        named = next((each for each in (schema, *schema.get("anyOf", ())) if "$ref" in each), None)
        if named is None:
            body = Argument("body", "Mapping[str, JsonValue]", is_required=True)
            return replace(method, sent=(body,), body=("body", "body"))
        name = name_of(named)
        if self._models.needs_fields(name):
            body, value = Argument("body", name, is_required=True), "body"
        else:
            body, value = Argument("body", name), f"body or {name}()"
        if method.takes_version and self._models.has_field(name, "lease_token"):
            value = f"under_lease({value}, if_match)"
        return replace(method, sent=(body,), body=("body", value), uses=method.uses | {name})

    def _with_lines(self, method: Method) -> Method:
        model = name_of(method.operation.line)
        kinds = f"Iterable[{model} | Mapping[str, object]]"
        lines = Argument("lines", kinds, is_required=True, about="Read as they are sent.")
        return replace(method, sent=(lines,), uses=method.uses | {model})

    def _with_form(self, method: Method, schema: Schema) -> Method:
        fields = tuple(
            Argument(python_name(name), _TYPES.of(each), name, each.get("description", ""))
            for name, each in schema["properties"].items()
            if each.get("format") != "binary" and "const" not in each
        )
        form = {name: each["const"] for name, each in schema["properties"].items() if "const" in each}
        entries = [f"{name!r}: {value!r}" for name, value in form.items()]
        entries += [f"{each.sent_as!r}: {each.name}" for each in fields]
        file = Argument("file", "File", is_required=True, about=_about_file(schema))
        has_file = any(each.get("format") == "binary" for each in schema["properties"].values())
        return replace(
            method,
            sent=(file,) if has_file else (),
            form=fields,
            body=("form", f"stated({{{', '.join(entries)}}})"),
        )

    def _bare(self, base: Method) -> Method:
        """Without JSON: a file, a text, or nothing."""
        answers = base.operation.answers
        if set(answers) == {"text/plain"}:
            return replace(base, answer="str")
        if answers or base.operation.statuses & {"200", "302"}:
            return replace(base, reading="file", answer="bytes")
        return replace(base, answer="None")

    def _by_format(self, base: Method, answers: Mapping[str, Schema]) -> Iterator[Method]:
        """`format` decides what comes: every kind has a method, so that each has one type."""
        whole = answers[JSON]
        if "anyOf" in whole:
            first, rows = whole["anyOf"]
            plain = replace(base, query=_without(base.query, "format"))
            yield self._read(plain, first)
            yield self._read(replace(plain, name=f"{base.name}_rows", fixed={"format": "rows"}), rows)
        elif len(answers) > 1:
            yield self._read(replace(base, query=_without(base.query, "format")), whole)
            query = tuple(_file_format(each) if each.name == "format" else each for each in base.query)
            yield replace(base, name=f"{base.name}_file", reading="file", answer="bytes", query=query)
        else:
            yield self._read(base, whole)

    def _read(self, method: Method, schema: Schema) -> Method:
        answer = _TYPES.of(schema)
        used = {name for name in self._document.schemas if re.search(rf"\b{name}\b", answer)}
        method = replace(method, answer=answer, uses=method.uses | used)
        found = self._document.schemas.get(answer, {}).get("properties", {})
        is_list = {"items", "next_cursor"} <= found.keys() and any(
            each.name == "cursor" for each in method.query
        )
        if not is_list:
            return method
        item = _TYPES.of(found["items"]["items"])
        reading: Reading = "feed" if found["next_cursor"].get("type") == "string" else "pages"
        return replace(method, reading=reading, item=item, uses=method.uses | {item})


def _argument(described: Schema) -> Argument:
    name = described["name"]
    return Argument(
        python_name(name),
        _TYPES.of(described["schema"]),
        name,
        described.get("description", ""),
        described.get("required", False),
        _CHOSEN.get(name, ""),
    )


def _without(query: tuple[Argument, ...], name: str) -> tuple[Argument, ...]:
    return tuple(each for each in query if each.name != name)


def _file_format(argument: Argument) -> Argument:
    """Of a file: not JSON."""
    kept = argument.annotation.replace("'json', ", "")
    return replace(argument, annotation=kept, is_required=True)


def _about_file(schema: Schema) -> str:
    return next(
        (
            each.get("description", "")
            for each in schema["properties"].values()
            if each.get("format") == "binary"
        ),
        "",
    )
