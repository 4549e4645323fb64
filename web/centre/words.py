"""Codes that only the centre's pages show, in Russian."""

from __future__ import annotations

from typing import Final

# In which a question can be given to another, or to another topic.
CORRECTABLE: Final = ("triage", "new", "accepted", "interim", "reopened")
CLOCK_STATE: Final = {
    "running": "идёт",
    "paused": "приостановлен",
    "met": "выполнен",
    "breached": "нарушен",
    "cancelled": "снят",
}
CHECK: Final = {
    "off_point": "не по вопросу",
    "question_unanswered": "вопрос без ответа",
    "template_only": "общие слова",
    "promise_without_date": "обещание без срока",
    "refusal_without_ground": "отказ без основания",
    "no_contact": "нет контакта",
    "personal_data": "личные данные",
    "evidence_missing": "нет подтверждения",
    "repeated": "повтор другого ответа",
    "repeated_photo": "снимок уже был",
    "rude": "грубость",
}
FLAG: Final = {
    "danger": "опасность",
    "empty": "нет содержания",
    "flood": "повторы",
    "obscene": "брань",
    "threat": "угроза",
    "personal": "личные данные",
    "not_appeal": "не обращение",
    "statutory_channel": "канал не для обращений по закону",
}
