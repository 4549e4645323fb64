"""The analytical report in words and tables, every figure with its definition and the query that gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.analytics.figures.rules.measures import MEASURES
from services.analytics.reports.rules import wording
from services.analytics.reports.rules.document import (
    Block,
    Chart,
    ChartPoint,
    Column,
    Paragraph,
    Report,
    Section,
    Table,
)
from services.analytics.reports.rules.gathered import (
    Gathered,
    Group,
    MeasureValue,
    Ranked,
)
from services.analytics.reports.rules.movements import movement
from services.analytics.reports.rules.origins import Sources
from services.analytics.reports.rules.registers import decisions_section, problems_section

TITLE: Final = "Аналитическая справка"
MOST_ROWS: Final = 15
RANKED_BY: Final = "in_time_share"
_MOVED: Final = {
    "up": "больше, чем объяснит случай",
    "down": "меньше, чем объяснит случай",
    None: "в пределах случайного",
}
_FLAGS: Final = {"better": "лучше ожидаемого", "worse": "хуже ожидаемого", None: "как ожидалось"}
_STEPS: Final = {"day": "По дням", "week": "По неделям (дата – понедельник)", "month": "По месяцам"}


def compose(found: Gathered) -> Report:
    """The whole; a section without anything to say is left out."""
    sources = Sources(found.asked, found.territory)
    sections = [
        _headline(found, sources),
        _over_time(found, sources),
        _topics(found.topics, sources),
        _ranking("Муниципалитеты", "municipality", found.municipalities, sources),
        _ranking("Органы и организации", "organisation", found.organisations, sources),
        _overdue(found, sources),
        _again(found, sources),
        problems_section(found.problems, sources),
        decisions_section(found.decisions, sources),
    ]
    shown = [each for each in sections if each is not None]
    subtitle = (
        f"{found.subject}, {wording.ended(wording.period(found.start, found.end))} Данные на {wording.moment(found.as_of, found.region)}. "
        "Числа в квадратных скобках – номера запросов в приложении."
    )
    return Report(TITLE, subtitle, [*shown, _definitions(found.headline), _queries(sources)])


def _headline(found: Gathered, sources: Sources) -> Section:
    values = {each.key: each for each in found.headline}
    rows = [
        (
            MEASURES[each.key].name,
            wording.figure(each.value, MEASURES[each.key].unit),
            wording.figure(each.previous, MEASURES[each.key].unit),
            wording.change(each.value, each.previous, MEASURES[each.key].unit),
        )
        for each in found.headline
    ]
    columns = (
        Column("Показатель"),
        Column("За период", True),
        Column("Предыдущий период", True),
        Column("Изменение", True),
    )
    table = Table("Главные показатели", columns, rows, sources.add("summary"))
    return Section("Главное", [Paragraph(_in_short(values)), table])


def _in_short(values: dict[str, MeasureValue]) -> str:
    received, in_time, breached = (values[key] for key in ("received", "in_time_share", "breached"))
    came = f"Поступило: {wording.appeals(int(received.value or 0))}"
    if received.previous is not None:
        moved = movement(float(received.value or 0), float(received.previous))
        came += f", за предыдущий период – {wording.number(received.previous)} ({_MOVED[moved]})"
    kept = "" if in_time.value is None else f" В срок дано {wording.percent(in_time.value)} ответов."
    return f"{came}.{kept} Просрочено: {wording.appeals(int(breached.value or 0))}."


def _over_time(found: Gathered, sources: Sources) -> Section | None:
    if len(found.steps) < 2:
        return None
    points = [
        ChartPoint(wording.short_day(each.start), None if each.value is None else float(each.value))
        for each in found.steps
    ]
    source = sources.add("timeseries", f"metric=received&grain={found.grain}")
    chart = Chart(f"Поступило. {_STEPS[found.grain]}", "Поступило", points, source)
    return Section("Динамика", [chart])


def _topics(topics: Sequence[Group], sources: Sources) -> Section | None:
    if not topics:
        return None
    source = sources.add("breakdown", "metric=received&by=topic")
    moved = [each for each in topics if each.previous is not None]
    ordered = sorted(moved, key=lambda each: (each.previous or 0) - (each.value or 0))
    grown = [each for each in ordered if (each.value or 0) > (each.previous or 0)][:MOST_ROWS]
    fallen = [each for each in reversed(ordered) if (each.value or 0) < (each.previous or 0)][:MOST_ROWS]
    tables: list[Block] = [
        _moved(caption, groups, source)
        for caption, groups in (("Что выросло", grown), ("Что снизилось", fallen))
        if groups
    ]
    if not tables:
        rows = [(each.name, wording.figure(each.value, "count")) for each in topics[:MOST_ROWS]]
        tables = [Table("Чаще всего", (Column("Тема"), Column("Поступило", True)), rows, source)]
    return Section("Темы", tables)


def _moved(caption: str, groups: Sequence[Group], source: int) -> Table:
    columns = (
        Column("Тема"),
        Column("Поступило", True),
        Column("Прежде", True),
        Column("Изменение", True),
        Column("Вывод"),
    )
    rows = [
        (
            each.name,
            wording.figure(each.value, "count"),
            wording.figure(each.previous, "count"),
            wording.change(each.value, each.previous, "count"),
            _MOVED[movement(float(each.value or 0), float(each.previous or 0))],
        )
        for each in groups
    ]
    return Table(caption, columns, rows, source)


_RANKED_COLUMNS: Final = (
    Column("Название"),
    Column(MEASURES[RANKED_BY].name, True),
    Column("Ожидалось", True),
    Column("Пределы 95 %", True),
    Column("Случаев", True),
    Column("Вывод"),
)


def _ranking(heading: str, by: str, items: Sequence[Ranked], sources: Sources) -> Section | None:
    judged = [each for each in items if each.value is not None]
    if len(judged) < 2:
        return None
    measure = MEASURES[RANKED_BY]
    rows = [_ranked_row(each) for each in judged[:MOST_ROWS]]
    note = (
        "Сравнивается не место в списке, а отличие от того, что дали бы те же темы и месяцы в среднем по региону. "
        f"Показаны те, у кого случаев не меньше {measure.minimum_sample}, худшие – первыми."
    )
    source = sources.add("ranking", f"metric={RANKED_BY}&by={by}")
    table = Table(f"{heading}: {measure.name.lower()}", _RANKED_COLUMNS, rows, source)
    return Section(heading, [Paragraph(note), table])


def _ranked_row(each: Ranked) -> tuple[str, ...]:
    unit = MEASURES[RANKED_BY].unit
    return (
        each.name,
        wording.figure(each.value, unit),
        wording.figure(each.expected, unit),
        _interval(each.low, each.high),
        wording.number(each.sample),
        _FLAGS[each.flagged] if each.expected is not None else "не с чем сравнить",
    )


def _interval(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return wording.NOTHING
    return f"{wording.percent(low)} – {wording.percent(high)}"


def _overdue(found: Gathered, sources: Sources) -> Section | None:
    late = [each for each in found.overdue if each.value][:MOST_ROWS]
    if not late:
        return None
    return Section(
        "Просроченное",
        [_counted("Просрочено по органам", "Орган", "breached", "organisation", late, sources)],
    )


def _again(found: Gathered, sources: Sources) -> Section | None:
    again = [each for each in found.reopened if each.value][:MOST_ROWS]
    if not again:
        return None
    return Section(
        "Возобновлённое", [_counted("Возобновлено по темам", "Тема", "reopened", "topic", again, sources)]
    )


def _counted(
    caption: str, first: str, metric: str, by: str, groups: Sequence[Group], sources: Sources
) -> Table:
    rows = [
        (each.name, wording.figure(each.value, "count"), wording.figure(each.previous, "count"))
        for each in groups
    ]
    columns = (Column(first), Column(MEASURES[metric].name, True), Column("Предыдущий период", True))
    return Table(caption, columns, rows, sources.add("breakdown", f"metric={metric}&by={by}"))


def _definitions(headline: Sequence[MeasureValue]) -> Section:
    rows = [
        (MEASURES[each.key].name, each.key, MEASURES[each.key].formula, MEASURES[each.key].definition)
        for each in headline
    ]
    columns = (Column("Показатель"), Column("Ключ"), Column("Формула"), Column("Что считается"))
    return Section("Приложение А. Что считается", [Table("Определения", columns, rows)])


def _queries(sources: Sources) -> Section:
    rows = [(f"[{number}]", query) for number, query in enumerate(sources.queries, 1)]
    return Section(
        "Приложение Б. Откуда цифры",
        [Table("Запросы, которые дают эти цифры", (Column("Номер"), Column("Запрос", is_long=True)), rows)],
    )
