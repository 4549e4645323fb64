"""The country as equal tiles: each subject of the federation the same, about where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from contracts.territories import REGIONS
from web.pictures.drawing import place, quantile_steps, svg, text

SIZE: Final = 40.0
_GAP: Final = 3.0
# Our own arrangement: rows from north to south, two letters a column from west to east.
_ROWS: Final = (
    "      51      83                    87",
    "      10  29  11  89        14  49  41",
    "    78473544435966  8624        27  65",
    "  605369763712184572704238037528  7925",
    "39  6777503352210274555419  17        ",
    "    324071621316  562204              ",
    "    46574868587363                    ",
    "    31363464                          ",
    "95909394610830                        ",
    "92912301262005                        ",
    "      09071506                        ",
)


def _read_places() -> dict[str, tuple[int, int]]:
    return {
        row[at : at + 2]: (line, at // 2)
        for line, row in enumerate(_ROWS)
        for at in range(0, len(row), 2)
        if row[at : at + 2].strip()
    }


PLACES: Final = _read_places()  # code → row and column
COLUMNS: Final = max(column for _, column in PLACES.values()) + 1


@dataclass(frozen=True, slots=True)
class Tile:
    """A subject: `shown` is its value as people read it, None: nothing is known of it. `link`: where it leads."""

    code: str
    value: float | None
    shown: str
    link: str


def draw_tiles(tiles: Sequence[Tile], title: str) -> Markup:
    """All 89; darker is more, by fifths of those that are known."""
    by_code = {tile.code: tile for tile in tiles}
    known = [(tile.code, tile.value) for tile in tiles if tile.value is not None]
    steps = dict(zip((code for code, _ in known), quantile_steps([value for _, value in known]), strict=True))
    content = [_draw(code, by_code.get(code), steps.get(code)) for code in PLACES]
    label = f"{title}: карта из равных плиток, плитка – субъект Российской Федерации"
    return svg(COLUMNS * SIZE, len(_ROWS) * SIZE, label, content, "tiles", role="group")


def _draw(code: str, tile: Tile | None, step: int | None) -> Markup:
    row, column = PLACES[code]
    x, y = column * SIZE, row * SIZE
    kind = "tile none" if step is None else f"tile q{step}"
    box = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="4"/>').format(
        place(x + _GAP / 2), place(y + _GAP / 2), place(SIZE - _GAP), place(SIZE - _GAP)
    )
    words = [text(x + SIZE / 2, y + 17, code, "middle", "t-code")]
    if tile is None or step is None:
        return Markup('<g class="{}">{}{}<title>{}: нет данных</title></g>').format(
            kind, box, words[0], REGIONS[code].name
        )
    words.append(text(x + SIZE / 2, y + 31, tile.shown, "middle", "t-value"))
    return Markup('<a href="{}" class="{}" aria-label="{}: {}">{}{}<title>{}: {}</title></a>').format(
        tile.link,
        kind,
        REGIONS[code].name,
        tile.shown,
        box,
        Markup("").join(words),
        REGIONS[code].name,
        tile.shown,
    )
