"""What a schema of the document is in Python."""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]
REFERENCE: Final = "#/components/schemas/"
_PLAIN: Final = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}
ANYTHING: Final = "JsonValue"


class Types:
    """Annotations of schemas. `moment`: the type of an instant; `ids`: of an id; `grows`: closed lists of words may be longer one
    day."""

    def __init__(self, moment: str = "dt.datetime", ids: str = "UUID", *, grows: bool = False) -> None:
        self._grows = grows
        self._formats = {"uuid": ids, "date": "dt.date", "date-time": moment}

    def of(self, schema: Schema) -> str:
        """The annotation of any value that fits the schema."""
        if "$ref" in schema:
            return name_of(schema)
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            return " | ".join(
                sorted(dict.fromkeys(map(self.of, alternatives)), key=lambda each: each == "None")
            )
        if (values := values_of(schema)) is not None:
            found = f"Literal[{', '.join(map(repr, values))}]"
            return f"Known[{found}]" if self._grows and "enum" in schema else found
        kind = schema.get("type")
        made = {"array": self._array, "object": self._object, "string": self._string}.get(str(kind))
        return made(schema) if made else _PLAIN.get(str(kind), ANYTHING)

    def _array(self, schema: Schema) -> str:
        return f"list[{self.of(schema.get('items', {}))}]"

    def _string(self, schema: Schema) -> str:
        return self._formats.get(schema.get("format", ""), "str")

    def _object(self, schema: Schema) -> str:
        values = next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))
        return f"dict[str, {self.of(values) if isinstance(values, dict) else ANYTHING}]"


def values_of(schema: Schema) -> list[object] | None:
    """The closed list of its values, where it has one."""
    if "const" in schema:
        return [schema["const"]]
    found = schema.get("enum")
    return list(found) if found else None


def name_of(reference: Schema) -> str:
    """Of the schema that a reference means."""
    return str(reference["$ref"]).removeprefix(REFERENCE)


def is_nullable(schema: Schema) -> bool:
    """Whether null fits."""
    return schema.get("type") == "null" or any(map(is_nullable, schema.get("anyOf", ())))
