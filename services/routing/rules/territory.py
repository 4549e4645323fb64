"""Where it happened, from the words of the text: an inverted index of word stems."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

PREFIX = 3
_WORD = re.compile(r"[а-яa-z0-9]+")


def normalise(text: str) -> str:
    """Lower case, ё as е."""
    return text.lower().replace("ё", "е")


@dataclass(frozen=True)
class Gazetteer:
    """Stems of a region's municipalities, by the first letters of their first word."""

    by_prefix: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    def find(self, *texts: str | None) -> str | None:
        """The one municipality that is named; None when none is, or several are."""
        found: set[str] = set()
        for text in texts:
            if text:
                found |= self._named_in(normalise(text))
        return found.pop() if len(found) == 1 else None

    def _named_in(self, text: str) -> set[str]:
        found = set()
        for match in _WORD.finditer(text):
            for stem, oktmo in self.by_prefix.get(match.group()[:PREFIX], ()):
                if text.startswith(stem, match.start()):
                    found.add(oktmo)
        return found


def make_gazetteer(stems: Iterable[tuple[str, Sequence[str]]]) -> Gazetteer:
    """From (ОКТМО, stems); a stem is matched at the beginning of a word and may hold several words.

    Stems shorter than three letters («г») are found by the whole first word.
    """
    index: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for oktmo, words in stems:
        for word in words:
            stem = normalise(word)
            first = _WORD.match(stem)
            if first:
                index[first.group()[:PREFIX]].append((stem, oktmo))
    return Gazetteer(dict(index))
