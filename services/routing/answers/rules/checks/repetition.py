"""`repeated`: word for word what the organisation answered to another appeal; `repeated_photo`: a photo that shows another case."""

from __future__ import annotations

from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding

_ADVICE: Final = "Такой же ответ уже дан по другому обращению. Добавьте то, что относится именно к этому случаю: адрес, дату, результат."

_PHOTO_ADVICE: Final = "Такое фото уже есть: под другим ответом организации или в самом обращении. Приложите снимок этого места после выполненных работ."


def find_repetition(answer: CheckedAnswer) -> Finding | None:
    """Whoever knows the other answers has compared them."""
    if not answer.is_repeated:
        return None
    sentences = answer.text.sentences
    longest = max(sentences, key=lambda each: len(each.text), default=None)
    return Finding("repeated", answer.text.sentence_piece(longest) if longest else "", _ADVICE)


def find_repeated_photo(answer: CheckedAnswer) -> Finding | None:
    """Whoever knows the other photos has compared them; there is no phrase that says it."""
    return Finding("repeated_photo", "", _PHOTO_ADVICE) if answer.has_repeated_photo else None
