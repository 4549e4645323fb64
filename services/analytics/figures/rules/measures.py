"""The registry of measures: one figure, one definition. Summary, series and breakdowns use these very expressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["count", "share", "score", "hours"]


@dataclass(frozen=True)
class Measure:
    """`expression` is SQL over a source (see `store`): counts are never null, the others are where nothing counts.

    `is_stock`: it counts what was there at the end of a step or period, whenever that had come; `expression` is what is there
    now. Others count what came in the step or period.
    """

    key: str
    name: str
    unit: Unit
    definition: str
    expression: str
    is_stock: bool = False

    @property
    def additive(self) -> bool:
        """Whether parts add up to the whole, so that shares of a breakdown make sense."""
        return self.unit == "count"

    @property
    def empty(self) -> int | None:
        """The value where nothing was received."""
        return 0 if self.additive else None


_HOURS_TO_REACTION = "seconds_to_first_reaction / 3600"
_HOURS_TO_ANSWER = "seconds_to_answer / 3600"


def _percentile(share: float, hours: str) -> str:
    return f"percentile_cont({share}) WITHIN GROUP (ORDER BY {hours})"


_MEASURES = (
    Measure(
        "received",
        "Поступило",
        "count",
        "Число зарегистрированных обращений, поступивших за период (по дате поступления, местное время региона). "
        "Для органа – число поручений, данных ему по таким обращениям, включая перенаправленные им.",
        "count(*)",
    ),
    Measure(
        "assigned",
        "Распределено",
        "count",
        "Из поступивших: ответственным за которые сейчас назначен орган или организация.",
        "count(organisation_id)",
    ),
    Measure(
        "in_triage",
        "На ручной сортировке",
        "count",
        "Из поступивших: ожидают решения координатора о том, какому органу их передать.",
        "count(*) FILTER (WHERE is_in_triage)",
    ),
    Measure(
        "answered",
        "Дан ответ",
        "count",
        "Из поступивших: ответственный дал хотя бы один окончательный ответ (решено, разъяснено, отказано или "
        "отложено с обещанной датой). Промежуточный ответ не считается.",
        "count(seconds_to_answer)",
    ),
    Measure(
        "in_time_share",
        "Доля в срок",
        "share",
        "Доля обращений без нарушения срока ответа среди тех, по которым срок ответа уже решён: ответ дан или срок "
        "истёк. Обращения, срок которых ещё идёт, не учитываются; один нарушенный срок из нескольких – нарушение.",
        "count(*) FILTER (WHERE met AND NOT breached)::float8 / nullif(count(*) FILTER (WHERE met OR breached), 0)",
    ),
    Measure(
        "breached",
        "Просрочено",
        "count",
        "Из поступивших: хотя бы один срок ответа ответственного истёк без ответа. Просрочка, опровергнутая позже, "
        "не считается.",
        "count(*) FILTER (WHERE breached)",
    ),
    Measure(
        "reopened",
        "Возобновлено",
        "count",
        "Из поступивших: хотя бы один ответ не устроил заявителя, и работа возобновлена.",
        "count(*) FILTER (WHERE reopenings > 0)",
    ),
    Measure(
        "reopened_share",
        "Доля возобновлённых",
        "share",
        "Доля возобновлённых среди обращений, на которые дан окончательный ответ.",
        "count(seconds_to_answer) FILTER (WHERE reopenings > 0)::float8 / nullif(count(seconds_to_answer), 0)",
    ),
    Measure(
        "satisfaction",
        "Удовлетворённость",
        "score",
        "Средняя оценка ответов заявителями, от 1 до 5. Каждый оценённый ответ учитывается один раз, по последней "
        "оценке.",
        "sum(score_sum)::float8 / nullif(sum(score_count), 0)",
    ),
    Measure(
        "median_hours_to_first_reaction",
        "Часов до первой реакции, медиана",
        "hours",
        "Медиана календарных часов от поступления до первого действия исполнителя: принятия в работу, "
        "промежуточного или окончательного ответа. Обращения без реакции не учитываются.",
        _percentile(0.5, _HOURS_TO_REACTION),
    ),
    Measure(
        "median_hours_to_answer",
        "Часов до ответа, медиана",
        "hours",
        "Медиана календарных часов от поступления до первого окончательного ответа. Обращения без ответа не "
        "учитываются.",
        _percentile(0.5, _HOURS_TO_ANSWER),
    ),
    Measure(
        "p90_hours_to_answer",
        "Часов до ответа, 90-й процентиль",
        "hours",
        "Время от поступления до первого окончательного ответа, в которое укладываются девять обращений из десяти "
        "(календарные часы). Обращения без ответа не учитываются.",
        _percentile(0.9, _HOURS_TO_ANSWER),
    ),
    Measure(
        "backlog",
        "В работе",
        "count",
        "Из поступивших: ещё без окончательного ответа или возобновлены после него; отклонённые при модерации и "
        "отозванные заявителем не считаются.",
        "count(*) FILTER (WHERE is_open)",
    ),
    Measure(
        "unanswered_at_end",
        "Без ответа на конец дня",
        "count",
        "Сколько обращений, поступивших когда бы то ни было, к концу дня (недели, месяца, периода) ещё ждали первого "
        "окончательного ответа. Отклонённые при модерации и отозванные не считаются с этого момента; возобновлённые "
        "после ответа не считаются. Для органа – поручения, на которые он ещё не ответил и которые не перенаправил.",
        "count(*) FILTER (WHERE closed_local IS NULL)",
        is_stock=True,
    ),
)
MEASURES: dict[str, Measure] = {measure.key: measure for measure in _MEASURES}
