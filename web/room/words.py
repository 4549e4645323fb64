"""The room's words: kinds of problems, states, changes and effects as people say them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

from web.room.views.decisions import Decision, Effect
from web.room.views.problems import Problem
from web.room.views.situation import UsualDay
from web.words import counted, number, share

Tone = Literal["good", "bad", ""]
KIND: Final = {
    "burst": "Всплеск",
    "hotspot": "Горячая точка",
    "chronic": "Хроническая проблема",
    "slow_organisation": "Медленные ответы",
    "reopenings": "Частые возвраты",
    "new_topic": "Новая тема",
}
STATE: Final = {
    "new": "не разобрано",
    "confirmed": "подтверждено",
    "dismissed": "отклонено",
    "decided": "решение принято",
    "solved": "решено",
}
DECISION: Final = {
    "planned": "запланировано",
    "running": "исполняется",
    "done": "исполнено",
    "dropped": "отменено",
}
LEVEL: Final = {"calmer": "спокойнее обычного", "usual": "как обычно", "tenser": "напряжённее обычного"}
_CHANCE: Final = 2.58  # standard errors of a difference: one in a hundred by chance alone


def name_problem(problem: Problem) -> str:
    """What it is about: its topic, or the organisation."""
    if problem.topic_name:
        return problem.topic_name
    return problem.organisation.name if problem.organisation else problem.topic or "Все обращения"


def place_of(problem: Problem) -> str:
    """Where it is."""
    if problem.place is None:
        return "весь регион"
    return problem.place.municipality_name or problem.place.municipality or "весь регион"


def measure_problem(problem: Problem) -> str:
    """Observed beside expected, in the unit of its kind."""
    if problem.kind == "slow_organisation":
        return f"{number(problem.observed / 24, 1)} дн. до ответа вместо {number(problem.expected / 24, 1)}"
    if problem.kind == "reopenings":
        return f"возвращают {share(problem.observed)} вместо {share(problem.expected)}"
    expected = number(problem.expected, 0 if problem.expected >= 10 else 1)
    return f"{counted(round(problem.observed), 'обращение', 'обращения', 'обращений')}, обычно {expected}"


def word_last_day(day: UsualDay) -> str:
    """Yesterday beside days like it."""
    came = counted(day.received, "обращение", "обращения", "обращений")
    if day.level is None or day.low is None or day.high is None:
        return f"{came}; с чем сравнить, станет ясно через несколько недель"
    return f"{came} – {LEVEL[day.level]} (бывает от {number(math.ceil(day.low))} до {number(math.floor(day.high))})"


def is_beyond_chance(now: float, before: float) -> bool:
    """Whether two counts differ by more than chance explains: |n − m| > 2.58·√(n + m)."""
    return abs(now - before) > _CHANCE * math.sqrt(max(now + before, 1))


def word_effect(effect: Effect) -> str:
    """What a decision changed, with the uncertainty in the words."""
    if not effect.worked and effect.low <= 0 <= effect.high:
        return f"не видно: от {_signed(effect.low, effect)} до {_signed(effect.high, effect)}"
    least, most = sorted((abs(effect.low), abs(effect.high)))
    if effect.low <= 0 <= effect.high:
        least = 0.0
    which = "меньше" if effect.estimate < 0 else "больше"
    return f"{which} на {_span(least, most, effect)}"


def _signed(value: float, effect: Effect) -> str:
    shown = number(value * 100) + "\u00a0%" if effect.relative else number(value, 2)
    return shown if value <= 0 else "+" + shown


def _span(least: float, most: float, effect: Effect) -> str:
    if effect.relative:
        return f"{number(least * 100)}–{number(most * 100)}\u00a0%"
    return f"{number(least, 2)}–{number(most, 2)}"


def word_decision(decision: Decision) -> str:
    """What is known of its effect, or why nothing is."""
    if decision.effect is not None:
        return word_effect(decision.effect)
    if decision.state == "planned":
        return "ещё не начато"
    return decision.effect_note or "ещё не посчитано"


# What templates call and look up by these names.
PHRASES: Final[Mapping[str, object]] = {
    "KIND": KIND,
    "STATE": STATE,
    "DECISION": DECISION,
    "name_problem": name_problem,
    "place_of": place_of,
    "measure_problem": measure_problem,
    "word_last_day": word_last_day,
    "word_decision": word_decision,
}
