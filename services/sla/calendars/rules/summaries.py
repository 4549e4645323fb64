"""One sentence that explains to a citizen or an official what a deadline is and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from services.sla.calendars.rules.explanations import Step, group_steps
from services.sla.calendars.rules.terms import Term
from services.sla.calendars.rules.wording import (
    render_date,
    render_days,
    render_moment,
    render_seconds,
    render_weekday,
)

_LAST_SECOND: Final = (23, 59, 59)
_EVENTS: Final = (
    ("moved", "вопрос передан другому органу"),
    ("interim", "после промежуточного ответа"),
)
_PAUSES: Final = (("days", render_days), ("seconds", render_seconds))
_Steps = Mapping[str, Sequence[Step]]


def render_reason(steps: Iterable[Step], change: str | None) -> str:
    """The sentence, and why the clock moved last if it did."""
    return summarise(steps) + (f" {change}" if change else "")


def summarise(steps: Iterable[Step]) -> str:
    """The explanation's steps in one Russian sentence."""
    by_kind = group_steps(steps)
    name = by_kind["policy"][0]["name"] if "policy" in by_kind else ""
    title = f"{name}: " if name else ""
    events = "; ".join(_render_events(by_kind))
    in_between = f" ({events})" if events else ""
    return f"{title}{_render_length(by_kind)}{in_between}, {_render_end(by_kind)}."


def _render_length(by_kind: _Steps) -> str:
    begin = datetime.fromisoformat(by_kind["start"][0]["at"])
    if "promise" in by_kind:
        return f"обещано заявителю {render_date(begin)}"
    if "given" in by_kind:
        return f"срок назначен в прежней системе для обращения от {render_date(begin)}"
    term = by_kind["term"][0]
    length = Term(term["amount"], term["unit"])
    return f"{length} с {render_date(begin) if length.in_days else render_moment(begin)}"


def _render_events(by_kind: _Steps) -> list[str]:
    return [
        *[event for kind, event in _EVENTS if kind in by_kind],
        *(_render_pauses(by_kind["pause"]) if "pause" in by_kind else ()),
        *[f"срок продлён на {render_days(step['days'])}" for step in by_kind.get("extension", ())],
        *[
            f"{render_date(date.fromisoformat(step['from']))} – нерабочий день, срок перенесён"
            for step in by_kind.get("weekend", ())
            if step["from"] != step["to"]
        ],
    ]


def _render_pauses(pauses: Sequence[Step]) -> list[str]:
    lengths = [
        (render, sum(pause.get(unit, 0) for pause in pauses if pause["to"])) for unit, render in _PAUSES
    ]
    return [f"пауза {render(length)}" for render, length in lengths if length]


def _render_end(by_kind: _Steps) -> str:
    if "result" not in by_kind:
        pause = by_kind["pause"][-1]
        reason = f": {pause['reason']}" if pause["reason"] else ""
        return f"приостановлен с {render_moment(datetime.fromisoformat(pause['from']))}{reason}"
    due = datetime.fromisoformat(by_kind["result"][0]["due_at"])
    if (due.hour, due.minute, due.second) == _LAST_SECOND:
        return f"истекает {render_date(due)} ({render_weekday(due)})"
    return f"истекает {render_moment(due)}"
