"""A line over days: what came, what was or is expected, and how far chance reaches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from web.pictures.drawing import place, round_up, svg, text
from web.words import number

WIDTH: Final = 400.0
HEIGHT: Final = 210.0
LEFT: Final = 36.0
RIGHT: Final = 8.0
TOP: Final = 10.0
BOTTOM: Final = 28.0
_PARTS: Final = 4
_LABELS: Final = 4
_LABEL_HALF: Final = 16.0  # half of what a day takes


@dataclass(frozen=True, slots=True)
class LinePoint:
    """One step. `label`: what stands below it; None: not known, the line breaks there."""

    label: str
    value: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None


def draw_lines(points: Sequence[LinePoint], title: str) -> Markup:
    """The line that was, dashed the one that is expected, a band for what is usual. Nothing drawn says so in the label alone."""
    most = max((value for point in points for value in _known(point)), default=0.0)
    top = round_up(most or float(_PARTS), _PARTS)  # of nothing, too, the axis has numbers that differ
    spots = [_Spot(point, _x(at, len(points)), top) for at, point in enumerate(points)]
    content = [
        *_grid(top),
        *_labels(spots),
        _band(spots),
        _line(spots, lambda point: point.expected, "p-expected"),
        _line(spots, lambda point: point.value, "p-line"),
        *_marks(spots),
    ]
    return svg(WIDTH, HEIGHT, f"{title}. {describe(points)}", content, "lines")


def describe(points: Sequence[LinePoint]) -> str:
    """The line in words: its ends and its top, and what is expected of the last day."""
    known = [(point.value, point.label) for point in points if point.value is not None]
    parts = []
    if known:
        most, at = max(known, key=lambda each: each[0])
        parts.append(
            f"С {known[0][1]} по {known[-1][1]}: последнее значение {number(known[-1][0])}, наибольшее {number(most)} ({at})."
        )
    ahead = [point for point in points if point.value is None and point.expected is not None]
    if ahead:
        parts.append(f"Дальше ожидается от {_least(ahead)} до {_most(ahead)}.")
    return " ".join(parts) or "Данных нет."


def _least(points: Sequence[LinePoint]) -> str:
    return number(min(point.low if point.low is not None else point.expected or 0 for point in points))


def _most(points: Sequence[LinePoint]) -> str:
    return number(max(point.high if point.high is not None else point.expected or 0 for point in points))


def _known(point: LinePoint) -> list[float]:
    return [value for value in (point.value, point.expected, point.high) if value is not None]


def _x(at: int, count: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (at / (count - 1) if count > 1 else 0.5)


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(max(value, 0.0), top) / top)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A point with its place; `top`: where the axis ends."""

    point: LinePoint
    x: float
    top: float

    def at(self, value: float) -> str:
        return f"{place(self.x)} {place(_y(value, self.top))}"


def _grid(top: float) -> list[Markup]:
    found = []
    for part in range(_PARTS + 1):
        value = top * part / _PARTS
        y = _y(value, top)
        line = Markup('<line x1="{}" x2="{}" y1="{}" y2="{}" class="p-grid"/>')
        found.append(line.format(place(LEFT), place(WIDTH - RIGHT), place(y), place(y)))
        found.append(text(LEFT - 5, y + 4, number(value, 0 if top >= _PARTS else 1), "end"))
    return found


def _labels(spots: Sequence[_Spot]) -> list[Markup]:
    every = max(1, -(-len(spots) // _LABELS))
    shown = spots[every // 2 :: every]
    edge = WIDTH - RIGHT - _LABEL_HALF
    return [
        text(spot.x, HEIGHT - 8, spot.point.label, "middle" if spot.x <= edge else "end") for spot in shown
    ]


def _band(spots: Sequence[_Spot]) -> Markup:
    known = [
        (spot, spot.point.low, spot.point.high)
        for spot in spots
        if spot.point.low is not None and spot.point.high is not None
    ]
    if len(known) < 2:
        return Markup("")
    above = [spot.at(high) for spot, _, high in known]
    below = [spot.at(low) for spot, low, _ in reversed(known)]
    return Markup('<path d="M{}Z" class="p-band"/>').format("L".join([*above, *below]))


def _line(spots: Sequence[_Spot], of: Callable[[LinePoint], float | None], kind: str) -> Markup:
    """One path; it breaks where nothing is known."""
    path, follows = "", False
    for spot in spots:
        value = of(spot.point)
        if value is not None:
            path += f"{'L' if follows else 'M'}{spot.at(value)}"
        follows = value is not None
    return Markup('<path d="{}" class="{}"/>').format(path, kind) if path else Markup("")


def _marks(spots: Sequence[_Spot]) -> list[Markup]:
    """A dot on the last value that is known."""
    last = next((spot for spot in reversed(spots) if spot.point.value is not None), None)
    if last is None or last.point.value is None:
        return []
    y = _y(last.point.value, last.top)
    return [Markup('<circle cx="{}" cy="{}" r="4" class="p-dot"/>').format(place(last.x), place(y))]
