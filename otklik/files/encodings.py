"""What the bytes of a file are: packed or not, and in which encoding. Looked at to the end before anything is read.

A file without a byte order mark is UTF-8 if all of it is. Else it may be cp1251, the other encoding Russian files come in:
almost any bytes can be read as that, so it has to look like Russian, and not like UTF-8 with some bytes damaged.
"""

from __future__ import annotations

import codecs
import gzip
import io
import shutil
import string
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
_CONTROLS = bytes(set(range(32)) - set(b"\0\t\n\v\f\r\x1a"))  # a NUL is a fault of its own
_VOWELS = "аеиоуыАЕИОУЫ".encode("cp1251")
_NOT_IN_CP1251 = b"\x98"


def _two_classes(first: bytes, second: bytes) -> bytes:
    """For `bytes.translate`: 1 for what belongs to the first, 2 for what belongs to the second, 0 for all else."""
    table = bytearray(256)
    for number, members in ((1, first), (2, second)):
        for byte in members:
            table[byte] = number
    return bytes(table)


_UTF8_PAIR = _two_classes(b"\xd0\xd1", bytes(range(0x80, 0xC0)))
_LATIN_OR_CYRILLIC = _two_classes(string.ascii_letters.encode(), _CYRILLIC)


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
        _find_undecodable(path, packed, "cp1251")
        return "cp1251"
    tried = f"{marked.removesuffix('-sig').upper()}" if marked else "UTF-8 and no Russian text in cp1251"
    raise FileError(
        f"{path}, line {wrong}: bytes that are no text in {tried}. "
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


@dataclass
class _Cp1251Evidence:
    """What speaks for Russian text in cp1251, counted over a file."""

    high: int = 0
    letters: int = 0
    vowels: int = 0
    utf8_pairs: int = 0  # in cp1251 rare: «ЖКС»
    mixed: int = 0  # a Latin letter beside a Cyrillic one

    def add(self, piece: bytes) -> None:
        self.high += len(piece.translate(None, _ASCII))
        self.letters += len(piece) - len(piece.translate(None, _CYRILLIC))
        self.vowels += len(piece) - len(piece.translate(None, _VOWELS))
        self.utf8_pairs += piece.translate(_UTF8_PAIR).count(b"\x01\x02")
        alphabets = piece.translate(_LATIN_OR_CYRILLIC)
        self.mixed += alphabets.count(b"\x01\x02") + alphabets.count(b"\x02\x01")

    @property
    def is_convincing(self) -> bool:
        """Words of Cyrillic letters with Russian's vowels in them, next to no Latin ones (those are western encodings) and
        seldom a pair of bytes that would be Cyrillic in UTF-8 (that is a damaged UTF-8)."""
        least = self.letters * 0.25 if self.letters >= 40 else 1  # KOI8-R, taken for cp1251, has less
        return all(
            (
                self.letters >= 0.6 * self.high,
                self.vowels >= least,
                10 * self.utf8_pairs < self.high,
                5 * self.mixed < self.letters,
            )
        )


def _looks_like_cp1251(path: Path, packed: bool) -> bool:
    evidence = _Cp1251Evidence()
    for piece in _pieces(path, packed):
        if _NOT_IN_CP1251 in piece or len(piece.translate(None, _CONTROLS)) != len(piece):
            return False
        evidence.add(piece)
    return evidence.is_convincing


def _pieces(path: Path, packed: bool) -> Iterator[bytes]:
    """The content in pieces, and an empty one at its end."""
    with unpacked(path, packed) as content:
        while piece := content.read(PIECE):
            yield piece
        yield b""
