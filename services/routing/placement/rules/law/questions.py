"""Several questions in one text (R4): numbered, counted in words, or begun anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

MOST_QUESTIONS: Final = 5
LEAST_LETTERS: Final = 25
_TRIGGERS: Final = (
    "1)",
    "1.",
    "во-первых",
    "во первых",
    "также прошу",
    "так же прошу",
    "второй вопрос",
    "второе:",
)
_NUMBER = re.compile(r"(?:(?<=\s)|^)(\d)[).](?=\s*[^\W\d])")
_ORDINAL = re.compile(r"\bво[- ]первых\b|\bво[- ]вторых\b|\bв[- ]третьих\b", re.IGNORECASE)
_ANEW = re.compile(
    r"(?:(?<=[.!?;])|(?<=\n))\s*(?=(?:и\s+)?(?:так\s?же\s+прошу|второй\s+вопрос)\b)", re.IGNORECASE
)
_LETTER = re.compile(r"[а-яё]", re.IGNORECASE)


def split_questions(text: str) -> tuple[str, ...]:
    """R4: the questions of a text (59-ФЗ ст. 8 ч. 4), clearly separated and each long enough to be read alone; one where it
    does not separate them. What stands before the first number belongs to every question."""
    low = text.lower()
    if not any(trigger in low for trigger in _TRIGGERS):
        return (text,)
    parts = _by_number(text) or _by_ordinal(text) or _anew(text)
    whole = [part.strip() for part in parts]
    clear = all(len(_LETTER.findall(part)) >= LEAST_LETTERS for part in whole)
    return tuple(whole) if clear and 2 <= len(whole) <= MOST_QUESTIONS else (text,)


def may_split(organisations: Sequence[UUID | None]) -> bool:
    """Only where each question has its organisation, and they differ: else one assignment with one lead answers for all."""
    return None not in organisations and len(set(organisations)) == len(organisations) > 1


def _by_number(text: str) -> list[str]:
    """Numbers that count from one; a date or a house is no number of a question."""
    marks = list(_NUMBER.finditer(text))
    if len(marks) < 2 or [int(mark.group(1)) for mark in marks] != list(range(1, len(marks) + 1)):
        return []
    return _cut(text, [mark.start() for mark in marks])


def _by_ordinal(text: str) -> list[str]:
    marks = list(_ORDINAL.finditer(text))
    return _cut(text, [mark.start() for mark in marks]) if len(marks) > 1 else []


def _anew(text: str) -> list[str]:
    marks = [mark.end() for mark in _ANEW.finditer(text)]
    return _cut(text, [0, *marks]) if marks else []


def _cut(text: str, starts: Sequence[int]) -> list[str]:
    ends = [*starts[1:], len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]
