"""The applicant's name in any case, with initials, spaced out, or in Latin letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chassis.normal import normalise
from services.intake.masking.draft import NAME, Draft, Span
from services.intake.masking.own_name import (
    INITIALS_AFTER,
    INITIALS_BEFORE,
    is_form,
    stems_of_name,
)
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
        if not self.like_adjectives and _ADJECTIVE.search(word.lower()):
            return False
        return is_form(word, self.stems, self.short)


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
    words = list(_WORD.finditer(text))
    own = [every.hold(word.group()) for word in words]
    for place, word in enumerate(words):
        if not own[place]:
            continue
        before = INITIALS_BEFORE.search(text, max(0, word.start() - 8), word.start())
        after = INITIALS_AFTER.match(text, word.end())
        if names_a_street(text, word.start(), word.end()) and not after:
            continue
        if not (before or after or _has_company(words, own, place)) and not _tells_alone(text, word, sure):
            continue
        stop = after.end() - after.group()[-1].isspace() if after else word.end()
        yield before.start() if before else word.start(), stop


def _tells_alone(text: str, word: re.Match[str], sure: _Forms) -> bool:
    """Whether one part by itself names the applicant: officials write names with capitals, and some are words as well."""
    found = word.group()
    if found[0].islower() or not sure.hold(found):
        return False
    return not names_a_thing(text, word.start(), word.end())


def _has_company(words: list[re.Match[str]], own: list[bool], place: int) -> bool:
    """Whether another part of the name stands beside this one."""
    previous, following = place - 1, place + 1
    if previous >= 0 and own[previous] and words[place].start() - words[previous].end() <= 2:
        return True
    return following < len(words) and own[following] and words[following].start() - words[place].end() <= 2
