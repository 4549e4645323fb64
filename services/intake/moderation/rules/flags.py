"""What a moderator should know of a text before others read it: flags, each with the words that speak for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chassis.normal import fold
from contracts.moderation import Flag
from services.intake.moderation.rules.adverts import find_not_appeal
from services.intake.moderation.rules.emptiness import find_empty, find_flood
from services.intake.moderation.rules.obscenity import find_obscene
from services.intake.moderation.rules.threats import find_threat
from services.intake.registration.rules.admission import STATUTORY_CHANNELS

REPEATS_OF_FLOOD: Final = 3  # the same text within a day, whoever sends it
_WORD: Final = re.compile("[а-я]+")
_HIDDEN: Final = re.compile(r"\[(?:имя|телефон|почта|документ|квартира|дата|ссылка)\]")
# Somebody asks for an answer that only an appeal under the law is owed (59-ФЗ ст. 7).
_STATUTORY: Final = re.compile(
    r"(?<!\d)59 ?-? ?фз(?![а-я])|фз ?-? ?(?:№ ?|n ?)?59(?!\d)|закон[а-я]{0,2} (?:рф )?[«\"]?о порядке рассмотрения обращений"
)


@dataclass(frozen=True, slots=True)
class Flagged:
    """A flag and the words it was given for, in the small letters of the normal form; a phrase may be empty."""

    flag: Flag
    phrase: str


@dataclass(frozen=True, slots=True)
class FlaggedText:
    """What is judged: an appeal's masked text, how it came, and what registration has found of a danger."""

    masked: str
    channel: str
    regime: str
    danger: bool

    def flags(self) -> list[Flagged]:
        """Every flag; pure, in time proportional to the text's length. Danger is first, as it goes before all else."""
        folded = fold(self.masked)
        words = _WORD.findall(folded)
        found: Mapping[Flag, str | None] = {
            "danger": "" if self.danger else None,
            "empty": find_empty(folded),
            "flood": find_flood(folded, words),
            "obscene": find_obscene(folded, words),
            "threat": find_threat(folded, words),
            "personal": self._personal(),
            "not_appeal": find_not_appeal(folded, words),
            "statutory_channel": self._statutory(folded),
        }
        return [Flagged(flag, phrase) for flag, phrase in found.items() if phrase is not None]

    def _personal(self) -> str | None:
        """What was hidden first."""
        hidden = _HIDDEN.search(self.masked) if "[" in self.masked else None
        return hidden.group() if hidden else None

    def _statutory(self, folded: str) -> str | None:
        if self.regime == "statutory" or self.channel in STATUTORY_CHANNELS:
            return None
        found = _STATUTORY.search(folded) if "фз" in folded or "о порядке рассмотрения" in folded else None
        return found.group() if found else None


def holds(flags: list[Flag], holding: frozenset[str]) -> bool:
    """Whether an appeal waits for a person: for one of the flags its region holds appeals for, unless life is in danger."""
    return "danger" not in flags and not holding.isdisjoint(flags)
