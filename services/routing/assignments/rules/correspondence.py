"""The same again: repeats, duplicates, mass appeals (R15), and when correspondence may stop (R10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

Relation = Literal["duplicate", "mass", "repeat"]
ANSWERS_BEFORE_STOPPING: Final = 2
DUPLICATE_WITHIN: Final = timedelta(days=3)
MASS_FROM: Final = 5
RELATED_WITHIN: Final = timedelta(days=60)
SHORTEST_TEXT: Final = 40  # letters and signs; «Яма на дороге» comes again by chance
SUBSTANTIVE: Final = frozenset(("solved", "explained", "refused"))


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer to one question: `cycle` counts answers after reopenings; `outcome` is None for an interim one."""

    assignment_id: UUID
    organisation_id: UUID
    cycle: int
    outcome: str | None


@dataclass(frozen=True, slots=True)
class EarlierAppeal:
    """An appeal with the same normal text: by which client it came, when, and whether it was answered."""

    client_id: str | None
    received_at: datetime
    answered: bool


def may_stop(answers: Iterable[GivenAnswer]) -> bool:
    """R10: correspondence may stop only where one organisation answered the same question on the merits repeatedly, at
    least twice (59-ФЗ ст. 11 ч. 5: «неоднократно»); promises and interim answers do not count."""
    cycles: dict[UUID, set[tuple[UUID, int]]] = {}
    for each in answers:
        if each.outcome in SUBSTANTIVE:
            cycles.setdefault(each.organisation_id, set()).add((each.assignment_id, each.cycle))
    return any(len(each) >= ANSWERS_BEFORE_STOPPING for each in cycles.values())


def relate(
    client_id: str | None, received_at: datetime, earlier: Iterable[EarlierAppeal]
) -> frozenset[Relation]:
    """R15: three different flags for one text that comes again. A duplicate came from the same client within days and is
    not answered yet; a repeat comes after an answer; many of one text are a mass appeal."""
    known = list(earlier)
    own = [each for each in known if each.client_id == client_id]
    flags: set[Relation] = set()
    if any(not each.answered and received_at - each.received_at <= DUPLICATE_WITHIN for each in own):
        flags.add("duplicate")
    if any(each.answered for each in own):
        flags.add("repeat")
    if len(known) + 1 >= MASS_FROM:
        flags.add("mass")
    return frozenset(flags)


def hash_text(folded: str) -> bytes | None:
    """By which a text in its normal form is known again; None for one so short that it comes again by chance."""
    return sha256(folded.encode()).digest()[:8] if len(folded) >= SHORTEST_TEXT else None
