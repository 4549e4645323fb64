"""Images are decoded whole and written anew: nothing of the file that came is kept, what its camera noted stands apart."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps
from PIL.ExifTags import GPS, IFD, Base

from services.intake.attachments.rules.inspection.content import require_lifeless, require_no_archive
from services.intake.attachments.rules.inspection.signs import signs_of
from services.intake.attachments.rules.kinds import NotTaken
from services.intake.attachments.rules.messages import Evidence, Verdict

MOST_PIXELS: Final = 64_000_000  # of all frames together
_MOST_PIXELS: Final = {"most": MOST_PIXELS // 1_000_000}
LONGEST_SIDE: Final = 4096  # pixels of what is kept
QUALITY: Final = 88
MOST_KEPT: Final = 20 * 1024 * 1024  # bytes without loss: twice what may be sent
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
_DATED: Final = "%Y:%m:%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class _Decoded:
    picture: Image.Image
    is_drawing: bool  # of hard edges, or transparent: saved without loss
    evidence: Evidence


def clean_image(source: Path, target: Path) -> Verdict:
    """Write the image anew to `target`. NotTaken for what cannot be decoded to its end, or would need too much."""
    content = source.read_bytes()
    _learn_heif(content)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    require_no_archive(source)
    require_lifeless(content)
    try:
        decoded = _decode(source)
        media_type = _save(decoded, target)
    except NotTaken:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotTaken("too many pixels: at most {most} million", _MOST_PIXELS) from None
    except Exception as error:  # whatever a decoder stumbles over
        met = {"error": type(error).__name__}
        raise NotTaken("broken: the image cannot be decoded ({error})", met) from None
    return Verdict(
        media_type=media_type,
        signs=[f"{sign:016x}" for sign in signs_of(decoded.picture)],
        evidence=decoded.evidence,
    )


def _learn_heif(content: bytes) -> None:
    """The decoder of telephones' photos takes time to load, too."""
    if content[4:8] == b"ftyp":
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False)


def _decode(source: Path) -> _Decoded:
    with Image.open(source, formats=_FORMATS) as checked:
        checked.verify()  # checksums; the image is of no use afterwards
    with Image.open(source, formats=_FORMATS) as opened:
        kind = opened.format or ""
        _require_few_frames(opened)
        evidence = _evidence_of(opened)
        if kind == "JPEG":
            opened.draft(
                None, (LONGEST_SIDE, LONGEST_SIDE)
            )  # decoded at a half or a quarter where that is enough
        opened.load()
        picture = ImageOps.exif_transpose(opened)
    picture = _plain(picture)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _Decoded(picture, kind in ("PNG", "GIF") or picture.mode == "RGBA", evidence)


def _require_few_frames(opened: Image.Image) -> None:
    frames = getattr(opened, "n_frames", 1)
    if frames > 1 and opened.format != "HEIF":
        if frames * opened.width * opened.height > MOST_PIXELS:
            raise NotTaken("too many pixels: at most {most} million in all frames", _MOST_PIXELS)
        opened.seek(0)


def _plain(picture: Image.Image) -> Image.Image:
    """In one of three modes."""
    if picture.mode in ("L", "RGB", "RGBA"):
        return picture
    if picture.mode.startswith("I"):  # 16 bits: the upper eight
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if has_alpha else "RGB")


def _save(decoded: _Decoded, target: Path) -> str:
    picture = decoded.picture
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)  # the pixels, and nothing that came with them
    if decoded.is_drawing:
        if _saved_without_loss(clean, target):
            return "image/png"
        if picture.mode == "RGBA":
            raise NotTaken(
                "too large: the image needs more than {most} MB without loss",
                {"most": MOST_KEPT // 1024 // 1024},
            )
    clean.save(target, "JPEG", quality=QUALITY)  # also a photo that came as a drawing
    return "image/jpeg"


def _saved_without_loss(clean: Image.Image, target: Path) -> bool:
    """Whether it fits; the process may write only so much."""
    try:
        clean.save(target, "PNG", compress_level=4)
    except OSError:
        return False
    return target.stat().st_size <= MOST_KEPT


def _evidence_of(opened: Image.Image) -> Evidence:
    """What of it can be read; a camera that writes nonsense says nothing."""
    try:
        exif = opened.getexif()
        taken = exif.get_ifd(IFD.Exif).get(Base.DateTimeOriginal) or exif.get(Base.DateTime)
        gps = exif.get_ifd(IFD.GPSInfo)
    except Exception:
        return Evidence()
    lat = _degrees(gps.get(GPS.GPSLatitude), gps.get(GPS.GPSLatitudeRef), "S", 90)
    lon = _degrees(gps.get(GPS.GPSLongitude), gps.get(GPS.GPSLongitudeRef), "W", 180)
    known = lat is not None and lon is not None
    return Evidence(_moment(taken), lat if known else None, lon if known else None)


def _moment(words: Any) -> str | None:
    try:
        return datetime.strptime(str(words).strip("\0 "), _DATED).isoformat()  # noqa: DTZ007 - a camera knows no zone
    except ValueError:
        return None


def _degrees(parts: Any, side: Any, negative: str, most: int) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:
        return None
    return round(-value if side == negative else value, 6)
