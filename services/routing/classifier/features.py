"""Words of a text as hashed features: lemma, word, character n-grams of 3–5, and pairs of neighbouring lemmas.

Everything about a single word is computed once and cached, so that a text costs a few array operations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pymorphy3

from chassis.normal import fold

Ids = npt.NDArray[np.int32]

BITS = 18
SPACE = 1 << BITS  # word features take the buckets [0, SPACE), character n-grams [SPACE, 2 * SPACE)
NGRAMS = (3, 5)
LONGEST_WORD = 40
MOST_WORDS = 600
CACHED_WORDS = 60_000  # about 0.5 kB each
_MASK = re.compile(r"\[[^\]\[]{1,30}\]")  # what the masking left: «[имя]», «[телефон]»
_LONGEST_INTRODUCTION = 60


def _introduction(words: str) -> re.Pattern[str]:
    """Some of these words, one after the other, at the end."""
    return re.compile(rf"(?:(?<![а-яa-z])(?:{words})[\s.,:;№–-]{{1,4}}){{1,4}}$")


# «Меня зовут [имя], почта [почта]» says nothing of names and post offices.
_INTRODUCTIONS: Final[Mapping[str, re.Pattern[str]]] = {
    "[имя]": _introduction("моя?|меня|зовут|с уважением|фио|заявитель"),
    "[телефон]": _introduction("мой|контактный|сотовый|мобильный|номер|тел|телефона?"),
    "[почта]": _introduction("моя|адрес|эл|электронная|электронной|почта|почты|e-?mail"),
}
_WORD = re.compile(r"[a-zа-я]+")
_EMPTY_POS = frozenset({"PREP", "CONJ", "PRCL", "NPRO", "INTJ"})
_MEANINGFUL = frozenset({"не", "нет", "без"})  # small words that change the topic
_PAIR_FACTOR = np.uint32(2654435761)


class Word(NamedTuple):
    """What is known of a word: its buckets, and the hash of its lemma; no buckets for a word that says nothing."""

    buckets: Ids
    lemma_hash: int


class TextFeatures(NamedTuple):
    """Buckets of a text, word after word, then its pairs; `words[i]` owns `lengths[i]` of them."""

    buckets: Ids
    words: list[str]
    lengths: list[int]


def tokenize(text: str) -> list[str]:
    """Words of the normal form in small letters; numbers, and masked places with what introduces them, are left out."""
    return _WORD.findall(_without_masks(fold(text)))[:MOST_WORDS]


def _without_masks(folded: str) -> str:
    pieces: list[str] = []
    done = 0
    for mask in _MASK.finditer(folded):
        start = mask.start()
        introduction = _INTRODUCTIONS.get(mask.group())
        if introduction is not None:
            found = introduction.search(folded, max(done, start - _LONGEST_INTRODUCTION), start)
            start = found.start() if found else start
        pieces += (folded[done:start], " ")
        done = mask.end()
    return "".join((*pieces, folded[done:])) if pieces else folded


@lru_cache(maxsize=1)
def morphology() -> pymorphy3.MorphAnalyzer:
    return pymorphy3.MorphAnalyzer()


def find_lemma(word: str) -> tuple[str, str]:
    """Normal form (ё as е) and part of speech of the likeliest reading."""
    reading = morphology().parse(word)[0]
    return fold(reading.normal_form), str(reading.tag.POS or "")


def is_proper_name(word: str) -> bool:
    """Whether a word is a place's name, or one that no dictionary knows, and not a word of the language or a person's name."""
    readings = morphology().parse(word)
    known = [reading.tag for reading in readings if reading.is_known]
    return not known or all("Geox" in tag for tag in known)


class Form(NamedTuple):
    """A word as it is written: lemma, part of speech, tense (`past`, `pres`, `futr`) and mood (`indc`, `impr`) of verbs."""

    lemma: str
    part_of_speech: str
    tense: str
    mood: str


@lru_cache(maxsize=CACHED_WORDS)
def read_form(word: str) -> Form:
    """The likeliest reading of one word."""
    reading = morphology().parse(word)[0]
    tag = reading.tag
    return Form(fold(reading.normal_form), str(tag.POS or ""), str(tag.tense or ""), str(tag.mood or ""))


def _bucket(kind: str, value: str) -> int:
    return crc32(f"{kind}{value}".encode()) & (SPACE - 1)


def _ngrams(word: str) -> Iterable[str]:
    padded = f" {word} "
    for size in range(NGRAMS[0], NGRAMS[1] + 1):
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


@lru_cache(maxsize=CACHED_WORDS)
def describe_word(word: str) -> Word:
    """Buckets of one word."""
    word = word[:LONGEST_WORD]
    lemma, part_of_speech = find_lemma(word)
    if part_of_speech in _EMPTY_POS and word not in _MEANINGFUL:
        return Word(np.empty(0, np.int32), 0)
    buckets = [_bucket("l", lemma), _bucket("w", word)]
    buckets += [SPACE + _bucket("c", part) for part in _ngrams(word)]
    return Word(np.array(buckets, np.int32), crc32(lemma.encode()))


def pair_buckets(lemma_hashes: Iterable[int]) -> Ids:
    """Buckets of neighbouring lemmas."""
    hashes = np.fromiter(lemma_hashes, np.uint32)
    mixed = (hashes[:-1] * _PAIR_FACTOR) ^ hashes[1:]
    return ((mixed ^ (mixed >> np.uint32(15))) & np.uint32(SPACE - 1)).astype(np.int32)


def describe_text(text: str) -> TextFeatures:
    """All features of a text, repeated as often as they occur."""
    words: list[str] = []
    described: list[Word] = []
    for word in tokenize(text):
        known = describe_word(word)
        if known.lemma_hash:
            words.append(word)
            described.append(known)
    if not described:
        return TextFeatures(np.empty(0, np.int32), [], [])
    parts = [word.buckets for word in described]
    pairs = pair_buckets(word.lemma_hash for word in described)
    return TextFeatures(np.concatenate([*parts, pairs]), words, [part.size for part in parts])
