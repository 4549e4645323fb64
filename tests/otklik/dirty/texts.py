"""Dirty CSV files: encodings, titles, quotes, line ends, totals."""

from __future__ import annotations

from typing import Final

from tests.otklik.dirty.cases import FIRST, HEADER, OPEN, ROW, SECOND, Dirty, csv, row

_BOTH: Final = (FIRST, SECOND)
_PLAIN: Final = csv(ROW, OPEN)
_TITLE: Final = "Отчёт по инцидентам, Курская область, февраль 2026"
_MARKUP: Final = "[id123|Иван], [club77|Курск сегодня], яма! \U0001f621\nhttps://vk.com/wall-1_2"

TEXTS: Final = (
    Dirty("cp1251 and semicolons, as Excel writes it", _PLAIN.encode("cp1251"), sent=_BOTH),
    Dirty("a byte order mark and sep=;", ("sep=;\r\n" + _PLAIN).encode("utf-8-sig"), sent=_BOTH),
    Dirty("UTF-16 with tabs", csv(ROW, OPEN, separator="\t").encode("utf-16"), sent=_BOTH),
    Dirty("a title with commas above a header with semicolons", f"{_TITLE}\r\n{_PLAIN}".encode("cp1251"), sent=_BOTH),
    Dirty(
        "titles as merged cells come out, and an empty line",
        f"{_TITLE.replace(',', '')};;;;;;;;;;\r\n;;;;;;;;;;\r\nСформирован: 01.03.2026;;;;;;;;;;\r\n\r\n{_PLAIN}".encode(),
        sent=_BOTH,
    ),
    Dirty(
        "a title in doubled quotes",
        f'"Отчёт ""Инцидент Менеджмент""; февраль"\r\n{_PLAIN}'.encode("cp1251"),
        sent=_BOTH,
    ),
    Dirty(
        "a header broken inside its cells",
        _PLAIN.replace("Дата создания", '"Дата\nсоздания"').replace("Текст инцидента", '"Текст  инцидента "').encode(),
        sent=_BOTH,
    ),
    Dirty(
        "a quote that is never closed",
        csv(ROW, OPEN).replace("Упал знак", '"Упал знак').encode("cp1251"),
        fault="line 3: a quote is opened",
    ),
    Dirty(
        "a quote that is never closed, with titles above",
        f"{_TITLE}\r\n{csv(ROW, OPEN)}".replace("Упал знак", '"Упал знак').encode(),
        fault="line 4: a quote is opened",
    ),
    Dirty("a stray quote", csv(row(Исполнитель='X')).replace(";X;", ';ООО "Свет";').encode(), fault="line 2: a quote stands"),
    Dirty("two columns of one name", csv((*ROW, ""), header=(*HEADER, "Тема")).encode(), fault="two columns"),
    Dirty(
        "two columns of one name but for case and spaces",
        csv((*ROW, ""), header=(*HEADER, " ТЕ\u00a0МА ")).encode(),
        fault="two columns",
    ),
    Dirty(
        "two columns of one name under a title",
        f"{_TITLE}\r\n{csv((*ROW, ''), header=(*HEADER, 'дата  создания'))}".encode("cp1251"),
        fault="two columns",
    ),
    Dirty("bytes that are no text", _PLAIN.encode() + b"\xd0\r\n", fault="bytes that are no text"),
    Dirty("bytes that are no letters of cp1251", _PLAIN.encode("cp1251") + b"\x98\r\n", fault="bytes that are no text"),
    Dirty("a NUL in a cell", _PLAIN.replace("Упал", "Упал\0").encode(), fault="a NUL"),
    Dirty("a tail of NULs", _PLAIN.encode("cp1251") + b"\0" * 512, fault="a NUL"),
    Dirty("UTF-16 without its mark", _PLAIN.encode("utf-16-le"), fault="a NUL"),
    Dirty("line ends of three kinds", (csv(ROW, end="\r\n") + ";".join(OPEN) + "\r" + ";".join(row(Номер_инцидента="И-3")) + "\n").encode(),
          sent=(*_BOTH, {"external_id": "И-3"})),
    Dirty("the end mark of old programs", _PLAIN.encode("cp1251") + b"\x1a", sent=_BOTH),
    Dirty("empty rows behind the last", _PLAIN.encode() + b";;;;;;;;;;\r\n" * 40, sent=_BOTH),
    Dirty("a row of totals", (_PLAIN + "Итого;2;;;;;;;;;\r\n").encode("cp1251"), sent=_BOTH, left_out=1),
    Dirty("totals without separators", (_PLAIN + "Всего инцидентов: 2\r\n").encode("cp1251"), sent=_BOTH, left_out=1),
    Dirty("totals between groups", (csv(ROW) + "Итого по группе «Дороги»:;;;1;;;;;;;\r\n" + ";".join(OPEN) + "\r\nИТОГО:;;;2;;;;;;;\r\n").encode(),
          sent=_BOTH, left_out=2),
    Dirty("a text that begins like totals is a text", csv(row(Текст_инцидента="Итого за год ни одной ямы не засыпали")).encode(),
          sent=({"text": "Итого за год ни одной ямы не засыпали"},)),
    Dirty("a value with an unquoted separator", (csv(ROW) + ";".join(OPEN) + "; и столб\r\n").encode(), sent=(FIRST,), refused={2: ""}),
    Dirty("a row that breaks off", (csv(ROW) + "И-2;02.02.2026;;Дороги\r\n").encode(), sent=(FIRST,), refused={2: ""}),
    Dirty("markup of VK, emoji and links", csv(row(Текст_инцидента=_MARKUP)).encode(),
          sent=({"text": "Иван, Курск сегодня, яма! \U0001f621\nhttps://vk.com/wall-1_2"},)),
    Dirty(
        "markup of VK around addresses, replies, hidden links",
        csv(row(Текст_инцидента="[id5:bp-77_12|Анна Петрова], см. [https://vk.com/wall-1_2|запись] и vk.com/away.php?to=https%3A%2F%2Fkursk.ru%2Fa&cc_key=1")).encode(),
        sent=({"text": "Анна Петрова, см. запись (https://vk.com/wall-1_2) и https://kursk.ru/a"},),
    ),
    Dirty("brackets that are no markup", csv(row(Текст_инцидента="Дом [5|6] и [б/н], автобус [47]")).encode(),
          sent=({"text": "Дом [5|6] и [б/н], автобус [47]"},)),
    Dirty("entities of HTML", csv(row(Текст_инцидента="ООО &quot;Свет&quot; &amp; Ко<br>&#128545; 5 &lt; 6")).encode(),
          sent=({"text": 'ООО "Свет" & Ко\n\U0001f621 5 < 6'},)),
    Dirty("texts of several lines", csv(row(Текст_инцидента="Яма;\r\nещё яма, «большая»\n\nи \"столб\"")).encode("cp1251"),
          sent=({"text": "Яма;\r\nещё яма, «большая»\n\nи \"столб\""},)),
)  # fmt: skip
