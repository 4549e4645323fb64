"""The one normal form of texts: whatever is matched is matched on it, and found again in the text as it was written.

In the normal form every space, tab and line break is a space, and a run of them is one; every dash is a hyphen and keeps
the spaces around it; what is not seen (zero-width characters, soft hyphens, variation selectors, controls) and marks above
and below letters are gone, so that ё reads е, while й stays й; full-width, circled and other letters of compatibility are
the plain ones (NFKD), but for №, … and signs that stand for several words; Latin and Greek letters that look Russian are
Russian ones in words that hold a Russian letter. Letter case stays: `folded` is the same in small letters.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

# Exchanged letter for letter, without a closer look.
_COMMON = (
    ("ё", "е"),
    ("Ё", "Е"),
    ("—", "-"),
    ("–", "-"),
    ("\n", " "),
    ("\r", " "),
    ("\t", " "),
    ("\xa0", " "),
)
# What is as it shall be: most texts hold nothing else after that.
_PLAIN = "А-Яа-я!-~«»„“”’…№§°"
_SOMETHING_ODD = re.compile(f"[^ {_PLAIN}]")
# What is odd, with the letter that its marks may belong to and the spaces around it; or a run of spaces.
_ODD = re.compile(rf"(?: ++|[{_PLAIN}])?[^ {_PLAIN}]++(?: ++[^ {_PLAIN}]++)*+ *+|  ++")
# What these read as, whatever their category; the blanks are drawn as a gap: the empty Braille pattern, Hangul fillers.
_LETTERS = {
    **dict.fromkeys("\u2800\u115f\u1160\u3164\uffa0", " "),
    **{kept: kept for kept in "…№"},
}
_PARTS = {
    **dict.fromkeys("-\u02d7\u2043\u2212\u23af\u2500\u2501\u2796\u30fc", "-"),
    **dict.fromkeys("\u2044\u2215", "/"),
}
# What all others of a category read as: marks and what is never seen as nothing, dashes as a hyphen.
_CATEGORIES = {"Mn": "", "Me": "", "Cf": "", "Cc": "", "Pd": "-"}
_UNASSIGNED_AND_IGNORED = (range(0x2065, 0x2066), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000))
_SHORT_I = {"и\u0306": "й", "И\u0306": "Й"}  # и with a breve is a letter of its own

_DASH_IN_WORD = re.compile(r"[—–](?<=\S.)(?=\S)")
_FOREIGN = re.compile("[A-Za-zΑ-ω]")
_RUSSIAN = re.compile("[А-Яа-я]")
_MIXED = re.compile("[A-Za-zΑ-ω]-?[А-Яа-я]|[А-Яа-я]-?[A-Za-zΑ-ω]")
_COMPOUND = re.compile("[A-Za-zΑ-ωА-Яа-я]++(?:-[A-Za-zΑ-ωА-Яа-я]++)*+")
_LOOK_ALIKES = str.maketrans(
    "ABCEHKMOPTXYaceopxykmtΑΒΕΗΚΜΟΡΤΥΧαεκορτυχ",
    "АВСЕНКМОРТХУасеорхукмтАВЕНКМОРТУХаекортух",
)


@dataclass(frozen=True)
class NormalText:
    """A text in its normal form. `original`: as it was written; `text`: its normal form, as long or shorter or longer.

    Positions are counted in characters of Python. `_places` are those of `text` at which a piece begins, `_origins` those
    of `original` that belong to them; a piece that is `_exact` has been kept or exchanged letter for letter.
    """

    original: str
    text: str
    _places: Sequence[int] = ()
    _origins: Sequence[int] = ()
    _exact: Sequence[bool] = ()
    # Whether words read otherwise than they were written: more than ё, dashes between spaces and common spaces was exchanged.
    altered: bool = False

    @cached_property
    def folded(self) -> str:
        """The normal form in small letters, of the same length."""
        return self.text.lower()

    @property
    def is_exact(self) -> bool:
        """Whether letters were exchanged at most, so that every place is the original's own."""
        return not self._places

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Where in the original `text[start:stop]` stands, whole characters with their marks; 0 ≤ start < stop."""
        if not self._places:
            return start, stop
        return self._origin_of(start), self._end_of(stop - 1)

    def _origin_of(self, place: int) -> int:
        piece = bisect_right(self._places, place) - 1
        return self._origins[piece] + (place - self._places[piece] if self._exact[piece] else 0)

    def _end_of(self, place: int) -> int:
        piece = bisect_right(self._places, place) - 1
        if self._exact[piece]:  # the last one always is
            return self._origins[piece] + place - self._places[piece] + 1
        return self._origins[piece + 1]


def normalise(text: str) -> NormalText:
    """The normal form of a text, in time proportional to its length."""
    plain = _exchange(text)
    is_odd = _SOMETHING_ODD.search(plain) is not None
    pieces = _pieces_of(plain) if is_odd or "  " in plain else _Pieces()
    together = "".join(pieces.texts) if pieces.texts else plain
    read = _in_russian_letters(together)
    altered = is_odd or read != together or _altered(text)
    return NormalText(text, read, pieces.places, pieces.origins, pieces.exact, altered)


def _exchange(text: str) -> str:
    for written, kept in _COMMON:
        text = text.replace(written, kept)
    return text


def _altered(text: str) -> bool:
    """Whether the signs that are exchanged without a closer look made other words."""
    return "\xa0" in text or _DASH_IN_WORD.search(text) is not None


def fold(text: str) -> str:
    """The normal form in small letters: what is compared."""
    plain = _exchange(text)
    if "  " in plain or _SOMETHING_ODD.search(plain) is not None:
        return normalise(text).folded
    return _in_russian_letters(plain).lower()


class _Pieces:
    """Pieces of a normal form, in order."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places: list[int] = []
        self.origins: list[int] = []
        self.exact: list[bool] = []
        self._length = 0

    def add(self, text: str, origin: int, *, exact: bool) -> None:
        """One more piece."""
        self.texts.append(text)
        self.places.append(self._length)
        self.origins.append(origin)
        self.exact.append(exact)
        self._length += len(text)


