"""The table that every file holds, whatever its format: typed columns with a key and a Russian name, and what is said beside
them. The columns are a contract: new ones come at the end. No key is a word of SQL's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

Kind = Literal["text", "integer", "number", "date", "moment", "flag"]
Cell = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """`key`: its name for programs. `moment`: an instant with its offset; `flag`: yes or no."""

    key: str
    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a figure or a column means, in Russian."""

    key: str
    name: str
    unit: str
    definition: str


@dataclass(frozen=True, slots=True)
class Table:
    """`rows`: a cell for every column, `size` of them, to be gone through once. `about`: what was asked, and up to when it is known;
    name and value."""

    columns: Sequence[Column]
    rows: Iterable[tuple[Cell, ...]]
    size: int
    meanings: Sequence[Meaning]
    about: Sequence[tuple[str, str]]


# One row for one value of one measure: of a group, in a step, of a period. What a kind of figures has not is empty.
FIGURE_COLUMNS: Final = (
    Column("region", "Регион"),
    Column("municipality", "Муниципалитет (ОКТМО)"),
    Column("organisation", "Орган"),
    Column("topic_group", "Группа тем"),
    Column("topic", "Тема"),
    Column("channel", "Канал"),
    Column("period_from", "Период с", "date"),
    Column("period_to", "Период до (не включая)", "date"),
    Column("grain", "Шаг"),
    Column("step_start", "Начало шага", "moment"),
    Column("name", "Название"),
    Column("metric", "Показатель (ключ)"),
    Column("metric_name", "Показатель"),
    Column("unit", "Единица"),
    Column("value", "Значение", "number"),
    Column("share", "Доля", "number"),
    Column("previous", "За предыдущий период", "number"),
    Column("expected", "Ожидаемое значение", "number"),
    Column("low", "Нижняя граница", "number"),
    Column("high", "Верхняя граница", "number"),
    Column("flagged", "Отклонение"),
    Column("sample", "Выборка", "integer"),
)

# One row for one appeal (of an agency's: one it has an assignment on). Nothing leads back to it, see `anonymity`.
APPEAL_COLUMNS: Final = (
    Column("region", "Регион"),
    Column("municipality", "Муниципалитет (ОКТМО)"),
    Column("municipality_name", "Муниципалитет"),
    Column("topic_group", "Группа тем (код)"),
    Column("topic_group_name", "Группа тем"),
    Column("topic", "Тема (код)"),
    Column("topic_name", "Тема"),
    Column("channel", "Канал"),
    Column("received_month", "Месяц поступления", "date"),
    Column("received_on", "День поступления", "date"),
    Column("answered_month", "Месяц ответа", "date"),
    Column("answered_on", "День ответа", "date"),
    Column("answered", "Дан ответ", "flag"),
    Column("in_time", "В срок", "flag"),
    Column("reopened", "Возобновлено", "flag"),
    Column("is_open", "В работе", "flag"),
    Column("rated", "Оценено", "flag"),
    Column("solved", "Решено по оценке заявителя", "flag"),
    Column("withheld", "Скрыто"),
)
