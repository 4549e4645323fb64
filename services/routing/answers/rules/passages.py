"""A text as the checks read it: its normal form, sentence by sentence, with the way back to what was written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from chassis.normal import NormalText, normalise
from services.routing.classifier.features import CACHED_WORDS, describe_word, read_form

_END: Final = re.compile(r"[.!?…]+[»\")]*\s+(?=[^\s])|\n+")
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:[Уу]л|пр|пер|пл|пос|обл|р-н|кв|каб|стр|корп|им|ст|ч|п|пп|абз|[Тт]ел|факс|доб|руб|тыс|млн|млрд|куб|ед|др|"
    r"проч|[тед]|к|гг|с|вв|мкр|просп|наб|рис|прим|[Зз]ам|гос|доц|инж)|(?<!\d )\bг|\b[А-ЯЁA-Z])\.$"
)
_WORD: Final = re.compile(r"[a-zа-я]+(?:-[a-zа-я]+)*")
_MASKED: Final = re.compile(r"\[[^\]\[]{1,30}\]")
_LONGEST_ABBREVIATION: Final = 8
LONGEST_STEM: Final = 5
ROOT: Final = 4
# «Отремонтировать», «ремонт»; «вывезти», «везти».
_PREFIX: Final = re.compile(
    r"^(?:по|за|вы|от|при|пере|у|о|об|с|из|ис|раз|рас|на|до|про|под|вос|не)(?=[а-я]{4})"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the normal form in small letters, and what it says: the beginning of its lemma (`stem`), and shorter
    ones with and without a prefix (`roots`) that it shares with its relatives."""

    text: str
    stem: str
    roots: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in its normal form, small letters; where it stands in the passage."""

    text: str
    start: int
    stop: int
    words: tuple[Word, ...]

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern occurs."""
        return pattern.search(self.text) is not None


@dataclass(frozen=True, slots=True)
class Passage:
    """A whole text."""

    normal: NormalText
    sentences: tuple[Sentence, ...]
    stems: frozenset[str] = field(default_factory=frozenset)

    @property
    def folded(self) -> str:
        """The normal form in small letters."""
        return self.normal.folded

    def piece(self, start: int, stop: int) -> str:
        """What was written there, as it was written."""
        if stop <= start:
            return ""
        begin, end = self.normal.span(start, stop)
        return self.normal.original[begin:end]

    def sentence_piece(self, sentence: Sentence) -> str:
        """A sentence as it was written."""
        return self.piece(sentence.start, sentence.stop)

    def roots(self) -> frozenset[str]:
        """Roots of all words."""
        return frozenset(root for each in self.sentences for word in each.words for root in word.roots)

    def found(self, pattern: re.Pattern[str]) -> str | None:
        """The piece a pattern matches first, as it was written; None without one."""
        match = pattern.search(self.folded)
        return self.piece(*match.span()) if match and match.group() else None


def read_passage(text: str) -> Passage:
    """Split a text of any length; never fails."""
    normal = normalise(text)
    sentences = tuple(_sentences(normal))
    stems = frozenset(word.stem for sentence in sentences for word in sentence.words)
    return Passage(normal, sentences, stems)


def _sentences(normal: NormalText) -> Iterable[Sentence]:
    start = 0
    for end in (*_END.finditer(normal.text), None):
        stop = len(normal.text) if end is None else end.start() + len(end.group().rstrip())
        if end is not None and _goes_on(normal.text, start, end):
            continue
        text = normal.folded[start:stop]
        first = start + len(text) - len(text.lstrip())
        if text.strip():
            yield Sentence(text.strip(), first, first + len(text.strip()), tuple(_words(text)))
        start = stop


def _goes_on(text: str, start: int, end: re.Match[str]) -> bool:
    """Whether a full stop is that of an abbreviation, or something small goes on behind it."""
    if not end.group().startswith("."):
        return False
    following = text[end.end() : end.end() + 1]
    tail = text[max(start, end.start() - _LONGEST_ABBREVIATION) : end.start() + 1]
    return following.islower() or _ABBREVIATED.search(tail) is not None


def _words(folded: str) -> Iterable[Word]:
    for text in _WORD.findall(_MASKED.sub(" ", folded)):
        if describe_word(text).lemma_hash:
            yield _read_word(text)


@lru_cache(maxsize=CACHED_WORDS)
def _read_word(text: str) -> Word:
    lemma = read_form(text).lemma
    bare = _PREFIX.sub("", lemma)
    roots = {lemma[:ROOT]} | ({bare[:ROOT]} if len(bare) >= ROOT else set())
    return Word(text, lemma[:LONGEST_STEM], frozenset(roots))