def _pieces_of(plain: str) -> _Pieces:
    """What has been kept, and between it what is odd, character by character."""
    pieces = _Pieces()
    end = 0
    for run in _ODD.finditer(plain):
        start = run.start()
        if start > end:
            pieces.add(plain[end:start], end, exact=True)
        for offset, read in _clusters(run.group()):
            pieces.add(read, start + offset, exact=False)
        end = run.end()
    pieces.add(plain[end:], end, exact=True)  # if only to say where the last one ends
    return pieces


def _clusters(run: str) -> Iterator[tuple[int, str]]:
    """Place and reading of every character with what belongs to it, and of every run of spaces."""
    begin, read = 0, ""
    for place, letter in enumerate(run):
        now = _reading(letter)
        if not now:
            read = _SHORT_I.get(read + letter, read)
        elif not read:
            read = now
        elif (read, now) != (" ", " "):
            yield begin, read
            begin, read = place, now
    if read:
        yield begin, read


@lru_cache(maxsize=4096)
def _reading(letter: str) -> str:
    """How one character reads by itself: nothing for what is not seen."""
    if letter in _LETTERS:
        return _LETTERS[letter]
    if letter.isspace():
        return " "
    parts = unicodedata.normalize("NFKD", letter)
    if any(map(str.isspace, parts)):
        return letter
    read = ""
    for part in parts:
        read = _SHORT_I.get(read + part, read + _plainest(part))
    return read


def _plainest(part: str) -> str:
    if any(ord(part) in ignored for ignored in _UNASSIGNED_AND_IGNORED):
        return ""
    return _PARTS.get(part, _CATEGORIES.get(unicodedata.category(part), part))


def _in_russian_letters(text: str) -> str:
    """The same length, without letters of other alphabets that look Russian in Russian words."""
    if _FOREIGN.search(text) and _MIXED.search(text):
        return _COMPOUND.sub(_translate, text)
    return text


def _translate(match: re.Match[str]) -> str:
    word = match.group()
    return word.translate(_LOOK_ALIKES) if _RUSSIAN.search(word) else word
