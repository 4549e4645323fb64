"""A file as a client sends it, and the pieces that files of tests are made of."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"


@dataclass(frozen=True)
class Sent:
    """`case`: what is told by it; `name`, `declared`: file name and media type as they are sent."""

    case: str
    name: str
    declared: str
    content: bytes


def image(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB") -> bytes:
    """A small image with something on it."""
    made = Image.linear_gradient("L").resize(size).convert(mode)
    out = io.BytesIO()
    made.save(out, kind)
    return out.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_claiming(width: int, height: int, rows: int = 1) -> bytes:
    """A PNG that says it has so many pixels, and holds `rows` rows of zeros."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = zlib.compress(bytes((width * 3 + 1) * rows)) if width < 200_000 else zlib.compress(b"\0")
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def archive(entries: Mapping[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    """A zip of these entries, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in entries.items():
            made.writestr(
                name, content, compress_type=zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            )
    return out.getvalue()


_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def relations(*more: tuple[str, str, str]) -> str:
    """A part of relationships: (kind, target, mode)."""
    lines = "".join(
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"'
        + (f' TargetMode="{mode}"' if mode else "")
        + "/>"
        for number, (kind, target, mode) in enumerate(more)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{_PACKAGE}/relationships">{lines}</Relationships>'


def office(main: str, kind: str, more: Mapping[str, bytes | str] | None = None, body: str = "") -> bytes:
    """A document of Office: `main` is its main part, `kind` its content type."""
    types = (
        f'<?xml version="1.0"?><Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{_RELATIONS}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/{main}" ContentType="{kind}+xml"/></Types>'
    )
    entries: dict[str, bytes | str] = {
        "[Content_Types].xml": types,
        "_rels/.rels": relations(("officeDocument", main, "")),
        main: body or '<?xml version="1.0"?><document>Ответ готов</document>',
    }
    return archive({**entries, **(more or {})})


def docx(more: Mapping[str, bytes | str] | None = None, kind: str = f"{DOCX}.main", body: str = "") -> bytes:
    """A document of Word."""
    return office("word/document.xml", kind, more, body)


def xlsx(more: Mapping[str, bytes | str] | None = None, kind: str = f"{XLSX}.main", body: str = "") -> bytes:
    """A sheet of Excel."""
    return office("xl/workbook.xml", kind, more, body)


def odt(more: Mapping[str, bytes | str] | None = None, first: str = ODT) -> bytes:
    """A text of LibreOffice."""
    entries: dict[str, bytes | str] = {
        "mimetype": first,
        "content.xml": "<?xml version='1.0'?><office>Ответ</office>",
        "META-INF/manifest.xml": "<?xml version='1.0'?><manifest/>",
    }
    return archive({**entries, **(more or {})}, stored=("mimetype",))


def pdf(*objects: str, catalog: str = "", trailer: str = "") -> bytes:
    """A PDF of one page; `objects` are numbered from 4 on, `catalog` is added to the catalogue, `trailer` to the trailer."""
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        *objects,
    ]
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += (
        f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return bytes(out)
