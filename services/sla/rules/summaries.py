"""One sentence that tells a citizen or an official what a deadline is and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from services.sla.rules.explanations import Step
from services.sla.rules.terms import LIMITS, Term
from services.sla.rules.wording import say_date, say_days, say_moment, say_seconds, say_weekday


def tell_reason(steps: Iterable[Step], change: str | None) -> str:
    """The sentence, and why the clock moved last if it did."""
    return summarise(steps) + (f" {change}" if change else "")


def summarise(steps: Iterable[Step]) -> str:
    """The explanation's steps in one Russian sentence."""
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        by_kind.setdefault(step["kind"], []).append(step)
    begin = datetime.fromisoformat(by_kind["start"][0]["at"])
    name = by_kind["policy"][0]["name"] if "policy" in by_kind else ""
    said = f"{name}: " if name else ""
    said += _say_length(by_kind, begin)
    noted = _say_events(by_kind)
    if noted:
        said += f" ({'; '.join(noted)})"
    return f"{said}, {_say_end(by_kind)}."


def _say_length(by_kind: Mapping[str, list[Mapping[str, Any]]], begin: datetime) -> str:
    if "promise" in by_kind:
        return f"обещано заявителю {say_date(begin)}"
    if "given" in by_kind:
        return f"срок назначен в прежней системе для обращения от {say_date(begin)}"
    term = by_kind["term"][0]
    unit = term["unit"]
    assert unit in LIMITS
    length = Term(term["amount"], unit)
    return f"{length} с {say_date(begin) if length.in_days else say_moment(begin)}"


def _say_events(by_kind: Mapping[str, list[Mapping[str, Any]]]) -> list[str]:
    noted = []
    if "moved" in by_kind:
        noted.append("вопрос передан другому органу")
    if "interim" in by_kind:
        noted.append("после промежуточного ответа")
    ended = [pause for pause in by_kind.get("pause", []) if pause["to"]]
    if days := sum(pause.get("days", 0) for pause in ended):
        noted.append(f"пауза {say_days(days)}")
    if seconds := sum(pause.get("seconds", 0) for pause in ended):
        noted.append(f"пауза {say_seconds(seconds)}")
    noted += [f"срок продлён на {say_days(step['days'])}" for step in by_kind.get("extension", [])]
    noted += [
        f"{say_date(date.fromisoformat(step['from']))} – нерабочий день, срок перенесён"
        for step in by_kind.get("weekend", [])
        if step["from"] != step["to"]
    ]
    return noted


def _say_end(by_kind: Mapping[str, list[Mapping[str, Any]]]) -> str:
    if "result" not in by_kind:
        since = datetime.fromisoformat(by_kind["pause"][-1]["from"])
        reason = by_kind["pause"][-1]["reason"]
        return f"приостановлен с {say_moment(since)}" + (f": {reason}" if reason else "")
    due = datetime.fromisoformat(by_kind["result"][0]["due_at"])
    if (due.hour, due.minute, due.second) == (23, 59, 59):
        return f"истекает {say_date(due)} ({say_weekday(due)})"
    return f"истекает {say_moment(due)}"
