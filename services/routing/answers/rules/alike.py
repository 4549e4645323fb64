"""What makes two texts alike: answers word by word, cases by the words that say what they are about."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final
from zlib import crc32

import numpy as np

from chassis.normal import fold
from services.routing.classifier.features import describe_word, tokenize

ALIKE: Final = 0.9
BANDS: Final = 5
ROWS: Final = 3  # of a band; answers of which a tenth differs share a band in 98 of 100 cases
MOST_WORDS: Final = 1_000
CASE_WORDS: Final = 24
_PRIME: Final = np.uint64((1 << 61) - 1)
_MASK: Final = np.uint64(0xFFFFFFFF)
_WORD: Final = re.compile(r"[a-zа-я0-9]+")
_random = random.Random(590)
_FACTORS: Final = np.array([_random.randrange(1, 1 << 28) for _ in range(BANDS * ROWS)], np.uint64)
_OFFSETS: Final = np.array([_random.randrange(1, 1 << 60) for _ in range(BANDS * ROWS)], np.uint64)


def words_of(text: str) -> list[str]:
    """Words and numbers of the normal form, in order."""
    return _WORD.findall(fold(text))[:MOST_WORDS]


def bands_of(text: str) -> list[int]:
    """Hashes that almost equal texts have in common, one at least; they tell nothing of the text. Signed, 32 bits."""
    words = sorted(set(words_of(text)))
    if not words:
        return []
    hashes = np.array([crc32(word.encode()) for word in words], np.uint64)
    mixed = (hashes[:, None] * _FACTORS + _OFFSETS) % _PRIME & _MASK
    lowest = mixed.min(axis=0).reshape(BANDS, ROWS)
    return [_signed(crc32(bytes([number]) + band.tobytes())) for number, band in enumerate(lowest)]


def are_alike(one: str, other: str) -> bool:
    """Whether nine tenths of the words of two answers are the same, in the same order."""
    first, second = words_of(one), words_of(other)
    if not first or not second:
        return False
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def case_words(region: str, text: str) -> list[int]:
    """Hashes of region and lemma of the words a text is about, sorted. Signed, 32 bits."""
    lemmas = {known.lemma_hash for word in tokenize(text) if (known := describe_word(word)).lemma_hash}
    salt = crc32(region.encode())
    return sorted({_signed(crc32(lemma.to_bytes(4, "big"), salt)) for lemma in lemmas})


def total_of(region: str) -> int:
    """The word under which the number of a region's cases is counted."""
    return _signed(crc32(region.encode()))


def _signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value


def weights_of(words: Iterable[int], counts: Mapping[int, int], cases: int) -> dict[int, float]:
    """How much each word says: the rarer the more (inverse document frequency)."""
    return {word: math.log((cases + 1) / (counts.get(word, 0) + 0.5)) for word in words}


def keep_telling(weights: Mapping[int, float]) -> list[int]:
    """The words of a case that are kept: the rarest."""
    return sorted(sorted(weights, key=lambda word: (-weights[word], word))[:CASE_WORDS])


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question whose answered likes are looked for: what each of its words says."""

    weights: Mapping[int, float]

    def similarity(self, words: Sequence[int]) -> float:
        """To a case by its words, 0..1: the shared weight by that of both (cosine of sets)."""
        shared = sum(self.weights.get(word, 0.0) for word in words)
        own = sum(self.weights.values())
        if not shared or not own:
            return 0.0
        mean = own / len(self.weights)
        other = shared + mean * sum(word not in self.weights for word in words)
        return shared / math.sqrt(own * other)
