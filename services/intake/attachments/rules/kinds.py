"""Which files are taken, by their endings and media types. What a file is, its content alone decides; a name may not say otherwise."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from services.intake.attachments.rules.messages import Claimed, Kind

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_FILES: Final = 10  # of one appeal, and of one answer
LONGEST_NAME: Final = 255
ACCEPTED: Final = "JPEG, PNG, WebP, HEIC, GIF, PDF, DOCX, XLSX, ODT or ODS"

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_OPEN: Final = "application/vnd.oasis.opendocument"
MEDIA_TYPES: Final[dict[Kind, str]] = {
    "pdf": "application/pdf",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "odt": f"{_OPEN}.text",
    "ods": f"{_OPEN}.spreadsheet",
}
_IMAGES: Final = ("jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "gif")
_ENDINGS: Final[dict[str, Kind]] = {**dict.fromkeys(_IMAGES, "image"), **{kind: kind for kind in MEDIA_TYPES}}
_IMAGE_TYPES: Final = ("jpeg", "jpg", "pjpeg", "png", "x-png", "webp", "heic", "heif", "gif")
_TYPES: Final[dict[str, Kind]] = {
    **{f"image/{name}": "image" for name in _IMAGE_TYPES},
    **{media_type: kind for kind, media_type in MEDIA_TYPES.items()},
}
_UNTYPED: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/zip"})


class NotTaken(Exception):
    """Why a file is refused, in words for developers: a word, a colon and an explanation, which may have places for `values`."""

    def __init__(self, reason: str, values: Mapping[str, str | int] | None = None) -> None:
        super().__init__(reason.format_map(values) if values else reason)
        self.reason = reason
        self.values = values


def claimed_kind(name: str, declared: str) -> Claimed:
    """What a file's name and media type say it is; empty where they say nothing. NotTaken for names that lead astray and for
    kinds that are not taken."""
    _check_name(name)
    by_name = _by_name(name)
    media_type = declared.partition(";")[0].strip().lower()
    if media_type in _UNTYPED:
        return by_name
    by_type = _TYPES.get(media_type)
    if by_type is None:
        raise NotTaken("type: this media type is not taken; send {accepted}", {"accepted": ACCEPTED})
    if by_name and by_name != by_type:
        raise NotTaken("mismatch: the file's name says another kind than its media type")
    return by_type


def media_type_of(kind: Kind) -> str:
    """The media type of a document."""
    return MEDIA_TYPES[kind]


def _check_name(name: str) -> None:
    """Names are never used as paths here; whoever downloads them elsewhere might."""
    if len(name) > LONGEST_NAME:
        raise NotTaken("name: at most {most} characters", {"most": LONGEST_NAME})
    if any(each in "/\\" or unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in name):
        raise NotTaken("name: no slashes, control or invisible characters")


def _by_name(name: str) -> Claimed:
    stem, dot, ending = name.strip().rpartition(".")
    if not dot or not stem:
        return ""
    kind = _ENDINGS.get(ending.lower())
    if kind is None:
        raise NotTaken("type: files of this ending are not taken; send {accepted}", {"accepted": ACCEPTED})
    return kind
