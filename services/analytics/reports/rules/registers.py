"""What a report says of problems and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.analytics.reports.rules import wording
from services.analytics.reports.rules.document import Column, Paragraph, Section, Table
from services.analytics.reports.rules.gathered import DecisionLine, ProblemLine
from services.analytics.reports.rules.origins import Sources

_STATES: Final = {
    "planned": "запланировано",
    "running": "исполняется",
    "done": "исполнено",
    "dropped": "отменено",
    "new": "новая",
    "confirmed": "подтверждена",
    "decided": "принято решение",
    "solved": "решена",
    "dismissed": "отклонена",
}


_DECISION_COLUMNS: Final = (
    Column("Решение"),
    Column("Отвечает"),
    Column("Состояние"),
    Column("Срок"),
    Column("Что изменилось"),
)


def problems_section(problems: Sequence[ProblemLine], sources: Sources) -> Section | None:
    if not problems:
        return None
    rows = [
        (
            each.title,
            _STATES.get(each.state, each.state),
            wording.short_day(each.started_on),
            wording.number(each.observed),
            wording.number(each.expected, 1),
        )
        for each in problems
    ]
    columns = (
        Column("Проблема"), Column("Состояние"), Column("С какого дня"), Column("Было", True), Column("Ожидалось", True),
    )  # fmt: skip
    return Section(
        "Системные проблемы",
        [Table("Проблемы", columns, rows, sources.add_own("problems", sources.territory))],
    )


def decisions_section(decisions: Sequence[DecisionLine], sources: Sources) -> Section | None:
    if not decisions:
        return None
    rows = [
        (
            each.title,
            each.owner,
            _STATES[each.state],
            wording.short_day(each.due_on) if each.due_on else wording.NOTHING,
            _effect(each),
        )
        for each in decisions
    ]
    note = (
        "Изменение – против того, что было бы без решения, по сопоставимым территориям (90 %). «Сработало» – если "
        "не больше десятой части мнимых решений на таких же пиках дали не худший результат."
    )
    table = Table(
        "Управленческие решения", _DECISION_COLUMNS, rows, sources.add_own("decisions", sources.territory)
    )
    return Section("Управленческие решения", [Paragraph(note), table])


def _effect(line: DecisionLine) -> str:
    if line.estimate is None or line.low is None or line.high is None:
        return line.note or "ещё не оценено"
    digits = 0 if line.relative else 2
    unit = "\u00a0%" if line.relative else ""
    scale = 100 if line.relative else 1
    middle, low, high = (
        wording.signed(value * scale, digits) for value in (line.estimate, line.low, line.high)
    )
    return f"{middle}{unit} (от {low} до {high}){': сработало' if line.worked else ': не доказано'}"
