"""Plates of cars: «А123ВС46», in letters of either alphabet, with spaces or hyphens between."""

from __future__ import annotations

import re

from services.intake.masking.draft import DOCUMENT, Draft, Span

_LETTER = "[авекмнорстухabekmhopctyx]"
# A letter, three digits, two letters, and the region; without the region only where nothing stands between.
_PLATE = re.compile(
    rf"[0-9]{{3}}(?:(?<={_LETTER}[0-9]{{3}})|(?<={_LETTER}[ -][0-9]{{3}}))"
    rf"(?:[ -]?{_LETTER}{{2}}[ -]?[0-9]{{2,3}}(?![0-9а-яa-z])|(?<={_LETTER}[0-9]{{3}}){_LETTER}{{2}}(?![0-9а-яa-z]))"
)


def hide_plates(draft: Draft) -> None:
    """Hide plates with all their signs."""
    draft.hide([_whole(found) for found in _PLATE.finditer(draft.folded) if _stands_alone(found)], DOCUMENT)


def _whole(found: re.Match[str]) -> Span:
    """With the letter before, and what stands between."""
    before = found.string[found.start() - 1]
    return found.start() - (2 if before in " -" else 1), found.end()


def _stands_alone(found: re.Match[str]) -> bool:
    start, _ = _whole(found)
    return not found.string[start - 1 : start].isalnum()
