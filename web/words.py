"""The platform's words in Russian, and dates and numbers as people read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from contracts.territories import find_zone

_MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
_WEEKDAYS: Final = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_SPACE: Final = "\u00a0"  # that no line is broken at
_DEFAULT_REGION: Final = "77"
APPEAL_STATUS: Final = {
    "registered": "зарегистрировано",
    "on_moderation": "на проверке",
    "rejected": "отклонено",
    "in_work": "в работе",
    "answered": "дан ответ",
    "postponed": "отложено",
    "refused": "отказано",
    "reopened": "открыто снова",
    "withdrawn": "отозвано",
    "closed": "закрыто",
}
ASSIGNMENT_STATUS: Final = {
    "triage": "разбор",
    "new": "новое",
    "accepted": "принято",
    "clarifying": "ждёт уточнения",
    "interim": "промежуточный ответ",
    "in_review": "на проверке",
    "answered": "дан ответ",
    "postponed": "отложено",
    "redirected": "передано",
    "cancelled": "снято",
    "reopened": "открыто снова",
}
OUTCOME: Final = {
    "solved": "решено",
    "explained": "дано разъяснение",
    "refused": "отказано",
    "postponed": "отложено до срока",
}
ROLE: Final = {
    "agency": "сотрудник организации",
    "coordinator": "координатор",
    "analyst": "аналитик",
    "federal": "федеральный наблюдатель",
    "admin": "администратор",
}
CLOCK: Final = {
    "register": "регистрация",
    "forward": "пересылка",
    "react": "первая реакция",
    "answer": "ответ",
    "promise": "обещание",
    "documents": "документы",
}
CHANNEL: Final = {
    "portal": "портал",
    "widget": "форма на сайте",
    "pos": "ПОС",
    "vk": "ВКонтакте",
    "ok": "Одноклассники",
    "telegram": "Телеграм",
    "max": "MAX",
    "email": "почта",
    "phone": "телефон",
    "paper": "бумага",
    "reception": "личный приём",
    "open311": "Open311",
}


CONDITION: Final = {
    "normal": "обычная важность",
    "high": "высокая важность",
    "danger": "угроза жизни",
    "problem": "проблема",
    "question": "вопрос",
    "proposal": "предложение",
    "thanks": "благодарность",
    "nothing": "не обращение",
    "migration": "вопросы миграции",
    "migration_head": "ответ главы региона о миграции",
    "special_outcome": "без рассмотрения по существу",
    "fast_track": "ускоренное решение",
    "after_interim": "после промежуточного ответа",
}


def plural(count: int, one: str, few: str, many: str) -> str:
    """The form of a noun after a number: 1 день, 2 дня, 5 дней, 11 дней."""
    tens, ones = abs(count) % 100, abs(count) % 10
    if ones == 1 and tens != 11:
        return one
    return few if 2 <= ones <= 4 and not 12 <= tens <= 14 else many


def counted(count: int, one: str, few: str, many: str) -> str:
    """A number with its noun."""
    return f"{number(count)}\u00a0{plural(count, one, few, many)}"


def number(value: float | None, digits: int = 0) -> str:
    """With spaces between thousands and a comma; a dash for None."""
    if value is None:
        return "–"
    whole, _, rest = f"{value:,.{digits}f}".partition(".")
    return _SPACE.join(whole.split(",")) + ("," + rest if rest else "")


def share(value: float | None, digits: int = 0) -> str:
    """A share of one in per cent; a dash for None."""
    return "–" if value is None else f"{number(value * 100, digits)}\u00a0%"


def day(value: date | None) -> str:
    """2 марта 2026; a dash for None."""
    return "–" if value is None else f"{value.day}\u00a0{_MONTHS[value.month - 1]}\u00a0{value.year}"


def short_day(value: date | None) -> str:
    """пн, 2 марта."""
    return (
        "–" if value is None else f"{_WEEKDAYS[value.weekday()]}, {value.day}\u00a0{_MONTHS[value.month - 1]}"
    )


def local(value: datetime, region: str = "") -> datetime:
    """An instant by the clocks of a region; Moscow's where none is known."""
    return value.astimezone(ZoneInfo(find_zone(region or _DEFAULT_REGION)))


def moment(value: datetime | None, region: str = "") -> str:
    """2 марта 2026, 14:05 by the region's clocks; a dash for None."""
    if value is None:
        return "–"
    at = local(value, region)
    return f"{day(at.date())}, {at:%H:%M}"


def hour(value: datetime | None, region: str = "") -> str:
    """14:05 by the region's clocks; a dash for None."""
    return "–" if value is None else f"{local(value, region):%H:%M}"


def word(value: str, of: str) -> str:
    """A code in Russian: `of` names the list, such as `appeal_status`. A code that is not known is shown as it is."""
    return _LISTS[of].get(value, value)


_LISTS: Final = {
    "appeal_status": APPEAL_STATUS,
    "assignment_status": ASSIGNMENT_STATUS,
    "outcome": OUTCOME,
    "role": ROLE,
    "clock": CLOCK,
    "channel": CHANNEL,
    "condition": CONDITION,
}
FILTERS: Final[dict[str, Callable[..., object]]] = {
    "counted": counted,
    "number": number,
    "share": share,
    "day": day,
    "short_day": short_day,
    "moment": moment,
    "hour": hour,
    "zone": find_zone,
    "word": word,
}
