"""Cells as spreadsheets leave them: formulas, failed formulas, numbers that have lost their digits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from otklik.files.errors import FileError, RowError

WORDS: Final = frozenset({"text", "answer"})  # where a citizen or an official may have written anything
_KEPT_AS_TEXT: Final = re.compile(r'="((?:[^"]|"")*)"')
_FORMULA: Final = re.compile(r"=\s*[\w.+(@\-\"$]")
_FAILED: Final = re.compile(
    r"#(?:Н/Д|ССЫЛКА!|ЗНАЧ!|ИМЯ\?|ДЕЛ/0!|ЧИСЛО!|ПУСТО!|N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|#+)",
    re.IGNORECASE,
)
_SCIENTIFIC: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eEеЕ]\+?\d+")


def read_cells(values: Mapping[str, str]) -> dict[str, str]:
    """Values by field, freed from what a spreadsheet put around them.

    RowError for a formula or its failure where a value should be. FileError for an id in scientific notation: its digits
    are lost, in this row and in others, and different cases would be taken for one.
    """
    read = {name: _read(name, text) for name, text in values.items()}
    external_id = read.get("external_id", "")
    if _SCIENTIFIC.fullmatch(external_id):
        raise FileError(
            f"an id is written as `{external_id}`: the program that saved the file has rounded it, and different cases would "
            "have the same. Save the column as text, or leave it out: `--column external_id=`."
        )
    return {name: text for name, text in read.items() if text}


def _read(name: str, text: str) -> str:
    if kept := _KEPT_AS_TEXT.fullmatch(text):
        return kept[1].replace('""', '"').strip()
    if name in WORDS:
        return text
    if _FORMULA.match(text):
        raise RowError(
            f"has a formula for {name}: save the file with values",
            field=name,
            russian="вместо значения стоит формула; сохраните файл со значениями",
        )
    if _FAILED.fullmatch(text):
        raise RowError(
            f"has a formula for {name} that failed ({text})",
            field=name,
            russian=f"формула не вычислена ({text})",
        )
    return text
