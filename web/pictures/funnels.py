"""One organisation beside what was to be expected of it: where chance ends, and where it stands."""

from __future__ import annotations

from typing import Final

from markupsafe import Markup

from web.pictures.drawing import place, svg
from web.words import share

WIDTH: Final = 160.0
HEIGHT: Final = 24.0
_PAD: Final = 6.0


def draw_interval(value: float, expected: float, low: float, high: float, title: str) -> Markup:
    """Shares of one: a bar from `low` to `high` (95 % control limits), a stroke where it was expected, a dot where it is – full when
    it lies outside."""

    def x(part: float) -> float:
        return _PAD + (WIDTH - 2 * _PAD) * min(max(part, 0.0), 1.0)

    outside = not low <= value <= high
    middle = HEIGHT / 2
    content = [
        Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="p-grid"/>').format(
            place(x(0)), place(x(1)), place(middle), place(middle)
        ),
        Markup('<rect x="{}" y="{}" width="{}" height="10" rx="2" class="p-limits"/>').format(
            place(x(low)), place(middle - 5), place(max(x(high) - x(low), 1))
        ),
        Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="p-expected"/>').format(
            place(x(expected)), place(x(expected)), place(middle - 8), place(middle + 8)
        ),
        Markup('<circle cx="{}" cy="{}" r="5" class="{}"/>').format(
            place(x(value)), place(middle), "p-outside" if outside else "p-inside"
        ),
    ]
    label = f"{title}: {share(value)}, ожидалось {share(expected)}, случайность объясняет от {share(low)} до {share(high)}"
    return svg(WIDTH, HEIGHT, label, content, "interval")
