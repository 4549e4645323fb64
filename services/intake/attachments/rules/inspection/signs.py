"""By what a photo is known again, however it was saved, scaled or cut a little: six signs of 64 bits.

A sign holds which of the 64 slowest waves of the brightness (discrete cosine transform of 32 × 32 points, Zauner 2010) are above their
median. Cutting moves the waves; so five cuts of the photo are signed beside the whole, and somebody else's cut is near one of them.
"""

from __future__ import annotations

import math
from statistics import median, pstdev
from typing import Final

from PIL import Image

_POINTS: Final = 32
_WAVES: Final = 8
_BEFORE: Final = 256  # pixels of the longer side before anything is cut
CUT: Final = 0.05
FLATTEST: Final = 6.0  # deviation of brightness (0..255) below which there is nothing to know again
_COSINES: Final = [
    [math.cos(math.pi * (2 * point + 1) * wave / (2 * _POINTS)) for point in range(_POINTS)]
    for wave in range(_WAVES)
]
# Left, top, right and bottom shares that are cut off.
_CUTS: Final = ((0, 0, 0, 0), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (1, 1, 1, 1))


def signs_of(picture: Image.Image) -> list[int]:
    """The signs of the whole and of its cuts; none for a picture with nothing on it."""
    grey = picture.convert("L")
    grey.thumbnail((_BEFORE, _BEFORE))
    if min(grey.size) < _WAVES:
        return []
    signs = []
    for left, top, right, bottom in _CUTS:
        width, height = grey.size[0] * CUT, grey.size[1] * CUT
        box = (left * width, top * height, grey.size[0] - right * width, grey.size[1] - bottom * height)
        points = list(grey.resize((_POINTS, _POINTS), Image.Resampling.LANCZOS, box=box).tobytes())
        if pstdev(points) < FLATTEST:
            return []
        signs.append(_sign(points))
    return signs


def _sign(points: list[int]) -> int:
    """One bit a wave, the mean brightness left out."""
    across = [
        [sum(map(float.__mul__, cosine, map(float, points[row : row + _POINTS]))) for cosine in _COSINES]
        for row in range(0, len(points), _POINTS)
    ]
    waves = [
        sum(map(float.__mul__, cosine, column)) for cosine in _COSINES for column in zip(*across, strict=True)
    ]
    middle = median(waves[1:])
    return sum(1 << place for place, wave in enumerate(waves) if place and wave > middle)
