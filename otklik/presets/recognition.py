"""Which export a file is, by its header; and the reason, so that a person can object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from otklik.files import FileError, Headings, plain_column
from otklik.files.appeals import UNDERSTOOD
from otklik.legacy_cases.columns import NAMES
from otklik.presets.exports import PRESETS, Preset

PresetName = Literal["auto", "im", "pos", "none"]
FEWEST_COLUMNS: Final = 3
# Layouts of «Инцидент Менеджмент» by the places (from 0) of some columns; names decide, places only say which it is.
_LAYOUTS: Final = (
    ("cabinet", {17: "received_at", 18: "closed_at", 19: "group", 20: "topic"}),
    ("monitoring", {19: "received_at", 20: "closed_at", 21: "group", 28: "topic"}),
    ("legacy", {19: "received_at", 20: "closed_at", 21: "group", 22: "topic"}),
    ("bare", {19: "group", 20: "topic", 34: "text"}),
)


@dataclass(frozen=True)
class Recognition:
    """What a file is taken for; `reason`: why, in a sentence. `layout`: which of the forms it comes in, if that is known."""

    preset: Preset | None
    reason: str
    layout: str = ""

    def as_json(self) -> dict[str, object]:
        """For programs."""
        name = self.preset.name if self.preset else "none"
        return {"name": name, "layout": self.layout or None, "reason": self.reason}


def known_headings(wanted: PresetName) -> Headings:
    """By which columns the header is found below titles; with `none` it is the first line."""
    if wanted == "none":
        return Headings()
    names = {
        name
        for columns in (NAMES, *(preset.columns for preset in PRESETS))
        for each in columns.values()
        for name in each
    }
    marks = {name for preset in PRESETS for name in preset.marks | preset.unneeded}
    texts = {"text", *NAMES["text"], *(name for preset in PRESETS for name in preset.columns["text"])}
    return Headings(
        frozenset(map(plain_column, names | marks | UNDERSTOOD)), frozenset(map(plain_column, texts))
    )


def recognise_preset(names: Sequence[str], wanted: PresetName) -> Recognition:
    """The preset of a header. FileError where two would do, or where the one that was asked for does not fit."""
    if wanted == "none":
        return Recognition(None, "no preset was asked for")
    if wanted != "auto":
        return _as_wanted(names, wanted)
    marked = [preset for preset in PRESETS if preset.marks & set(names)]
    fitting = [preset for preset in marked if len(_columns_of(preset, names)) >= FEWEST_COLUMNS]
    if len(fitting) > 1:
        marks = "; ".join(f"{_marks_of(preset, names)} of {preset.title}" for preset in fitting)
        raise FileError(
            f"The header has columns of two systems ({marks}). Say which it is: `--preset im|pos|none`."
        )
    if not fitting:
        return Recognition(None, "nothing in the header marks the export of a known system")
    (preset,) = fitting
    return Recognition(
        preset,
        f"{_marks_of(preset, names)} stand only in exports of {preset.title}",
        _layout_of(preset, names),
    )


def _as_wanted(names: Sequence[str], wanted: PresetName) -> Recognition:
    preset = next(preset for preset in PRESETS if preset.name == wanted)
    found = _columns_of(preset, names)
    if len(found) < FEWEST_COLUMNS:
        shown = ", ".join(names[:20])
        raise FileError(
            f"The file does not look like an export of {preset.title}: only {len(found)} of its columns are there "
            f"(found: {shown})."
        )
    return Recognition(preset, f"{preset.title} was asked for", _layout_of(preset, names))


def _columns_of(preset: Preset, names: Sequence[str]) -> list[str]:
    known = {plain_column(name) for columns in preset.columns.values() for name in columns}
    return [name for name in names if name in known]


def _marks_of(preset: Preset, names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names if name in preset.marks)


def _layout_of(preset: Preset, names: Sequence[str]) -> str:
    if preset.name != "im":
        return ""
    fields = {plain_column(name): field for field, columns in preset.columns.items() for name in columns}
    for layout, places in _LAYOUTS:
        if all(place < len(names) and fields.get(names[place]) == field for place, field in places.items()):
            return layout
    return "other order of columns"


assert set(get_args(PresetName)) == {"auto", "none", *(preset.name for preset in PRESETS)}
