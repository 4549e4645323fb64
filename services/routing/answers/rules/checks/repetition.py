"""`repeated`: word for word what the organisation answered to another appeal."""

from __future__ import annotations

from typing import Final

from services.routing.answers.rules.checks.findings import CheckedAnswer, Finding

_ADVICE: Final = "Такой же ответ уже дан по другому обращению. Добавьте то, что относится именно к этому случаю: адрес, дату, результат."


def find_repetition(answer: CheckedAnswer) -> Finding | None:
    """Whoever knows the other answers has compared them."""
    if not answer.is_repeated:
        return None
    sentences = answer.text.sentences
    longest = max(sentences, key=lambda each: len(each.text), default=None)
    return Finding("repeated", answer.text.sentence_piece(longest) if longest else "", _ADVICE)
