"""What a part of a document points to: links that a reader clicks may lead anywhere, what a program opens by itself may not."""

from __future__ import annotations

import re
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from services.intake.attachments.rules.kinds import NotTaken

_XLINK: Final = "http://www.w3.org/1999/xlink href"
_SVG: Final = "http://www.w3.org/2000/svg "
_TEMPLATE: Final = "urn:oasis:names:tc:opendocument:xmlns:meta:1.0 template"
_CLICKED: Final = re.compile(r" (?:a|area-\w+)$")  # elements of ODF and SVG that wait for a click
_SCHEME: Final = re.compile(r"(?!data:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_OUT: Final = ("/", "\\", "..")
# Where the template lay that a text was made from is noted in it; on the same machine it is no fetching.
_NETWORK: Final = re.compile(r"(?!file:///|[a-z]:)[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)


def check_references(content: bytes) -> None:
    """NotTaken for a part that is broken, or has a program that opens it fetch something from outside the document."""
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _require_inside
    try:
        parser.Parse(content, True)
    except ExpatError:
        raise NotTaken("broken: a part of the document cannot be read to its end") from None


def _require_inside(element: str, attributes: dict[str, str]) -> None:
    target = attributes.get(_XLINK) or (attributes.get("href") if element.startswith(_SVG) else None)
    if not target or _CLICKED.search(element):
        return
    if _leads_out(target.strip(), is_template=element == _TEMPLATE):
        raise NotTaken("active content: the document fetches something from elsewhere")


def _leads_out(target: str, *, is_template: bool) -> bool:
    if is_template:
        return _NETWORK.match(target) is not None
    return target.startswith(_OUT) or _SCHEME.match(target) is not None
