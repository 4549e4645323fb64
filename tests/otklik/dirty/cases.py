"""What a dirty file is expected to become: written before the rules that read it, and never bent to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Dirty:
    """A file as programs and people leave it behind, and what is to come of it.

    `fault`: a piece of why the file as a whole is not read (nothing is sent then). Else `sent`: of each row that goes out,
    some of its fields; `refused`: number of a row → a piece of its column's name; `left_out`: rows that are no cases
    (totals). `command`: which of the two reads it.
    """

    name: str
    content: bytes
    file: str = "выгрузка.csv"
    command: Literal["import-history", "replay"] = "import-history"
    options: tuple[str, ...] = ()
    fault: str = ""
    sent: Sequence[Mapping[str, object]] = ()
    refused: Mapping[int, str] = field(default_factory=dict)
    left_out: int = 0
    preset: str | None = "im"


HEADER = (
    "Номер инцидента", "Дата создания", "Дата закрытия", "Группа тем", "Тема", "Муниципалитет", "Улица", "Дом",
    "Исполнитель", "Итог", "Текст инцидента",
)  # fmt: skip
ROW = (
    "И-1", "01.02.2026 10:05", "03.02.2026", "Дороги", "Ямы", "Город Курск", "Ленина", "5", "Комитет дорог", "Решено",
    "Яма на дороге у дома",
)  # fmt: skip
OPEN = ("И-2", "02.02.2026", "", "Дороги", "Знаки", "Город Курск", "", "", "Комитет дорог", "", "Упал знак")
FIRST = {
    "external_id": "И-1", "received_at": "2026-02-01T10:05:00+03:00", "topic": "Ямы", "group": "Дороги",
    "organisation": "Комитет дорог", "outcome": "solved", "address": "Город Курск, Ленина, 5",
    "text": "Яма на дороге у дома",
}  # fmt: skip
SECOND = {"external_id": "И-2", "topic": "Знаки", "address": "Город Курск", "text": "Упал знак"}


def row(**changes: str) -> tuple[str, ...]:
    """The first row with other values, by their columns' names (spaces as underlines)."""
    values = dict(zip(HEADER, ROW, strict=True)) | {
        name.replace("_", " "): text for name, text in changes.items()
    }
    return tuple(values.values())


def csv(*rows: Sequence[str], separator: str = ";", end: str = "\r\n", header: Sequence[str] = HEADER) -> str:
    """A table, quoted only where it has to be."""
    return "".join(separator.join(map(_quoted, each)) + end for each in (header, *rows))


def _quoted(cell: str) -> str:
    needs = any(letter in cell for letter in ';,\n\r"')
    return f'"{cell.replace(chr(34), chr(34) * 2)}"' if needs else cell
