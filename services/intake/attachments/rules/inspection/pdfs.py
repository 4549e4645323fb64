"""PDF: read strictly to the last object; whatever would act by itself, or holds another file, is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from services.intake.attachments.rules.inspection.content import require_no_archive
from services.intake.attachments.rules.kinds import NotTaken

MOST_PAGES: Final = 2000
MOST_OBJECTS: Final = 300_000
MOST_UNPACKED: Final = 150 * 1024 * 1024  # bytes of all streams but pictures
_END_WITHIN: Final = 1024  # bytes, as readers look for it
_KEYS: Final = frozenset({"/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent"})
_NAMES: Final = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
        "/ImportData",
        "/GoToR",
        "/GoToE",
        "/RichMedia",
        "/EmbeddedFile",
        "/Rendition",
    }
)


def check_pdf(path: Path) -> None:
    """NotTaken for what is broken, locked or alive."""
    require_no_archive(path)
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _END_WITHIN))
        if b"%%EOF" not in file.read():
            raise NotTaken("broken: the PDF is cut short")
    try:
        _read(path)
    except NotTaken:
        raise
    except Exception as error:  # whatever the parser stumbles over
        met = {"error": type(error).__name__}
        raise NotTaken("broken: the PDF cannot be read ({error})", met) from None


def _read(path: Path) -> None:
    reader = PdfReader(path, strict=True)
    if reader.is_encrypted:
        raise NotTaken("locked: the PDF is protected by a password")
    pages = sum(1 for _ in zip(reader.pages, range(MOST_PAGES + 1), strict=False))
    if not 1 <= pages <= MOST_PAGES:
        raise NotTaken("too many pages: 1 to {most}", {"most": MOST_PAGES})
    _walk(reader)


def _walk(reader: PdfReader) -> None:
    waiting: list[Any] = [reader.trailer, *_objects_of(reader)]
    seen = unpacked = 0
    while waiting:
        found = waiting.pop()
        seen += 1
        if seen > MOST_OBJECTS:
            raise NotTaken("too large: more than {most} objects", {"most": MOST_OBJECTS})
        if isinstance(found, DictionaryObject):
            _require_lifeless(found)
            unpacked += _unpack(found)
            if unpacked > MOST_UNPACKED:
                raise NotTaken(
                    "too large: unpacks to more than {most} MB", {"most": MOST_UNPACKED // 1024 // 1024}
                )
            waiting += dict.values(found)
        elif isinstance(found, ArrayObject):
            waiting += list.__iter__(found)
        elif isinstance(found, NameObject) and found in _NAMES:
            raise NotTaken("active content: {name} in the PDF", {"name": str(found)})


def _objects_of(reader: PdfReader) -> Iterator[Any]:
    """All objects of the tables, whether anything leads to them or not."""
    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    for number, generation in sorted(numbers):
        yield IndirectObject(number, generation, reader).get_object()


def _unpack(found: DictionaryObject) -> int:
    """How many bytes a stream unpacks to; pictures are packed by other means, and not unpacked."""
    if not isinstance(found, StreamObject) or found.get("/Subtype") == "/Image":
        return 0
    return len(found.get_data())


def _require_lifeless(found: DictionaryObject) -> None:
    if alive := _KEYS & set(found):
        raise NotTaken("active content: {name} in the PDF", {"name": str(sorted(alive)[0])})
