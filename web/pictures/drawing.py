"""What pictures share: scales, and numbers as SVG and people write them."""

from __future__ import annotations

import math
from typing import Final

from markupsafe import Markup, escape

_STEPS: Final = (1, 2, 5, 10)


def round_up(value: float, parts: int = 4) -> float:
    """The least 1, 2 or 5 times a power of ten, times `parts`, that is not below: where an axis ends."""
    step = max(value, 1e-9) / parts
    power = 10.0 ** math.floor(math.log10(step))
    return parts * next(power * each for each in _STEPS if power * each >= step * (1 - 1e-9))


def place(value: float) -> str:
    """A coordinate: one digit behind the point is a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def svg(
    width: float, height: float, label: str, content: list[Markup], kind: str, role: str = "img"
) -> Markup:
    """A picture of this size in its own units. `label`: what it shows, for who does not see it; `kind`: its class."""
    return Markup('<svg class="picture {}" viewBox="0 0 {} {}" role="{}" aria-label="{}">{}</svg>').format(
        kind, place(width), place(height), role, label, Markup("").join(content)
    )


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "p-label") -> Markup:
    """Words at a place; `anchor`: which end of them stands there."""
    return Markup('<text x="{}" y="{}" text-anchor="{}" class="{}">{}</text>').format(
        place(x), place(y), anchor, kind, escape(words)
    )


def quantile_steps(values: list[float], steps: int = 5) -> list[int]:
    """Which of `steps` equally full classes each value is in, 0 for the least; equal values are in one."""
    ordered = sorted(set(values))
    if len(ordered) < 2:
        return [0 for _ in values]
    rank = {value: at for at, value in enumerate(ordered)}
    return [min(steps - 1, rank[value] * steps // len(ordered)) for value in values]
