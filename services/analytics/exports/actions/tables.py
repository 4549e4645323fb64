"""From what was read to the table of a file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import repeat
from typing import Final, TypeVar

from services.analytics.exports.queries.appeals import Described, TooManyRows, read_appeals
from services.analytics.exports.queries.figures import measures_of, read_figure_rows
from services.analytics.exports.rules.anonymity import Description, K, Published, coarsen
from services.analytics.exports.rules.naming import TITLES, period_name, region_name
from services.analytics.exports.rules.tables import APPEAL_COLUMNS, FIGURE_COLUMNS, Cell, Meaning, Table
from services.analytics.exports.schemas import AskedFigures
from services.analytics.figures.queries import find_names
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.sources import Dimension

T = TypeVar("T")
MOST_FIGURES: Final = 100_000
_UNITS: Final = {
    "count": "шт.",
    "share": "доля",
    "score": "баллы",
    "hours": "часы",
    "working_hours": "рабочие часы",
    "days": "дни",
    "per_10000": "на 10 000 жителей",
}
_OF_APPEALS: Final = (
    Meaning(
        "withheld",
        "Скрыто",
        "",
        f"Строка – обращение без персональных данных. Сочетание муниципалитета, темы, канала, месяцев и дней, по которому обращение можно "
        f"узнать, есть в файле не меньше чем у {K} обращений; где было меньше, сведения скрыты по порядку: день ответа, "
        "муниципалитет, тема, день поступления, месяц ответа, канал, группа тем, месяц поступления. Здесь названо, что скрыто; "
        f"остальные пустые значения неизвестны. Обращения, для которых и этого мало (не больше {K - 1} на регион), в файл не вошли.",
    ),
    Meaning(
        "in_time",
        "В срок",
        "",
        "Нет – хотя бы один срок ответа истёк без ответа; да – срок соблюдён; пусто – срок ещё идёт или не установлен.",
    ),
    Meaning(
        "solved",
        "Решено по оценке заявителя",
        "",
        "Да – заявитель хотя бы об одном ответе сказал, что вопрос решён; пусто – заявитель ответ не оценил.",
    ),
)
_Names = Mapping[str | None, str]


async def read_table(
    store: FigureStore, filters: Filter, asked: AskedFigures, as_of: datetime | None, known_until: int
) -> Table:
    """What a file is to hold; 422 when that is too much. `known_until`: as in `ask_by`."""
    about = _describe_request(filters, asked, as_of)
    if asked.kind == "appeals":
        found = await read_appeals(store, filters)
        published = await asyncio.to_thread(coarsen, _counts_of(found))
        names = await _find_names(store, filters, published)
        size = sum(number for (each, _), number in found.items() if each in published)
        return Table(APPEAL_COLUMNS, _appeal_rows(found, published, names), size, _OF_APPEALS, about)
    figures = await read_figure_rows(store, filters, asked, known_until)
    if len(figures) > MOST_FIGURES:
        raise TooManyRows(
            "A file holds at most {most} rows. Narrow the filter or name a coarser grain.",
            values={"most": MOST_FIGURES},
        )
    meanings = [
        Meaning(each.key, each.name, _UNITS[each.unit], each.definition) for each in measures_of(asked)
    ]
    return Table(FIGURE_COLUMNS, figures, len(figures), meanings, about)


def _counts_of(found: Described) -> dict[Description, int]:
    counts: dict[Description, int] = {}
    for (description, _), number in found.items():
        counts[description] = counts.get(description, 0) + number
    return counts


async def _find_names(
    store: FigureStore, filters: Filter, published: Mapping[Description, Published]
) -> Mapping[Dimension, _Names]:
    shown = {each.description for each in published.values()}
    keys: Mapping[Dimension, set[str | None]] = {
        "municipality": {each.municipality for each in shown},
        "group": {each.group for each in shown},
        "topic": {each.topic for each in shown},
    }
    return {
        dimension: {**await find_names(store, dimension, sorted(filter(None, some)), filters), None: ""}
        for dimension, some in keys.items()
    }


def _appeal_rows(
    found: Described, published: Mapping[Description, Published], names: Mapping[Dimension, _Names]
) -> Iterator[tuple[Cell, ...]]:
    """In the order of what they hold: any other could tell more than that."""
    places = _places(published[each] for each, _ in found if each in published)
    outcomes = _places(outcome for _, outcome in found)
    counted: Counter[tuple[int, int]] = Counter()
    for (description, outcome), number in found.items():
        if description in published:
            counted[places[published[description]], outcomes[outcome]] += number
    shown, came = list(places), list(outcomes)
    for place, outcome_place in sorted(counted):
        row = (*_cells_of(shown[place], names), *came[outcome_place])
        withheld = ",".join(shown[place].withheld) or None
        yield from repeat((*row, withheld), counted[place, outcome_place])


def _places(values: Iterable[T]) -> dict[T, int]:
    """The place of each in the order of all."""
    return {value: place for place, value in enumerate(sorted(set(values), key=str))}


def _cells_of(published: Published, names: Mapping[Dimension, _Names]) -> tuple[Cell, ...]:
    shown = published.description
    return (
        shown.region,
        *(shown.municipality, names["municipality"][shown.municipality] or None),
        *(shown.group, names["group"][shown.group] or None),
        *(shown.topic, names["topic"][shown.topic] or None),
        *(shown.channel, shown.received_month, shown.received_on, shown.answered_month, shown.answered_on),
    )


def _describe_request(filters: Filter, asked: AskedFigures, as_of: datetime | None) -> list[tuple[str, str]]:
    named = {
        "Содержание": TITLES[asked.kind],
        "Регион": region_name(filters.region),
        "Муниципалитет": filters.municipality,
        "Орган": None if filters.organisation is None else str(filters.organisation),
        "Группа тем": filters.group,
        "Тема": filters.topic,
        "Канал": filters.channel,
        "Период": period_name(filters.period),
        "Учтено всё до": "неизвестно" if as_of is None else as_of.isoformat(timespec="seconds"),
    }
    return [(name, value) for name, value in named.items() if value]
