"""What is kept of an image is bounded: what would take too much without loss is a photo, or is refused with its reason."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from PIL import Image

from services.intake.attachments.rules.inspection import images
from services.intake.attachments.rules.inspection.images import clean_image
from services.intake.attachments.rules.kinds import NotTaken


def noise(mode: str) -> bytes:
    """An image that no encoder makes small, sent without loss."""
    bands = len(mode)
    picture = Image.frombytes(mode, (200, 200), random.Random(3).randbytes(200 * 200 * bands))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_a_photo_that_came_without_loss_is_kept_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(noise("RGB"))
    assert clean_image(source, target).media_type == "image/png"
    monkeypatch.setattr(images, "MOST_KEPT", 100_000)
    assert clean_image(source, target).media_type == "image/jpeg"
    assert target.read_bytes().startswith(b"\xff\xd8")


def test_a_transparent_image_that_takes_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(noise("RGBA"))
    monkeypatch.setattr(images, "MOST_KEPT", 100_000)
    with pytest.raises(NotTaken, match=r"^too large"):
        clean_image(source, tmp_path / "target")


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """The encoder's own troubles are a reason, and no fault of the service."""
    source = tmp_path / "source"
    source.write_bytes(noise("RGBA"))
    with pytest.raises(NotTaken):
        clean_image(source, tmp_path / "no folder" / "target")
