"""Times that count what still waits, and times by other clocks: working hours, calendar days."""

from __future__ import annotations

from typing import Final, NamedTuple

from services.analytics.figures.rules.measures.measure import (
    Measure,
    Unit,
    compare_counts,
    compare_times,
    count_of,
)
from services.analytics.store.rules.questions import Percentile


class _Until(NamedTuple):
    """What is waited for: its column's ending, in Russian, in English, and its definition."""

    column: str
    russian: str
    english: str
    definition: str


_REACTION = _Until(
    "first_reaction",
    "до первой реакции",
    "to first reaction",
    "первого действия исполнителя (принятия в работу, промежуточного или окончательного ответа)",
)
_ANSWER = _Until("answer", "до ответа", "to answer", "первого окончательного ответа")
_QUANTILES: Final = {
    0.5: ("median", "медиана", "median", "половина"),
    0.9: ("p90", "90-й процентиль", "90th percentile", "девять десятых"),
}


def _with_open(until: _Until, level: float) -> Measure:
    key, russian, english, part = _QUANTILES[level]
    return Measure(
        f"{key}_hours_to_{until.column}_with_open",
        f"Часов {until.russian} с учётом ожидающих, {russian}",
        f"Hours {until.english} with open cases, {english}",
        "hours",
        f"За сколько календарных часов от поступления {part} обращений дожидается {until.definition}, по оценке "
        "Каплана – Мейера: обращение, которое ещё ждёт, учитывается тем временем, что прождало на момент as_of; отозванное, "
        "отклонённое, перенаправленное или отменённое – до этого события. Время берётся в целых минутах, от двух суток – "
        f"в целых часах, от шестидесяти – в целых сутках. Значения нет, пока {until.definition.split(' (')[0]} дождалась меньшая часть.",
        f"наименьшее t, при котором S(t) ≤ {1 - level:.1f}; S(t) = Π (1 − dᵢ / nᵢ) по tᵢ ≤ t, d – дождались, n – ждали",
        f"seconds_to_{until.column}",
        minimum_sample=30 if level > 0.5 else 10,
        quantile=level,
    )


def _by_clock(until: _Until, level: float, unit: Unit) -> Measure:
    key, russian, english, _ = _QUANTILES[level]
    seconds = f"working_seconds_to_{until.column}"
    working = unit == "working_hours"
    column, per = (seconds, 3600.0) if working else (f"days_to_{until.column}", 1.0)
    counted = (
        "рабочих часов (пн–пт 9–18, обед 13–14, федеральный производственный календарь, местное время региона; региональные "
        "выходные и часы работы отдельных органов не учитываются)"
        if working
        else "календарных дней (разность местных дат: в тот же день – 0)"
    )
    return Measure(
        f"{key}_{unit}_to_{until.column}",
        f"{'Рабочих часов' if working else 'Дней'} {until.russian}, {russian}",
        f"{'Working hours' if working else 'Days'} {until.english}, {english}",
        unit,
        f"{russian.capitalize()} {counted} от поступления до {until.definition}. Обращения без него не учитываются.",
        f"{russian} времени {until.russian}",
        Percentile(level, column, per),
        f"{column} IS NOT NULL",
        minimum_sample=30 if level > 0.5 else 10,
        comparison=compare_times(seconds if working else f"seconds_to_{until.column}"),
    )


_UNANSWERED: Final = "closed_local IS NULL"
_OVERDUE: Final = "breached AND is_open"

WAITING_MEASURES: Final = (
    Measure(
        "unanswered_at_end",
        "Без ответа на конец дня",
        "Unanswered at the end of the day",
        "count",
        "Сколько обращений, поступивших когда бы то ни было, к концу дня (недели, месяца, периода) ещё ждали первого "
        "окончательного ответа. Отклонённые при модерации и отозванные не считаются с этого момента; возобновлённые "
        "после ответа не считаются. Для органа – поручения, на которые он ещё не ответил и которые не перенаправил.",
        "поступило до конца − перестало ждать до конца",
        count_of(_UNANSWERED),
        _UNANSWERED,
        is_stock=True,
    ),
    Measure(
        "breached_open",
        "Просрочено и ещё в работе",
        "Breached and still open",
        "count",
        "Из поступивших: хотя бы один срок ответа ответственного истёк без ответа, и работа ещё не окончена: окончательного ответа нет или "
        "обращение возобновлено. Отклонённые при модерации и отозванные не считаются.",
        "число поступивших с нарушенным сроком, по которым работа не окончена",
        count_of(_OVERDUE),
        _OVERDUE,
        comparison=compare_counts(_OVERDUE, "low"),
    ),
    *(_with_open(until, level) for until in (_REACTION, _ANSWER) for level in _QUANTILES),
    *(_by_clock(until, level, "working_hours") for until in (_REACTION, _ANSWER) for level in _QUANTILES),
    *(_by_clock(until, 0.5, "days") for until in (_REACTION, _ANSWER)),
)
