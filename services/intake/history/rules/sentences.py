"""The sentences of a history, in Russian: templates, and what depends on more than one field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from contracts.routing import REDIRECT_REASONS
from services.intake.history.rules.deadlines import due_in
from services.intake.history.rules.entries import HistoryEntry

Sentence = Callable[[HistoryEntry], str]
_ROLES: Final = {"lead": "ответственному исполнителю", "co_executor": "соисполнителю"}
_OUTCOMES: Final = {
    "solved": "вопрос решён",
    "explained": "даны разъяснения",
    "refused": "в решении отказано",
    "postponed": "решение отложено",
}
_MODERATIONS: Final = {
    "accept": "Модератор допустил обращение к рассмотрению",
    "reject": "Модератор отклонил обращение",
    "hide": "Модератор скрыл обращение из открытого доступа",
}
_SOURCE_CHANGES: Final = {
    "edited": "Автор изменил сообщение в социальной сети",
    "deleted": "Сообщение удалено из социальной сети",
    "restored": "Сообщение восстановлено в социальной сети",
}
_OPENERS: Final = {"coordinator": "Координатор"}
_RECIPIENTS: Final = {
    "executor": "исполнителю",
    "head": "руководителю исполнителя",
    "superior": "вышестоящему органу",
    "coordinator": "координатору",
    "federal": "федеральному уровню",
}
_CASES: Final = {
    "migration": "вопросы миграции",
    "migration_head": "вопросы миграции, ответ главы региона",
    "special_outcome": "без рассмотрения по существу",
    "fast_track": "ускоренное решение",
}
_CLOCKS: Final = {
    "register": "Срок регистрации",
    "forward": "Срок перенаправления",
    "react": "Срок первой реакции",
    "answer": "Срок ответа",
    "promise": "Обещанный срок решения",
    "documents": "Срок представления документов",
}


def template(text: str) -> Sentence:
    """The same sentence for all entries of a kind, but for the organisation or fields named in it."""
    if "{" not in text:
        return lambda _: text
    if "{organisation}" in text:
        return lambda entry: text.format(organisation=entry.organisation)
    return lambda entry: text.format_map(entry.data)


def addressed(text: str) -> Sentence:
    """The same for what goes to a level of escalation: `{whom}` in the text is who that is."""
    return lambda entry: text.format(whom=_RECIPIENTS.get(str(entry.data["whom"]), entry.data["whom"]))


def field(name: str) -> Sentence:
    """The content of one field, if there is any."""
    return lambda entry: entry.data.get(name) or ""


NOTHING: Final = template("")


def creation(entry: HistoryEntry) -> str:
    """To whom an assignment was given."""
    if not entry.organisation:
        return "Обращение передано координатору для определения исполнителя"
    return f"Направлено {_ROLES[entry.data.get('role', 'lead')]}: {entry.organisation}"


def creation_reason(entry: HistoryEntry) -> str:
    """What about, or why it was given to nobody."""
    if not entry.organisation:
        return str(entry.data.get("triage_reason") or "")
    topic = (entry.data.get("topic") or {}).get("name")
    return f"Тема: {topic}" if topic else ""


def handing(entry: HistoryEntry) -> str:
    """That a person of the organisation works on it; who, is known by id."""
    if not entry.data.get("given_to"):
        return f"{entry.organisation}: снято с сотрудника"
    whom = "другому сотруднику" if entry.data.get("taken_from") else "сотруднику"
    return f"{entry.organisation}: поручено {whom}"


def absence(entry: HistoryEntry) -> str:
    """Whether it is for an absence only."""
    return "На время отсутствия" if entry.data.get("returns_at") else ""


def correction(entry: HistoryEntry) -> str:
    """What a coordinator changed."""
    if not entry.organisation:
        returned = entry.data.get("previous_organisation_id") is not None
        return "Вопрос снова распределяет координатор" if returned else "Координатор уточнил тему"
    return f"Координатор назначил исполнителя: {entry.organisation}"


def redirection(entry: HistoryEntry) -> str:
    """Why an organisation gave the question away, as everybody may read it."""
    why = REDIRECT_REASONS.get(entry.data.get("reason_code", ""), REDIRECT_REASONS["not_competent"])
    return f"{entry.organisation}: {why}, обращение перенаправлено"


def answer(entry: HistoryEntry) -> str:
    """What came of it."""
    return f"{entry.organisation}: дан ответ – {_OUTCOMES[entry.data['outcome']]}"


def promise(entry: HistoryEntry) -> str:
    """Until when the solution is promised, if it is."""
    day = entry.data.get("promised_on")
    return f"Обещано решить до {show_day(day)}" if day else ""


def show_day(day: str) -> str:
    """`2026-12-21` → `21.12.2026`."""
    return date.fromisoformat(day).strftime("%d.%m.%Y")


def deadline(entry: HistoryEntry) -> str:
    """The deadline of an assignment's answer."""
    return due_in(entry).sentence()


def deadline_reason(entry: HistoryEntry) -> str:
    """Why it is that day."""
    return due_in(entry).reason or ""


def clock_name(entry: HistoryEntry) -> str:
    """Which deadline was missed."""
    return _CLOCKS.get(entry.data["clock"], "")


def extension_decision(entry: HistoryEntry) -> str:
    """Whether there are more days."""
    if entry.data["decision"] == "approve":
        return f"Срок продлён на {entry.data['days']} дн."
    return "В продлении срока отказано"


def case_mark(entry: HistoryEntry) -> str:
    """That an appeal is a case with terms of its own, or is not after all."""
    what = "Особый порядок" if entry.data["applies"] else "Особый порядок снят"
    return f"{what}: {_CASES.get(entry.data['case'], entry.data['case'])}"


def rating(entry: HistoryEntry) -> str:
    """The citizen's judgement."""
    solved = "вопрос решён" if entry.data["solved"] else "вопрос не решён"
    return f"Заявитель оценил ответ: {entry.data['score']} из 5, {solved}"


def moderation(entry: HistoryEntry) -> str:
    """The moderator's decision."""
    return _MODERATIONS[entry.data["decision"]]


def source_change(entry: HistoryEntry) -> str:
    """What became of the message in its social network."""
    return _SOURCE_CHANGES[entry.data["change"]]


def opening(entry: HistoryEntry) -> str:
    """Who read the original."""
    return f"{_OPENERS.get(entry.data['role'], 'Исполнитель')} открыл подлинник обращения"


def purpose(entry: HistoryEntry) -> str:
    """What it was read for."""
    return f"Цель: {entry.data['purpose']}"
