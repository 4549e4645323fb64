"""Organisations by the words of their names, whatever their endings: «жалоба на администрацию Льговского района»."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from uuid import UUID

from services.routing.reference.rules.competence import KnownOrganisation
from services.routing.reference.rules.territory import split_words

ALIASES_FROM: Final = 2  # one word names nobody
_FORMS: Final = frozenset(("ооо", "оао", "ао", "пао", "мку", "муп", "мбу", "огку"))
_ENDING: Final = 3

Alias = tuple[str, ...]  # beginnings of the words of a name
Aliases = Mapping[str, Sequence[tuple[Alias, UUID]]]  # first letters → names


def make_aliases(organisations: Iterable[KnownOrganisation]) -> Aliases:
    """The names of organisations without their legal form, each word without its ending; a name that two bear is left out."""
    owners: dict[Alias, set[UUID]] = {}
    for organisation in organisations:
        words = [word for word in split_words(organisation.name) if word not in _FORMS]
        if len(words) >= ALIASES_FROM:
            owners.setdefault(tuple(map(_stem, words)), set()).add(organisation.id)
    index: dict[str, list[tuple[Alias, UUID]]] = {}
    for alias, ids in sorted(owners.items(), key=lambda pair: (-len(pair[0]), pair[0])):
        if len(ids) == 1:
            index.setdefault(alias[0][:2], []).append((alias, next(iter(ids))))
    return index


def _stem(word: str) -> str:
    return word[: max(_ENDING, len(word) - _ENDING)] if len(word) > _ENDING + 1 else word


def named_at(aliases: Aliases, words: Sequence[str], start: int) -> tuple[Alias, UUID] | None:
    """The longest name that the words hold from `start` on."""
    if start >= len(words):
        return None
    for alias, id in aliases.get(words[start][:2], ()):
        there = words[start : start + len(alias)]
        if len(there) == len(alias) and all(map(str.startswith, there, alias)):
            return alias, id
    return None
