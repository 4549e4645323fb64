"""The story of the half-year as data: how much of what, when, and in which words. Read from the files beside."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["solved", "explained", "refused", "postponed"]
Act = Literal[
    "none", "accept", "answer", "answer_poor", "interim", "redirect", "clarify", "clarified", "extend", "extended",
    "withdraw", "reopen", "moderate_accept", "moderate_reject", "moderate_hide",
]  # fmt: skip
FOLDER: Final = Path(__file__).parent


class _Stated(BaseModel):
    """Base of what a file states: complete, and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Theme(_Stated):
    """What people write about. `days`: until when an answer is due; `weight`: its share of an even month."""

    name: str
    topics: tuple[str, ...]
    weight: float
    season: str
    days: int
    problems: tuple[str, ...]
    wishes: tuple[str, ...]
    fixes: tuple[str, ...]
    reasons: tuple[str, ...]


class Burst(_Stated):
    """Many appeals about one event; `lasts`: how many each day, `municipality`: its place by size, from 1."""

    title: str
    days_ago: int
    lasts: tuple[int, ...]
    topic: str
    municipality: int
    days: int
    texts: tuple[str, ...]
    answer: str


class Work(_Stated):
    """How bodies work; shares between 0 and 1, `accept_hours` a median."""

    slow: float
    late: float
    late_when_slow: float
    accept_hours: float
    outcomes: Mapping[Outcome, float]
    poor: float
    without_executor: float
    rated: float
    personal: float
    statutory: float


class AnswerWording(_Stated):
    """Pieces of answers."""

    openings: tuple[str, ...]
    visits: tuple[str, ...]
    contacts: tuple[str, ...]
    refusals: tuple[str, ...]
    postponements: tuple[str, ...]
    poor: tuple[str, ...]


class Wording(_Stated):
    """Pieces of letters; `any_*`: for a topic that no theme has words for."""

    openings: tuple[str, ...]
    closings: tuple[str, ...]
    lasting: tuple[str, ...]
    since: tuple[str, ...]
    streets: tuple[str, ...]
    surnames: tuple[str, ...]
    names: tuple[str, ...]
    patronymics: tuple[str, ...]
    personal: tuple[str, ...]
    any_problems: tuple[str, ...]
    any_fixes: tuple[str, ...]
    any_reasons: tuple[str, ...]
    answer: AnswerWording


class Volume(_Stated):
    """How many, when and by which way; `week` from Monday, `seasons` from January."""

    week: tuple[float, ...] = Field(min_length=7, max_length=7)
    hours: tuple[float, ...] = Field(min_length=24, max_length=24)
    seasons: Mapping[str, tuple[float, ...]]
    channels: Mapping[str, float]
    burst: tuple[Burst, ...]
    work: Work


class Gathering(_Stated):
    """Letters of today about one planned work (`notice` answers them) or one event (`answer`, where it is answered)."""

    title: str
    kind: Literal["outage", "repair", "closure", "event"] = "outage"
    topics: tuple[str, ...]
    streets: tuple[str, ...]
    houses: tuple[str, ...]
    appeals: int
    texts: tuple[str, ...]
    hours: int = 0
    notice: str = ""
    confirmed: bool = False
    answer: str = ""

    @property
    def is_work(self) -> bool:
        """Whether it was announced."""
        return bool(self.notice)


class Phrases(_Stated):
    """What officials and citizens write in today's acts."""

    interim: str
    redirect: str
    question: str
    clarification: str
    extension: str
    extension_granted: str
    reopen: str
    accept: str
    reject: str
    hide: str


class Announced(_Stated):
    """A planned work of the coming days."""

    title: str
    kind: Literal["outage", "repair", "closure", "event"]
    topics: tuple[str, ...]
    streets: tuple[str, ...]
    in_hours: int
    hours: int
    notice: str


class DecisionDraft(_Stated):
    """A management decision; `owner`: who is to see to it, `municipality`: by size, from 1. It runs since `days_ago`, or is planned."""

    title: str
    owner: str
    topic: str
    municipality: int
    in_days: int
    days_ago: int | None = None


class Today(_Stated):
    """What happens today: how many letters have which end, and what else there is."""

    acts: Mapping[Act, int]
    moderated: Mapping[Act, int]
    vague: tuple[str, ...]
    phrases: Phrases
    gathering: tuple[Gathering, ...]
    announced: tuple[Announced, ...]
    decision: tuple[DecisionDraft, ...]


@dataclass(frozen=True)
class Story:
    """All of it."""

    volume: Volume
    themes: Sequence[Theme]
    wording: Wording
    today: Today


class _Themes(_Stated):
    theme: tuple[Theme, ...]


@lru_cache(maxsize=1)
def read_story() -> Story:
    """From the files."""
    return Story(
        Volume.model_validate(_read("story.toml")),
        _Themes.model_validate(_read("themes.toml")).theme,
        Wording.model_validate(_read("wording.toml")),
        Today.model_validate(_read("today.toml")),
    )


def _read(name: str) -> dict[str, object]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))
