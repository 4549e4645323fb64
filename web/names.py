"""Names of people, as histories show them: asked for once, and known for a while for all who work in the same regions."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from web.persons import Person, PersonName
from web.platform.client import Platform
from web.platform.problems import PlatformProblem

KNOWN_SECONDS: Final = 300.0
MOST_KNOWN: Final = 20_000
_MOST_ASKED: Final = 500  # ids in one question
# Which names one may know depends on the regions one works in, and on nothing else.
_Key = tuple[frozenset[str], UUID]


class _PersonNames(BaseModel):
    """Those asked for that are known."""

    items: list[PersonName]


class KnownNames:
    """Names that were asked for less than `KNOWN_SECONDS` ago, the newest `MOST_KNOWN` of them; None: nobody within reach has that id."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[_Key, tuple[float, PersonName | None]] = OrderedDict()

    def keep(self, regions: Iterable[str], asked: Iterable[UUID], found: Iterable[PersonName]) -> None:
        """What came of a question."""
        whose, names, now = frozenset(regions), {each.id: each for each in found}, self._clock()
        for id in asked:
            self._kept.pop((whose, id), None)
            self._kept[whose, id] = (now, names.get(id))
        while len(self._kept) > MOST_KNOWN:
            self._kept.popitem(last=False)

    def find(
        self, regions: Iterable[str], ids: Iterable[UUID]
    ) -> tuple[dict[UUID, PersonName], Sequence[UUID]]:
        """The names that are known, and the ids that have to be asked for."""
        whose, oldest = frozenset(regions), self._clock() - KNOWN_SECONDS
        names, unknown = {}, []
        for id in dict.fromkeys(ids):
            since, name = self._kept.get((whose, id), (oldest, None))
            if since <= oldest:
                unknown.append(id)
            elif name is not None:
                names[id] = name
        return names, unknown


async def name_people(
    known: KnownNames, platform: Platform, person: Person, ids: Iterable[UUID | None]
) -> dict[UUID, PersonName]:
    """Who acted, as `person` may know it; nobody where the platform does not say."""
    names, unknown = known.find(person.regions, (id for id in ids if id is not None))
    if not unknown:
        return names
    asked = unknown[:_MOST_ASKED]
    try:
        found = await platform.read(_PersonNames, "/people/names", {"ids": ",".join(map(str, asked))})
    except PlatformProblem as problem:
        if problem.status in (403, 404, 422):
            return names
        raise
    known.keep(person.regions, asked, found.items)
    return names | {each.id: each for each in found.items}
