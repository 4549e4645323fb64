"""Photos that look like ones to a hash: large shapes, light from above, texture at every scale; and what becomes of them on
the way through messengers."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.float64]
WIDTH, HEIGHT = 400, 300


def photo(number: int) -> Image.Image:
    """The photo of this number, always the same."""
    draw = np.random.default_rng([2026, number])
    light = _texture(draw, draw.uniform(1.6, 2.6)) * draw.uniform(15, 40)
    colours = [
        light * draw.uniform(0.7, 1.1) + _texture(draw, 2.0) * 6 + draw.uniform(90, 160) for _ in range(3)
    ]
    pixels = np.stack(colours, -1)
    height = np.linspace(0, 1, HEIGHT)[:, None, None]
    pixels += np.where(height < draw.uniform(0.3, 0.6), draw.uniform(10, 60), -draw.uniform(0, 40))
    for _ in range(draw.integers(3, 9)):
        _put_a_thing(pixels, draw)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _texture(draw: np.random.Generator, steepness: float) -> Pixels:
    """Noise whose power falls with frequency, as in nature; mean 0, deviation 1."""
    down, across = np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None]
    frequency = np.sqrt(across**2 + down**2)
    frequency[0, 0] = 1
    waves = draw.normal(size=frequency.shape) + 1j * draw.normal(size=frequency.shape)
    made: Pixels = np.fft.irfft2(waves * frequency ** (-steepness / 2), s=(HEIGHT, WIDTH))
    normal: Pixels = (made - made.mean()) / made.std()
    return normal


def _put_a_thing(pixels: Pixels, draw: np.random.Generator) -> None:
    left, top = draw.integers(0, WIDTH - 40), draw.integers(0, HEIGHT - 40)
    width, height = draw.integers(30, WIDTH // 3), draw.integers(30, HEIGHT // 3)
    place = pixels[top : top + height, left : left + width]
    place *= 0.3
    place += draw.uniform(20, 230, 3) * 0.7


def sent_again(original: Image.Image, number: int) -> Iterator[tuple[str, bytes]]:
    """The same photo as it comes back: saved anew, made smaller, 5 % cut off, all of it together."""
    draw = np.random.default_rng([77, number])
    yield "saved anew", as_jpeg(original, int(draw.integers(30, 80)))
    yield "scaled", as_jpeg(_scaled(original, draw.uniform(0.35, 1.4)), 85)
    yield "cut on all sides", as_jpeg(_cut(original, (0.05, 0.05, 0.05, 0.05)), 85)
    sides = [0.0] * 4
    sides[draw.integers(0, 4)] = 0.05
    yield "cut on one side", as_jpeg(_cut(original, (sides[0], sides[1], sides[2], sides[3])), 85)
    right, down = draw.uniform(0, 0.05, 2)
    cut = _cut(original, (right, down, 0.05 - right, 0.05 - down))
    yield "all together", as_jpeg(_scaled(cut, draw.uniform(0.35, 1.4)), int(draw.integers(40, 80)))


def as_jpeg(picture: Image.Image, quality: int = 90) -> bytes:
    """The file of a picture."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _scaled(picture: Image.Image, factor: float) -> Image.Image:
    return picture.resize((int(picture.width * factor), int(picture.height * factor)))


def _cut(picture: Image.Image, shares: tuple[float, float, float, float]) -> Image.Image:
    """Without these shares at the left, the top, the right and the bottom."""
    left, top, right, bottom = shares
    width, height = picture.size
    return picture.crop(
        (int(width * left), int(height * top), int(width * (1 - right)), int(height * (1 - bottom)))
    )
