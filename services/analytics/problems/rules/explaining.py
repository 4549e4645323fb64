"""Why something is a problem, in words for officials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.analytics.problems.rules.known import KnownProblem
from services.analytics.statistics.rules.messages import FindingKind

WHAT: Final[Mapping[FindingKind, str]] = {
    "burst": "Всплеск: обращений за дни с {started} по {detected} – {observed}, обычно за столько дней – {expected}.",
    "hotspot": "Горячая точка: рядом, в круге {radius} м, с {started} по {detected} поступило {observed}, ожидалось {expected}.",
    "chronic": "Хроническая проблема: за восемь недель до {detected} – {observed}, при доле других мест было бы {expected}.",
    "new_topic": "Новая тема: с {started} по {detected} поступило {observed}, раньше по ней не писали.",
    "slow_organisation": "Орган отвечает дольше, чем можно ждать при его темах: медиана {observed} ч, ожидалось {expected} ч.",
    "reopenings": "Ответы органа возобновляют чаще, чем можно ждать при его темах: доля {observed}, ожидалось {expected}.",
}
NAMES: Final[Mapping[FindingKind, str]] = {
    "burst": "Всплеск",
    "hotspot": "Горячая точка",
    "chronic": "Хроническая проблема",
    "new_topic": "Новая тема",
    "slow_organisation": "Долгие ответы",
    "reopenings": "Частые возобновления",
}
BASELINE: Final[Mapping[FindingKind, str]] = {
    "burst": "Ожидание – по прошлому того же ряда: дни недели, праздники, уровень последних недель, те же дни в других местах.",
    "hotspot": "Ожидание – по доле этого круга в обращениях по теме за последние двенадцать недель.",
    "chronic": "Ожидание – по доле темы среди всех обращений в других муниципалитетах.",
    "new_topic": "Ожидание – ни одного: темы не было четыре недели и дольше.",
    "slow_organisation": "Ожидание – по ответам региона на те же темы в те же месяцы; объявления о плановых работах не считаются.",
    "reopenings": "Ожидание – по возобновлениям в регионе по тем же темам в те же месяцы; объявления о плановых работах не считаются.",
}
_LEAST_SHOWN: Final = 1e-6


def explain(problem: KnownProblem) -> list[str]:
    """Sentences: what was found, beside what, how sure that is, how it stands."""
    numbers = {
        "started": f"{problem.started_on:%d.%m.%Y}",
        "detected": f"{problem.detected_on:%d.%m.%Y}",
        "observed": number(problem.observed),
        "expected": number(problem.expected),
        "radius": str(problem.radius_m or 0),
    }
    sentences = [
        WHAT[problem.kind].format(**numbers),
        BASELINE[problem.kind],
        f"Вероятность увидеть столько случайно: {probability(problem.p_value)}; "
        f"доля ложных тревог среди таких находок: {probability(problem.q_value)}.",
    ]
    if problem.is_quiet:
        sentences.append(
            f"Последний раз выше обычного – {problem.last_on:%d.%m.%Y}, две недели и дольше тихо."
        )
    if problem.follows is not None:
        sentences.append("Такая же проблема уже была решена и возникла снова.")
    return sentences


def number(value: float) -> str:
    """As officials write it: whole where it is large, else with a comma."""
    if value >= 100 or value == int(value):
        return str(round(value))
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def probability(value: float) -> str:
    """Short, and never nought."""
    return (
        f"меньше {_LEAST_SHOWN:.6f}".replace(".", ",")
        if value < _LEAST_SHOWN
        else f"{value:.2g}".replace(".", ",")
    )
