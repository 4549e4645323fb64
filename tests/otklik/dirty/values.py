"""Dirty values: ids, dates, formulas, words; and exports of ПОС."""

from __future__ import annotations

from typing import Final

from tests.otklik.dirty.cases import FIRST, HEADER, OPEN, ROW, SECOND, Dirty, csv, row

_POS: Final = (
    "Номер сообщения", "Дата подачи", "Срок", "Дата ответа", "Категория", "Подкатегория", "Факт", "Адрес", "Широта", "Долгота",
    "ФИО заявителя", "Телефон", "E-mail", "Организация", "Статус", "Текст сообщения", "Текст ответа",
)  # fmt: skip
_MESSAGE: Final = (
    "1234567", "01.02.2026 10:05", "03.03.2026", "05.02.2026 9:00", "Дороги", "Ямы", "Яма на проезжей части",
    "г. Курск, ул. Ленина, 5", "51,7303", "36,1926", "Петров Пётр", "+7 900 000-00-00", "p@example.ru", "Комитет дорог",
    "Решено", "Яма у дома", "Засыпали",
)  # fmt: skip

VALUES: Final = (
    Dirty("ids in scientific notation", csv(row(Номер_инцидента="1,23E+15"), OPEN).encode("cp1251"), fault="1,23E+15"),
    Dirty("ids in scientific notation, far below", csv(ROW, OPEN, row(Номер_инцидента="4.5e+17")).encode(), fault="4.5e+17"),
    Dirty("ids that a formula keeps as text", csv(row(Номер_инцидента='="00123"'), OPEN).encode(),
          sent=({"external_id": "00123"}, SECOND)),
    Dirty("a formula where a date should be", csv(row(Дата_создания="=СЕГОДНЯ()"), OPEN).encode(), sent=(SECOND,),
          refused={1: "дата создания"}),
    Dirty("a formula where a topic should be", csv(row(Тема="=ВПР(A1;B:C;2)"), OPEN).encode(), sent=(SECOND,),
          refused={1: "тема"}),
    Dirty("a formula that failed", csv(ROW, row(Номер_инцидента="И-3", Тема="#Н/Д"), row(Номер_инцидента="И-4", Исполнитель="#REF!")).encode(),
          sent=(FIRST,), refused={2: "тема", 3: "исполнитель"}),
    Dirty("days as Excel counts them", csv(row(Дата_создания="46054,42"), OPEN).encode(), sent=(SECOND,),
          refused={1: "дата создания"}),
    Dirty("days as Excel counts them, and it was said", csv(row(Дата_создания="46054,5", Дата_закрытия="46056"), OPEN).encode(),
          options=("--date-format", "excel"),
          sent=({"received_at": "2026-02-01T12:00:00+03:00", "closed_at": "2026-02-03T23:59:59+03:00"}, SECOND)),
    Dirty("years of two digits", csv(row(Дата_создания="01.02.26"), OPEN).encode("cp1251"), sent=(SECOND,),
          refused={1: "дата создания"}),
    Dirty("dates that may mean two days", csv(ROW, row(Номер_инцидента="И-3", Дата_создания="01/02/2026")).encode(),
          fault="01/02/2026"),
    Dirty("dates that may mean two days, and it was said which", csv(row(Дата_создания="01/02/2026")).encode(),
          options=("--date-format", "dmy"), sent=({"received_at": "2026-02-01T00:00:00+03:00"},)),
    Dirty("a day that there is not", csv(row(Дата_создания="30.02.2026"), OPEN).encode(), sent=(SECOND,),
          refused={1: "дата создания"}),
    Dirty("closed before it began", csv(row(Дата_закрытия="31.01.2026"), OPEN).encode(), sent=(SECOND,),
          refused={1: "дата закрытия"}),
    Dirty("a date still to come", csv(row(Дата_закрытия="01.02.2126"), OPEN).encode(), sent=(SECOND,),
          refused={1: "дата закрытия"}),
    Dirty("outcomes of the system", csv(row(Итог="Не решено"), row(Номер_инцидента="И-3", Итог="Отложено"), OPEN).encode("cp1251"),
          sent=({"external_id": "И-3", "outcome": "postponed"}, SECOND), refused={1: "итог"}),
    Dirty("one id for two contents", csv(ROW, row(Текст_инцидента="Другая яма"), OPEN).encode(), sent=(FIRST, SECOND),
          refused={2: "номер инцидента"}),
    Dirty("one row twice", csv(ROW, ROW, OPEN).encode(), sent=(FIRST, FIRST, SECOND)),
    Dirty("no id", csv(row(Номер_инцидента=""), OPEN).encode(), sent=({"external_id": "выгрузка-1"}, SECOND)),
    Dirty("closed by nobody", csv(row(Исполнитель=""), OPEN).encode(), sent=(SECOND,), refused={1: "исполнитель"}),
    Dirty("a region by its name", csv((*ROW, "Белгородская область"), (*OPEN, "46"), header=(*HEADER, "Регион")).encode(),
          sent=({"region": "31"}, {"region": "46"})),
    Dirty("a region that there is not", csv((*ROW, "Курская губерния"), (*OPEN, ""), header=(*HEADER, "Регион")).encode(),
          sent=({"region": "46"},), refused={1: "регион"}),
    Dirty("an export of ПОС", csv(_MESSAGE, header=_POS).encode("cp1251"), preset="pos",
          sent=({"external_id": "1234567", "channel": "pos", "group": "Дороги", "topic": "Ямы", "due_at": "2026-03-03T23:59:59+03:00",
                 "closed_at": "2026-02-05T09:00:00+03:00", "location": {"lat": 51.7303, "lon": 36.1926}, "outcome": "solved",
                 "applicant": {"name": "Петров Пётр", "phone": "+7 900 000-00-00", "email": "p@example.ru"},
                 "answer": "Засыпали"},)),
    Dirty("an export of ПОС to be posted", csv(_MESSAGE, header=_POS).encode("cp1251"), preset="pos", command="replay",
          sent=({"external_id": "1234567", "channel": "pos", "text": "Яма у дома", "submitted_at": "2026-02-01T10:05:00+03:00",
                 "address": "г. Курск, ул. Ленина, 5"},)),
    Dirty("incidents to be posted", ("Отчёт\r\n" + csv(row(Текст_инцидента="[club1|Курск], яма"), OPEN)).encode("cp1251"), command="replay",
          sent=({"external_id": "И-1", "text": "Курск, яма", "address": "Город Курск, Ленина, 5",
                 "submitted_at": "2026-02-01T10:05:00+03:00"}, {"external_id": "И-2"})),
    Dirty("columns of both systems", csv((*ROW, *_MESSAGE[:1], "х"), header=(*HEADER, "Номер сообщения", "Подкатегория")).encode(),
          fault="--preset"),
    Dirty("only a header", csv().encode(), fault="no rows"),
)  # fmt: skip
