"""What the bytes of a file are: packed or not, and in which encoding. Looked at to the end before anything is read.

A file without a byte order mark is UTF-8 if all of it is. Else it may be cp1251, the other encoding Russian files come in:
almost any bytes can be read as that, so it has to look like Russian, and not like UTF-8 with some bytes damaged.
"""

from __future__ import annotations

import codecs
import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from otklik.files.errors import FileError

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"  # XLSX and its like
OLE = b"\xd0\xcf\x11\xe0"  # the workbooks before it, and those with a password
PIECE = 256 * 1024
# The longer mark first: UTF-32 begins like UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ASCII = bytes(range(128))
_CYRILLIC = bytes((0xA8, 0xB8, *range(0xC0, 0x100)))  # letters of cp1251
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1a")
_VOWELS = "аеиоуыАЕИОУЫ".encode("cp1251")
_NOT_IN_CP1251 = b"\x98"
_UTF8_MARKS = bytes(1 if byte in (0xD0, 0xD1) else 2 if 0x80 <= byte < 0xC0 else 0 for byte in range(256))
_LETTER_MARKS = bytes(
    1 if byte < 128 and chr(byte).isalpha() else 2 if byte in _CYRILLIC else 0 for byte in range(256)
)


@dataclass(frozen=True)
class Bytes:
    """A file as it lies on the disk; `encoding` is None for a workbook."""

    path: Path
    packed: bool
    encoding: str | None


@contextmanager
def seekable(path: Path) -> Iterator[Path]:
    """The file itself, or a copy of what can be read only once (a pipe)."""
    if path.is_file() or not path.exists():
        yield path
        return
    with tempfile.NamedTemporaryFile(prefix="otklik-", suffix=path.suffix) as copy:
        with _open(path) as source:
            shutil.copyfileobj(source, copy)
        copy.flush()
        try:
            yield Path(copy.name)
        except FileError as error:
            raise FileError(str(error).replace(copy.name, str(path))) from None


def recognise(path: Path) -> Bytes:
    """Read the whole file once. FileError when it cannot be read, or for bytes that no encoding explains."""
    with _open(path) as raw:
        packed = raw.read(2) == GZIP
    with unpacked(path, packed) as content:
        first = content.read(4)
        if first in (ZIP, OLE):
            if packed:
                raise FileError(f"{path} is a packed workbook. Unpack it first.")
            return Bytes(path, packed, None)
        marked = next((name for mark, name in MARKS if first.startswith(mark)), None)
    return Bytes(path, packed, _encoding_of(path, packed, marked))


@contextmanager
def unpacked(path: Path, packed: bool) -> Iterator[IO[bytes]]:
    """The file's content; FileError for a damaged archive."""
    with _open(path) as raw:
        try:
            yield cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise FileError(f"{path} is a damaged gzip file.") from None


@contextmanager
def as_text(source: Bytes) -> Iterator[io.TextIOWrapper]:
    """The file's text; line ends stay as they are."""
    with unpacked(source.path, source.packed) as content:
        yield io.TextIOWrapper(content, encoding=source.encoding, newline="")


def _open(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from None


def _encoding_of(path: Path, packed: bool, marked: str | None) -> str:
    encoding = marked or "utf-8"
    wrong = _find_undecodable(path, packed, encoding)
    if wrong is None:
        return encoding
    if marked is None and _looks_like_cp1251(path, packed):
        return "cp1251"
    name = "UTF-8" if marked is None else marked.removesuffix("-sig").upper()
    raise FileError(
        f"{path}, line {wrong}: bytes that are no text in {name}{'' if marked else ' and no Russian text in cp1251'}. "
        "Save the file anew as UTF-8 (a program that exported it wrongly has lost these letters)."
    )


def _find_undecodable(path: Path, packed: bool, encoding: str) -> int | None:
    """The line of the first bytes that are no text, None when there are none; FileError for a NUL, which is no text in
    any encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    for piece in _pieces(path, packed):
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            return lines + error.object[: error.start].decode(encoding, "ignore").count("\n")
        nul = text.find("\0")
        if nul >= 0:
            raise FileError(
                f"{path}, line {lines + text.count(chr(10), 0, nul)}: a NUL character. It is no text file; give a CSV, "
                "NDJSON or XLSX file (UTF-16 needs its byte order mark)."
            )
        lines += text.count("\n")
    return None


def _looks_like_cp1251(path: Path, packed: bool) -> bool:
    """Words of Cyrillic letters with Russian's vowels in them, next to no Latin ones (those are western encodings) and
    seldom a pair of bytes that would be Cyrillic in UTF-8 (that is a damaged UTF-8)."""
    high = letters = vowels = pairs = mixed = 0
    for piece in _pieces(path, packed):
        if _NOT_IN_CP1251 in piece or len(piece.translate(None, _CONTROLS)) != len(piece):
            return False
        high += len(piece.translate(None, _ASCII))
        letters += len(piece) - len(piece.translate(None, _CYRILLIC))
        vowels += len(piece) - len(piece.translate(None, _VOWELS))
        pairs += piece.translate(_UTF8_MARKS).count(b"\x01\x02")  # in cp1251 rare: «ЖКС»
        marked = piece.translate(_LETTER_MARKS)
        mixed += marked.count(b"\x01\x02") + marked.count(b"\x02\x01")
    least = letters * 0.25 if letters >= 40 else 1  # KOI8-R, taken for cp1251, has less
    return letters >= 0.6 * high and vowels >= least and 10 * pairs < high and 5 * mixed < letters


def _pieces(path: Path, packed: bool) -> Iterator[bytes]:
    """The content in pieces, and an empty one at its end."""
    with unpacked(path, packed) as content:
        while piece := content.read(PIECE):
            yield piece
        yield b""
