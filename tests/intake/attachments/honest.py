"""What citizens and officials really send."""

from __future__ import annotations

import io
from collections.abc import Iterator

from docx import Document
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from tests.intake.attachments.files import DOCX, ODT, XLSX, Sent, docx, image, odt, pdf, relations, xlsx

TAKEN_AT = "2026:11:20 08:15:30"
KURSK = (51.73, 36.19)


def honest() -> Iterator[Sent]:
    """All of them."""
    yield Sent("photo of a telephone", "IMG_0001.JPG", "image/jpeg", photo_with_exif())
    yield Sent("screenshot", "Снимок экрана.png", "image/png", image("PNG"))
    yield Sent("transparent", "a.png", "image/png", image("PNG", mode="RGBA"))
    yield Sent("grey", "a.png", "image/png", image("PNG", mode="L"))
    yield Sent("sixteen bits", "a.png", "image/png", image("PNG", mode="I;16"))
    yield Sent("CMYK", "a.jpg", "image/jpeg", image("JPEG", mode="CMYK"))
    yield Sent("WebP", "a.webp", "image/webp", image("WEBP"))
    yield Sent("WebP that a messenger called JPEG", "photo.jpg", "image/jpeg", image("WEBP"))
    yield Sent("GIF", "a.gif", "image/gif", image("GIF", mode="P"))
    yield Sent("without a type", "photo.jpeg", "application/octet-stream", image())
    yield Sent("without an ending", "photo", "", image())
    moving = image() + b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(5000)
    yield Sent("photo with a film behind it", "MVIMG.jpg", "image/jpeg", moving)
    yield Sent("large photo", "a.jpg", "image/jpeg", image(size=(8000, 6000)))
    yield Sent("PDF", "Ответ.pdf", "application/pdf", pdf(catalog="/OpenAction [3 0 R /Fit]"))
    yield Sent("PDF with a link", "a.pdf", "application/pdf", pdf("<< /S /URI /URI (https://kursk.ru/) >>"))
    yield Sent("document", "Ответ на обращение.docx", DOCX, document())
    link = ("hyperlink", "https://kursk.ru/", "External")
    linked = docx({"word/_rels/document.xml.rels": relations(link)})
    yield Sent("document with a link", "a.docx", DOCX, linked)
    yield Sent("document with a picture", "a.docx", DOCX, docx({"word/media/image1.png": image("PNG")}))
    yield Sent("sheet", "График.xlsx", XLSX, xlsx())
    yield Sent("open text", "a.odt", ODT, odt({"Pictures/a.jpg": image()}))


def document() -> bytes:
    """As Word writes one."""
    made = Document()
    made.add_heading("Ответ на обращение")
    made.add_paragraph("Яма заделана 20 ноября.")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def photo_with_exif(place: tuple[float, float] | None = KURSK, orientation: int = 6) -> bytes:
    """A JPEG as a telephone makes it: when, where, lying on its side, and whose telephone it is."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Artist] = "Иванов Пётр".encode().decode("latin-1")
    exif[Base.Model] = "Phone of Ivanov"
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = TAKEN_AT
    if place:
        gps = exif.get_ifd(IFD.GPSInfo)
        gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", _degrees(place[0])
        gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", _degrees(place[1])
    out = io.BytesIO()
    Image.linear_gradient("L").resize((120, 80)).convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()


def _degrees(value: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    minutes = (value - int(value)) * 60
    seconds = (minutes - int(minutes)) * 60
    return (
        IFDRational(int(value), 1),
        IFDRational(int(minutes), 1),
        IFDRational(round(seconds * 1000), 1000),
    )
