"""Which events of municipal life a text tells of, by the words people use for them (`events.txt`)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal, cast

Extent = Literal["house", "street", "area"]
Weights = Mapping[str, int]  # codes of events → how much a text says of each
# What a pair of words, a word, and a hint weigh: from `SURE` on a text tells of the event.
_PAIR, _WORD, _HINT = 3, 2, 1
SURE: Final = 2
# Of the events that a text names those count that come near to the one it says most of, two at most.
_BESIDE: Final = 0.6
_MOST: Final = 2
_SHORTEST: Final = 2
_WORDS: Final = re.compile(r"[а-яa-z0-9-]+")


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event. `extent`: how far one such event reaches; `rarity`: natural logarithm of how many appeals there are to one
    that speaks of it; `title`: how it is called."""

    code: str
    bit: int
    extent: Extent
    rarity: float
    title: str


@dataclass(slots=True)
class _Lexicon:
    """Entries are numbered beginnings of words and whole words. `single`: entry → events and weights; `together`: the first
    entry of a group → the others, with event and weight."""

    events: dict[str, KnownEvent] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    whole: dict[str, int] = field(default_factory=dict)
    single: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))
    together: dict[int, list[tuple[frozenset[int], str, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, event: str, entry: str, *, hint: bool) -> None:
        """One word, or words that stand together."""
        first, *others = (self._number_of(word) for word in entry.split("+"))
        if others:
            self.together[first].append((frozenset(others), event, _HINT if hint else _PAIR))
        else:
            self.single[first].append((event, _HINT if hint else _WORD))

    def _number_of(self, word: str) -> int:
        table, written = (self.whole, word[:-1]) if word.endswith("=") else (self.begins, word)
        return table.setdefault(written, len(self.begins) + len(self.whole))


def _load() -> _Lexicon:
    lexicon = _Lexicon()
    code = ""
    for line in (files(__package__) / "events.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            _, code, extent, rarity, title = line.split(" ", 4)
            bit = 1 << len(lexicon.events)
            lexicon.events[code] = KnownEvent(code, bit, cast(Extent, extent), float(rarity), title)
        elif line and not line.startswith("#"):
            for entry in line.removeprefix("?").split():
                lexicon.add(code, entry, hint=line.startswith("?"))
    return lexicon


_LEXICON: Final = _load()
EVENTS: Final[Mapping[str, KnownEvent]] = _LEXICON.events
_LONGEST: Final = max(map(len, _LEXICON.begins))


@lru_cache(maxsize=65_536)
def _entries_of(word: str) -> tuple[int, ...]:
    begins = (word[:length] for length in range(_SHORTEST, min(len(word), _LONGEST) + 1))
    found = [_LEXICON.begins[begin] for begin in begins if begin in _LEXICON.begins]
    return (*found, *([_LEXICON.whole[word]] if word in _LEXICON.whole else ()))


def read_events(folded: str) -> Weights:
    """The events that a text (normal form, small letters) speaks of, and how much it says of each."""
    present: set[int] = set()
    for word in _WORDS.findall(folded):
        present.update(_entries_of(word))
    found: dict[str, int] = defaultdict(int)
    for entry in present:
        for event, weight in _LEXICON.single.get(entry, ()):
            found[event] += weight
        for others, event, weight in _LEXICON.together.get(entry, ()):
            if others <= present:
                found[event] += weight
    return dict(found)


def sure_events(events: Weights) -> list[str]:
    """The one or two that a text surely tells of, the one it says most of first."""
    if not events:
        return []
    least = max(SURE, _BESIDE * max(events.values()))
    ranked = sorted(events, key=lambda code: (-events[code], code))
    return [code for code in ranked[:_MOST] if events[code] >= least]


def bits_of(codes: Iterable[str]) -> int:
    """Events as bits of a number; codes of other releases are passed over."""
    return sum(EVENTS[code].bit for code in codes if code in EVENTS)
