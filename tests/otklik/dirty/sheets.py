"""Dirty workbooks: merged titles, headers of two lines, merged values, real dates, numbers for ids."""

from __future__ import annotations

from typing import Final

from tests.otklik.dirty.cases import FIRST, HEADER, OPEN, ROW, SECOND, Dirty
from tests.otklik.workbooks import DAY, MOMENT, Cell, merged_workbook

_TITLE: Final[tuple[Cell, ...]] = ("Отчёт по инцидентам",)
_UPPER: Final[tuple[Cell, ...]] = (
    "Номер инцидента", "Дата создания", "Дата закрытия", "Классификация", None, "Место", None, None, "Исполнитель", "Итог",
    "Текст инцидента",
)  # fmt: skip
_LOWER: Final[tuple[Cell, ...]] = (
    None, None, None, "Группа тем", "Тема", "Муниципалитет", "Улица", "Дом", None, None, None,
)  # fmt: skip
_TWO_LINES: Final = ("A2:A3", "B2:B3", "C2:C3", "D2:E2", "F2:H2", "I2:I3", "J2:J3", "K2:K3")
_DATED: Final[tuple[Cell, ...]] = ("И-1", (MOMENT, 46054.4201388889), (DAY, 46056), *ROW[3:])
_THIRD: Final[tuple[Cell, ...]] = (
    "И-3",
    "02.02.2026",
    None,
    None,
    "Лужи",
    None,
    "",
    "",
    "Комитет дорог",
    "",
    "Лужа",
)
_FILE: Final = "выгрузка.xlsx"

SHEETS: Final = (
    Dirty("titles over merged cells", merged_workbook([_TITLE, [], HEADER, ROW, OPEN], ["A1:K1"]), _FILE, sent=(FIRST, SECOND)),
    Dirty("a header of two lines", merged_workbook([_TITLE, _UPPER, _LOWER, ROW, OPEN], ["A1:K1", *_TWO_LINES]), _FILE,
          sent=(FIRST, SECOND)),
    Dirty("values that stand for several rows", merged_workbook([HEADER, ROW, (*OPEN[:3], None, *OPEN[4:5], None, *OPEN[6:]), _THIRD],
          ["D2:D4", "F2:F4"]), _FILE, sent=(FIRST, {**SECOND, "group": "Дороги"}, {"group": "Дороги", "topic": "Лужи", "address": "Город Курск"})),
    Dirty("days that are days", merged_workbook([HEADER, _DATED, OPEN], []), _FILE,
          sent=({**FIRST, "received_at": "2026-02-01T10:05:00+03:00"}, SECOND)),
    Dirty("an id that has lost its last digits", merged_workbook([HEADER, (1.23456789012345678e18, *ROW[1:]), OPEN], []), _FILE,
          fault="E+18"),
    Dirty("an id that is a number", merged_workbook([HEADER, (123456789, *ROW[1:])], []), _FILE, sent=({"external_id": "123456789"},)),
    Dirty("totals under merged cells", merged_workbook([HEADER, ROW, OPEN, ("Итого", None, None, 2)], ["A4:C4"]), _FILE,
          sent=(FIRST, SECOND), left_out=1),
)  # fmt: skip
