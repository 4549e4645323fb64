"""Answers as the standard writes them: JSON, or XML without a namespace.

One is made of the other by rule (GeoReport v2, JSON Support): a list is an element whose children are called after one of
them, what is null is an empty element.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple
from xml.etree.ElementTree import Element, tostring

import orjson
from pydantic import BaseModel

Format = Literal["json", "xml"]
FORMATS: Final[tuple[Format, ...]] = ("json", "xml")
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}
_DECLARATION: Final = b'<?xml version="1.0" encoding="utf-8"?>\n'
# What one thing of a list is called.
_ITEMS: Final[Mapping[str, str]] = {
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}
# XML 1.0 (2.2): no document may hold these, not even written as references.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Names(NamedTuple):
    """What a document and one thing in it are called; `item` None: the document is that one thing."""

    root: str
    item: str | None


def asked_format(suffix: str | None, accept: str) -> Format:
    """The format that was asked for: by the end of the path, else by the header; XML, which everybody has to speak."""
    if suffix is not None:
        return "json" if suffix == "json" else "xml"
    json, xml = accept.find("json"), accept.find("xml")
    return "json" if json >= 0 and (xml < 0 or json < xml) else "xml"


def render(form: Format, names: Names, things: Sequence[BaseModel]) -> bytes:
    """A document of things: of each the fields that were set."""
    values = [thing.model_dump(mode="json", exclude_unset=True) for thing in things]
    if form == "json":
        return orjson.dumps(values if names.item else values[0])
    if names.item is None:
        return _write(_element(names.root, values[0]))
    root = Element(names.root)
    root.extend(_element(names.item, value) for value in values)
    return _write(root)


def _write(root: Element) -> bytes:
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return _DECLARATION + written


def _element(name: str, value: object) -> Element:
    element = Element(name)
    match value:
        case dict():
            element.extend(_element(key, each) for key, each in value.items())
        case list():
            element.extend(_element(_ITEMS[name], each) for each in value)
        case None:
            pass
        case bool():
            element.text = "true" if value else "false"
        case _:
            element.text = _NO_XML.sub("", str(value))
    return element
