"""Topics that the classifier lacks: groups of appeals that none of its topics fits.

`python -m services.routing.learning.rules.proposals` is the process in which they are found (see `actions.children`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from pydantic import BaseModel

from services.routing.classifier.model import from_bytes, load_model
from services.routing.classifier.proposals import propose_topics
from services.routing.classifier.protocol import Prediction
from services.routing.learning.rules.parcels import Parcel
from services.routing.learning.rules.training import AT_ONCE
from services.routing.learning.rules.training import main as run_child

EXAMPLES: Final = 10
ALIKE: Final = 0.5  # of the words of two groups together, those that both have
_WEEK_SECONDS: Final = 7 * 24 * 3600.0


class Group(Protocol):
    """What the classifier makes of texts: words that mark a group, and the places of its texts, the most typical first."""

    @property
    def words(self) -> Sequence[str]: ...
    @property
    def members(self) -> Sequence[int]: ...


Propose = Callable[[Sequence[str], Sequence[Prediction]], Sequence[Group]]


class Misfit(BaseModel):
    """An appeal that no topic fits. `came_at` in seconds since 1970."""

    assignment_id: str
    text: str
    came_at: float


class ProposalOrder(BaseModel):
    """What topics are looked for in; `since`: from when on weeks are counted, in seconds since 1970."""

    misfits: list[Misfit]
    since: float
    until: float


class Proposed(BaseModel):
    """A group: marking words, ids of typical assignments, how many came in each week, and how many there are."""

    words: list[str]
    examples: list[str]
    weeks: list[int]
    size: int


class Proposals(BaseModel):
    """What was found; `error`: why nothing could be looked for."""

    groups: list[Proposed] = []
    error: str = ""


def find_groups(order: ProposalOrder, predictions: Sequence[Prediction], propose: Propose) -> list[Proposed]:
    """Groups with what a coordinator needs to judge them, the largest first."""
    groups = propose([each.text for each in order.misfits], predictions)
    found = [_describe(order, group) for group in groups if group.members]
    return sorted(found, key=lambda group: -group.size)


def _describe(order: ProposalOrder, group: Group) -> Proposed:
    members = [order.misfits[place] for place in group.members]
    weeks = Counter(int((each.came_at - order.since) // _WEEK_SECONDS) for each in members)
    last = int((order.until - order.since) // _WEEK_SECONDS)
    return Proposed(
        words=list(group.words),
        examples=[each.assignment_id for each in members[:EXAMPLES]],
        weeks=[weeks[week] for week in range(last + 1)],
        size=len(members),
    )


def is_alike(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two groups are one: most of their marking words are the same."""
    one, other = set(first), set(second)
    return len(one & other) > ALIKE * len(one | other)


def carry_out(parcel: Parcel) -> Parcel:
    """An order with the current model (nothing: the shipped one) → what was found."""
    order = ProposalOrder.model_validate_json(parcel.head)
    model = from_bytes(parcel.data) if parcel.data else load_model()
    texts = [each.text for each in order.misfits]
    predictions = [
        each
        for start in range(0, len(texts), AT_ONCE)
        for each in model.predict(texts[start : start + AT_ONCE])
    ]
    found = Proposals(groups=find_groups(order, predictions, propose_topics))
    return Parcel(found.model_dump_json().encode(), b"")


if __name__ == "__main__":
    run_child(carry_out)
