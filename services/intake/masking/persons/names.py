"""The applicant's name in any case, with initials, spaced out, or in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from chassis.normal import normalise
from services.intake.masking.draft import NAME, Draft, Span
from services.intake.masking.own_name import is_form, stems_of_name, with_initials
from services.intake.masking.persons.latin import skeleton_of
from services.intake.masking.places import names_a_street, names_a_thing

_WORD = re.compile(r"[^\W\d_]+")
_SPACED_OUT = re.compile(r"(?<!\w)(?:[А-Яа-я][\s.]){3,30}[А-Яа-я](?!\w)")
# Names that are words as well: alone they are nobody, beside another part of the name they are.
_WORDS_TOO = frozenset(
    (  # noqa: SIM905 - readable as a line of words
        "вера надежда любовь роза лада слава лев мир майя рим злата август марта март ким пан победа весна лилия мила рада"
        " снежана снежа заря луна эра роман герман ислам родина мороз калина зима лето осень гроза дождь снег волна роща"
        " дубрава сад река гора поле слово мельник кузнец ткач коваль голуб сокол орел ворон береза дуб клен черных седых"
        " белых"
    ).split()
)
# «Семеновский рынок» and «ветровая нагрузка» are not forms of Семенов and Ветров.
_ADJECTIVE = re.compile(r"(?:ск(?:ий|ая|ое|ие|ого|ому|им|ом|ой|ую|их|ими)|(?:ая|ое|ые|ую|ого|ому))$")
_LIKE_ADJECTIVE = re.compile(r"(?:ий|ый|ой|ая|яя|ого|ых|их)$")


@dataclass(frozen=True, slots=True)
class _Forms:
    """The forms of some parts of a name, as `is_form` asks for them."""

    stems: dict[str, int]
    short: frozenset[str]
    latin: frozenset[str]
    like_adjectives: bool

    @classmethod
    def of(cls, parts: list[str]) -> _Forms:
        stems, short = stems_of_name(" ".join(parts))
        latin = frozenset(skeleton_of(part) for part in parts if len(part) > 2)
        return cls(stems, short, latin, any(_LIKE_ADJECTIVE.search(part.lower()) for part in parts))

    def hold(self, word: str) -> bool:
        """Whether a word is one of the parts, in any case and any letters."""
        if word[0].isascii():
            return skeleton_of(word) in self.latin
        if not is_form(word, self.stems, self.short):
            return False
        return self.like_adjectives or not _ADJECTIVE.search(word.lower())


def hide_name(draft: Draft, name: str) -> None:
    """Hide the name, given as one line."""
    parts = _WORD.findall(normalise(name).text)
    if not parts:
        return
    sure = _Forms.of([part for part in parts if part.lower() not in _WORDS_TOO])
    every = _Forms.of(parts)
    draft.hide_all(
        _SPACED_OUT, NAME, with_capitals=True, unless=lambda match: not _is_spaced(match.group(), every)
    )
    draft.hide(list(_spans(draft.text, sure, every)), NAME)


def _is_spaced(found: str, forms: _Forms) -> bool:
    return forms.hold(found.replace(".", "").replace(" ", ""))


def _spans(text: str, sure: _Forms, every: _Forms) -> Iterator[Span]:
    """Where the name stands, initials beside it included."""
    own = [word for word in _WORD.finditer(text) if every.hold(word.group())]
    beside = {word for pair in pairwise(own) if pair[1].start() - pair[0].end() <= 2 for word in pair}
    for word in own:
        span = with_initials(text, *word.span())
        if span[1] > word.end() or _is_meant(
            text, word, sure, alone=span == word.span() and word not in beside
        ):
            yield span


def _is_meant(text: str, word: re.Match[str], sure: _Forms, *, alone: bool) -> bool:
    """Whether a part of the name without initials behind it is the applicant and no street."""
    return not names_a_street(text, *word.span()) and not (alone and not _identifies_alone(text, word, sure))


def _identifies_alone(text: str, word: re.Match[str], sure: _Forms) -> bool:
    """Whether one part by itself names the applicant: officials write names with capitals, and some are words as well."""
    found = word.group()
    return not found[0].islower() and sure.hold(found) and not names_a_thing(text, *word.span())
