"""Which words about an appeal may be published: those that at least four others share.

k-anonymity (Samarati and Sweeney 1998; Sweeney, "k-anonymity: a model for protecting privacy", IJUFKS 10(5), 2002, pp. 557-570)
with k = 5, the number under which nothing of this platform is shown in public: every row is, in all that an outsider may
know of the appeal (its quasi-identifiers), like at least four others of the same file. Reached by generalisation and
suppression of single rows (Sweeney, same issue, pp. 571-588): step by step words are withheld, each row's as few as do.
What became of an appeal (answered, in time, reopened, …) is not known to outsiders and is no quasi-identifier.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Final, NamedTuple

K: Final = 5


class Description(NamedTuple):
    """What an outsider may know of an appeal: where, about what, by which way, when. Days are the region's own."""

    region: str
    municipality: str | None
    group: str | None
    topic: str | None
    channel: str | None
    received_month: date | None
    received_on: date | None
    answered_month: date | None
    answered_on: date | None


# What is withheld first, second, …: a step takes its word away beside those before. After the last one a row is left out.
STEPS: Final = (
    "answered_on",
    "municipality",
    "topic",
    "received_on",
    "answered_month",
    "channel",
    "group",
    "received_month",
)


@dataclass(frozen=True, slots=True)
class Published:
    """What may be said of an appeal. `steps`: how many words are withheld, in the order of `STEPS`."""

    description: Description
    steps: int

    @property
    def withheld(self) -> tuple[str, ...]:
        """The words that are withheld."""
        return STEPS[: self.steps]


def coarsen(counts: Mapping[Description, int], k: int = K) -> dict[Description, Published]:
    """What may be said of appeals so described, `counts` of them each; who is missing in the answer is left out.

    Those who are `k` of one description at a step are done; the others go on to the next. So every description that is
    published, together with how much of it is withheld, is that of at least `k` appeals, and no more than `k` - 1 of a
    region are left out. The order of `counts` does not matter.
    """
    published: dict[Description, Published] = {}
    waiting = list(counts)
    for steps in range(len(STEPS) + 1):
        shown_of = itemgetter(
            *(place for place, word in enumerate(Description._fields) if word not in STEPS[:steps])
        )
        groups: dict[object, list[Description]] = defaultdict(list)
        for each in waiting:
            groups[shown_of(each)].append(each)
        waiting = []
        for members in groups.values():
            if sum(counts[each] for each in members) >= k:
                shown = Published(_without(members[0], STEPS[:steps]), steps)
                published |= dict.fromkeys(members, shown)
            else:
                waiting += members
    return published


def _without(description: Description, words: tuple[str, ...]) -> Description:
    withheld: dict[str, Any] = dict.fromkeys(words)
    return description._replace(**withheld)
