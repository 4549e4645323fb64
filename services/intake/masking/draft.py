"""A text on its way to be masked: read in its normal form, hidden there piece by piece, and written as it was but for that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from chassis.normal import normalise
from services.intake.masking.words import Words

NAME, PHONE, MAIL, DOCUMENT, FLAT, DATE, LINK = (
    "[имя]",
    "[телефон]",
    "[почта]",
    "[документ]",
    "[квартира]",
    "[дата]",
    "[ссылка]",
)
# A flat that stood behind its house's number: «12-34» reads «12, [квартира]».
FLAT_BEHIND_HOUSE = f", {FLAT}"
LEFT_OUT = ""
_MASKS = (NAME, PHONE, MAIL, DOCUMENT, FLAT, DATE, FLAT_BEHIND_HOUSE, LEFT_OUT, LINK)
# What is hidden keeps its length, so that places never move: one private letter for each kind, which is no part of any word.
_FILLERS = {mask: chr(0xE000 + number) for number, mask in enumerate(_MASKS)}
_WRITTEN = dict(zip(_FILLERS.values(), _MASKS, strict=True))
HIDDEN_NAME, HIDDEN_FLAT, HIDDEN_DATE = _FILLERS[NAME], _FILLERS[FLAT], _FILLERS[DATE]
_FOREIGN_FILLER = re.compile("[\ue000-\ue00f]")
_RUN = re.compile("([\ue000-\ue008])\\1*+")
_HIDDEN_BEFORE = re.compile(r"(?i)\[(?:имя|телефон|почта|документ|квартира|дата|ссылка)\]")
Span = tuple[int, int]


class Draft:
    """`text`: the normal form, with what is hidden so far; `folded`: the same in small letters."""

    def __init__(self, written: str) -> None:
        self._normal = normalise(written)
        self.text = self._normal.text
        if not self._normal.is_exact:
            self.text = _FOREIGN_FILLER.sub("\ufffd", self.text)
        if "[" in self.text:  # masked before: what was hidden then is known here
            self.text = _HIDDEN_BEFORE.sub(
                lambda found: _fill(found.group(), found.group().lower()), self.text
            )
        self._first = self.text
        self.folded = self.text.lower()
        self._words: Words | None = None

    @property
    def words(self) -> Words:
        """The words of what is not hidden yet."""
        if self._words is None:
            self._words = Words(self.folded)
        return self._words

    @property
    def is_touched(self) -> bool:
        """Whether anything was hidden here."""
        return self.text is not self._first

    def mentions(self, signs: Iterable[str]) -> bool:
        """Whether any of these stands in it, in small letters: what is quickly seen spares a search."""
        return any(map(self.folded.__contains__, signs))

    def hide(self, spans: Iterable[Span], mask: str) -> None:
        """Hide places of the text; they may overlap."""
        pieces, end = [], 0
        for start, stop in sorted(spans):
            if stop > end:
                start = max(start, end)
                pieces += [self.text[end:start], _FILLERS[mask] * (stop - start)]
                end = stop
        if pieces:
            self.text = "".join([*pieces, self.text[end:]])
            self.folded = self.text.lower()
            self._words = None

    def hide_all(
        self,
        pattern: re.Pattern[str],
        mask: str,
        group: int | str = 0,
        *,
        with_capitals: bool = False,
        unless: Callable[[re.Match[str]], bool] | None = None,
    ) -> None:
        """Hide whatever a pattern finds in small letters, or as they are `with_capitals`; or a group of it."""
        found = pattern.finditer(self.text if with_capitals else self.folded)
        self.hide([match.span(group) for match in found if unless is None or not unless(match)], mask)

    def written(self) -> str:
        """The text as it was written, with masks for what is hidden."""
        original = self._normal.original
        if not self.is_touched:
            return original
        pieces, end = [], 0
        for run in _RUN.finditer(self.text):
            start, stop = self._normal.span(*run.span())
            pieces += [original[end:start], _WRITTEN[run[1]]]
            end = stop
        return "".join([*pieces, original[end:]])


def is_capitalised(text: str, start: int) -> bool:
    """Whether a word that begins there has a capital first letter and a small second one."""
    return text[start].isupper() and text[start + 1 : start + 2].islower()


def _fill(found: str, mask: str) -> str:
    return _FILLERS[mask] * len(found)
