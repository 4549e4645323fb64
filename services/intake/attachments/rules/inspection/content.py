"""What a file is by its content, and what stands in it that has no business there."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final, Literal

import puremagic

from services.intake.attachments.rules.kinds import ACCEPTED, NotTaken

Family = Literal["image", "pdf", "zip"]
_BY_TYPE: Final[dict[str, Family]] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/gif": "image",
    "image/webp": "image",
    "image/heic": "image",
    "image/heif": "image",
    "application/pdf": "pdf",
    "application/zip": "zip",
}
# How files of these families begin: a word of the library's that they do not bear out counts for nothing.
_BEGINNINGS: Final[tuple[tuple[re.Pattern[bytes], Family], ...]] = (
    (
        re.compile(
            rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF.{4}WEBP|.{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",
            re.DOTALL,
        ),
        "image",
    ),
    (re.compile(rb"%PDF-[12]\.\d"), "pdf"),
    (re.compile(rb"PK\x03\x04"), "zip"),
)
# Long enough never to stand by chance in ten megabytes of a compressed photo.
_ALIVE: Final = re.compile(
    rb"<script|<\?php|<!doctype html|<html|<svg[\s>]|javascript:|This program cannot be run in DOS mode|#!/bin/|%PDF-1\.|Rar!\x1a\x07",
    re.IGNORECASE,
)


def family_of(path: Path) -> Family:
    """By how it begins, which the library of signatures has to agree with. NotTaken for everything else."""
    with path.open("rb") as file:
        head = file.read(4096)
    family = next((family for pattern, family in _BEGINNINGS if pattern.match(head)), None)
    if family is None or not _agrees(head, family):
        raise NotTaken("type: the content is none of {accepted}", {"accepted": ACCEPTED})
    return family


def _agrees(head: bytes, family: Family) -> bool:
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return False
    return family == "zip" or any(_BY_TYPE.get(each.mime_type) == family for each in found)


def require_lifeless(content: bytes) -> None:
    """NotTaken for what is a photo to one program and a page, a script or a program to another."""
    if found := _ALIVE.search(content):
        raise NotTaken(
            "active content: something else is hidden in the image, at byte {byte}", {"byte": found.start()}
        )


def require_no_archive(path: Path) -> None:
    """NotTaken where an archive is hung on."""
    if zipfile.is_zipfile(path):
        raise NotTaken("active content: an archive is hidden in the file")
