"""A chart over time as an SVG of its own: no script, no style from outside, words for who does not see it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from services.analytics.reports.rules.document import Chart, ChartPoint

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 12, 34
MOST_LABELS: Final = 8
STEPS: Final = 4
_TEXT: Final = 'font-family="sans-serif" font-size="11" fill="#444"'


def draw_chart(chart: Chart) -> str:
    """The line that was, and dashed with a band the one that was to be expected."""
    points = chart.points
    most = max((value for point in points for value in _values(point)), default=0.0)
    top = _round_up(most or float(STEPS))  # of nothing, too, the axis has numbers that differ
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(_described(chart))}" style="max-width:100%;height:auto">',
        f"<title>{escape(chart.caption)}</title>",
        *_grid(top),
        *_labels(points),
        _band(points, top),
        _line(points, [point.expected for point in points], top, 'stroke="#8a5a00" stroke-dasharray="5 4"'),
        _line(points, [point.value for point in points], top, 'stroke="#1f5fa8"'),
        "</svg>",
    ]
    return "".join(lines)


def _values(point: ChartPoint) -> list[float]:
    return [value for value in (point.value, point.expected, point.high) if value is not None]


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten that four steps lead to."""
    step = max(value, 1e-9) / STEPS
    power = 10.0 ** math.floor(math.log10(step))
    return float(STEPS * next(power * each for each in (1, 2, 5, 10) if power * each >= step * (1 - 1e-9)))


def _described(chart: Chart) -> str:
    known = [(point.value, point.label) for point in chart.points if point.value is not None]
    if not known:
        return f"{chart.caption}: данных нет"
    (least, least_at), (most, most_at) = min(known), max(known)
    return f"{chart.caption}: от {least:g} ({least_at}) до {most:g} ({most_at})"


def _x(at: int, number: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (at / (number - 1) if number > 1 else 0.5)


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(value, top) / top)


def _grid(top: float) -> list[str]:
    found = []
    for step in range(STEPS + 1):
        value = top * step / STEPS
        y = _y(value, top)
        found.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        words = f"{value:g}".replace(".", ",")
        found.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" {_TEXT}>{words}</text>')
    return found


def _labels(points: Sequence[ChartPoint]) -> list[str]:
    every = max(1, math.ceil(len(points) / MOST_LABELS))
    return [
        f'<text x="{_x(at, len(points)):.1f}" y="{HEIGHT - 12}" text-anchor="middle" {_TEXT}>{escape(point.label)}</text>'
        for at, point in enumerate(points)
        if at % every == 0
    ]


def _band(points: Sequence[ChartPoint], top: float) -> str:
    known = [
        (_x(at, len(points)), point.low, point.high)
        for at, point in enumerate(points)
        if point.low is not None and point.high is not None
    ]
    if len(known) < 2:
        return ""
    above = [f"{x:.1f},{_y(high, top):.1f}" for x, _, high in known]
    below = [f"{x:.1f},{_y(max(low, 0), top):.1f}" for x, low, _ in reversed(known)]
    return f'<polygon points="{" ".join(above + below)}" fill="#f0d9a8" fill-opacity="0.6"/>'


def _line(points: Sequence[ChartPoint], values: Sequence[float | None], top: float, style: str) -> str:
    """One path; it breaks where nothing is known."""
    commands, follows = [], False
    for at, value in enumerate(values):
        if value is not None:
            place = f"{_x(at, len(points)):.1f} {_y(max(value, 0), top):.1f}"
            commands.append(f"{'L' if follows else 'M'}{place}")
        follows = value is not None
    return f'<path d="{"".join(commands)}" fill="none" stroke-width="2" {style}/>' if commands else ""
