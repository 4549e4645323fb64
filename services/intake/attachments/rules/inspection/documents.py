"""Documents of Office and LibreOffice are archives: every entry is unpacked, counted and looked at, none is written anywhere."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from services.intake.attachments.rules.inspection.references import check_references
from services.intake.attachments.rules.kinds import MEDIA_TYPES, NotTaken
from services.intake.attachments.rules.messages import Kind

MOST_ENTRIES: Final = 3000
MOST_UNPACKED: Final = 100 * 1024 * 1024  # bytes
MOST_OF_ONE: Final = 60 * 1024 * 1024
LONGEST_TAIL: Final = 65_557  # an archive ends with its directory's end and a comment
_TYPES: Final = "[Content_Types].xml"
_MAIN: Final[dict[Kind, str]] = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
_ALIVE: Final = re.compile(
    r"vbaproject|vbadata|macrosheets/|activex|/embeddings/|oleobject|/dialogsheets/|xl/connections|customui|"
    r"^basic/|^scripts/|^object |^objectreplacements/",
    re.IGNORECASE,
)
_PARTS: Final = re.compile(
    r"\.(?:xml|rels|vml|png|jpe?g|gif|bmp|tiff?|emf|wmf|svg|webp|rdf|odttf|fntdata|txt|psmdcp|ttf|otf)$|"
    r"^xl/printersettings/printersettings\d+\.bin$",
    re.IGNORECASE,
)
_LEADS_OUT: Final = re.compile(r"(?:^|/)\.\.(?:/|$)|^/|\\|^[^/]*:")
_XML: Final = re.compile(r"\.(?:xml|rels|vml|rdf|svg)$", re.IGNORECASE)
_WELL_FORMED: Final = re.compile(r"\.(?:xml|svg)$", re.IGNORECASE)
_INSIDE: Final = (
    b"PK\x03\x04",
    b"Rar!",
    b"7z\xbc\xaf",
    b"MZ",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"%PDF",
)
_RELATION: Final = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ENTITIES: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
# How the bytes of letters read that rules look for; what is named otherwise could hide them.
_ENCODING: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\bencoding\s*=\s*[\"']([^\"']*)")
_PLAIN_ENCODINGS: Final = frozenset((b"utf-8", b"us-ascii", b"iso-8859-1", b"windows-1251", b"windows-1252"))
_XML_ALIVE: Final = re.compile(
    rb"macroEnabled|\bDDE(?:AUTO)?\s|<(?:\w+:)?(?:dde|ole)Link\b|script:event-listener|vnd\.sun\.star\.script|javascript:|<script|"
    rb"\bWEBSERVICE\s*\(|_xlfn\.IMAGE\s*\(|'(?:https?|ftp|smb|file):[^'<>]{1,500}'#",
    re.IGNORECASE,
)


def check_document(path: Path) -> Kind:
    """Which document it is. NotTaken for what is broken, locked, alive, or unpacks to too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            _require_honest_entries(archive.infolist())
            _require_nothing_behind(path, archive)
            kind = _kind_of(archive)
            left = MOST_UNPACKED
            for entry in archive.infolist():
                left -= _check_entry(archive, entry, left)
            return kind
    except NotTaken:
        raise
    except Exception as error:  # whatever the reader stumbles over
        met = {"error": type(error).__name__}
        raise NotTaken("broken: the document cannot be unpacked ({error})", met) from None


def _require_honest_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        raise NotTaken("too large: more than {most} entries", {"most": MOST_ENTRIES})
    names = [entry.filename.lower() for entry in entries]
    if len(set(names)) < len(names):
        raise NotTaken("broken: an entry stands in the document twice")
    for entry in entries:
        if entry.flag_bits & 1:
            raise NotTaken("locked: the document is protected by a password")
        if _LEADS_OUT.search(entry.orig_filename):
            raise NotTaken("path: an entry leads out of the document")
        if _ALIVE.search(entry.filename):
            raise NotTaken("active content: macros, embedded objects or connections in the document")


def _require_nothing_behind(path: Path, archive: zipfile.ZipFile) -> None:
    with path.open("rb") as file:
        file.seek(archive.start_dir)
        tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if archive.comment or len(tail) - end > 22:
        raise NotTaken("broken: something hangs behind the document")


def _kind_of(archive: zipfile.ZipFile) -> Kind:
    names = set(archive.namelist())
    if _TYPES in names:
        for kind, main in _MAIN.items():
            if main in names and f"{MEDIA_TYPES[kind]}.main+xml".encode() in _read(archive, _TYPES):
                return kind
    elif archive.infolist()[:1] and archive.infolist()[0].filename == "mimetype":
        media_type = _read(archive, "mimetype").decode("ascii", "replace").strip()
        for kind in ("odt", "ods"):
            if media_type == MEDIA_TYPES[kind] and "content.xml" in names:
                return kind
    raise NotTaken("type: the archive is no document that is taken (DOCX, XLSX, ODT, ODS)")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as entry:
        return entry.read(1024 * 1024)


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    """Unpack it to its end; how many bytes it was."""
    content = bytearray()
    for piece in _pieces(archive, entry):
        content += piece
        if len(content) > min(left, MOST_OF_ONE):
            raise NotTaken(
                "too large: unpacks to more than {most} MB", {"most": MOST_UNPACKED // 1024 // 1024}
            )
    if entry.is_dir() or entry.filename == "mimetype":
        return len(content)
    _check_content(entry.filename, bytes(content))
    return len(content)


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as opened:
        while piece := opened.read(256 * 1024):
            yield piece


def _check_content(name: str, content: bytes) -> None:
    if not _PARTS.search(name):
        raise NotTaken("active content: a file inside the document that is none of its parts")
    if content.startswith(_INSIDE):
        raise NotTaken("nested: another archive, document or program inside the document")
    if _XML.search(name):
        _check_xml(content)
    if _WELL_FORMED.search(name):
        check_references(content)
    if name.lower().endswith(".rels"):
        _check_relations(content)


def _check_xml(content: bytes) -> None:
    """Links that a reader clicks are taken; what a program would run or fetch by itself is not."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")):
        raise NotTaken("broken: a part of the document is not UTF-8")
    encoding = _ENCODING.match(content)
    if encoding and encoding[1].lower() not in _PLAIN_ENCODINGS:
        raise NotTaken("broken: a part of the document is not UTF-8")
    if _ENTITIES.search(content):
        raise NotTaken("active content: entities in the document")
    if _XML_ALIVE.search(content):
        raise NotTaken("active content: commands or scripts in the document")
    for relation in _RELATION.findall(content):
        if b"External" in relation and b"/hyperlink" not in relation:
            raise NotTaken("active content: the document fetches something from elsewhere")


def _check_relations(content: bytes) -> None:
    """As a reader understands them, whatever way their attributes are written: only links that somebody clicks lead elsewhere."""
    parser = ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = _require_within
    try:
        parser.Parse(content, True)
    except ExpatError:
        raise NotTaken("broken: the parts of the document are not told apart") from None


def _require_within(element: str, attributes: dict[str, str]) -> None:
    if element.rpartition(" ")[2] != "Relationship":
        return
    is_within = attributes.get("TargetMode", "Internal").strip() == "Internal"
    if not is_within and not attributes.get("Type", "").strip().endswith("/hyperlink"):
        raise NotTaken("active content: the document fetches something from elsewhere")
