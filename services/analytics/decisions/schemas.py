"""Decisions, as they are stated and shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from chassis.bodies import Body
from chassis.faults import Wording
from chassis.texts import require_visible_text
from chassis.times import Day
from contracts.territories import REGIONS
from services.analytics.decisions.rules.effects import JUDGEMENT, REASONS, Judgement, Reason
from services.analytics.decisions.rules.subjects import JUDGED_BY, RECEIVED, WEEK
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.problems.rules.reasons import NAMES_SOMEBODY, names_somebody
from services.analytics.tables.decisions import DecisionRow, DecisionState

_PLAIN = r"^[^\x00]*[^\x00\s][^\x00]*$"


def _existing_region(code: str) -> str:
    if code not in REGIONS:
        raise ValueError("there is no such region")
    return code


def _judged_by(key: str) -> str:
    if key not in JUDGED_BY:
        raise ValueError("no decision is judged by this measure: `received`, or one that is `ranked`")
    return key


def _naming_nobody(words: str) -> str:
    if names_somebody(words):
        raise ValueError(NAMES_SOMEBODY)
    return words


def _text(longest: int) -> object:
    return StringConstraints(min_length=1, max_length=longest, pattern=_PLAIN)


RegionCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$"), AfterValidator(_existing_region)]
Municipality = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
Title = Annotated[str, _text(300), AfterValidator(require_visible_text), AfterValidator(_naming_nobody)]
Words = Annotated[str, _text(10_000), AfterValidator(require_visible_text), AfterValidator(_naming_nobody)]
Owner = Annotated[str, _text(300), AfterValidator(require_visible_text)]
Metric = Annotated[
    str, Field(max_length=64, json_schema_extra={"enum": sorted(JUDGED_BY)}), AfterValidator(_judged_by)
]
OfState = Annotated[DecisionState | None, Query(description="Without it: all.")]
Worked = Annotated[
    bool,
    Query(description="Only what has worked, the largest improvement first; else all, the newest first."),
]


class NewDecision(Body):
    """A decision to be made. It names a topic, a group, a municipality or an organisation at least: that is what it is judged by."""

    region: RegionCode
    problem_id: UUID | None = None
    title: Title
    text: Words | None = None
    owner: Owner
    due_on: Day | None = None
    started_on: Day | None = None
    state: Literal["planned", "running"] = "planned"
    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: UUID | None = None
    metric: Metric = RECEIVED

    @model_validator(mode="after")
    def _about_something(self) -> NewDecision:
        if not (self.topic or self.group or self.municipality or self.organisation):
            raise ValueError("name a topic, a group, a municipality or an organisation at least")
        return self


class ChangedDecision(Body):
    """What shall be otherwise; what is left out stays."""

    problem_id: UUID | None = None
    title: Title | None = None
    text: Words | None = None
    owner: Owner | None = None
    due_on: Day | None = None
    started_on: Day | None = None
    state: DecisionState | None = None
    topic: Code | None = None
    group: Code | None = None
    municipality: Municipality | None = None
    organisation: UUID | None = None
    metric: Metric | None = None

    @model_validator(mode="after")
    def _kept(self) -> ChangedDecision:
        for name in ("title", "owner", "state", "metric"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(Wording("{name} cannot be null", {"name": name}))
        return self


class DecisionEffect(BaseModel):
    """What a decision changed in its first weeks, against what was to be expected without it (ADR 40). `estimate`, `low`, `high`
    (90 %): relative to the expected for counts and times, else the difference. `placebo_rank`: the share of made-up
    decisions that did at least as well; `worked`: at most a tenth did, and the interval leaves nothing to chance."""

    estimate: float
    low: float
    high: float
    placebo_rank: float
    placebos: int
    worked: bool
    weeks: int
    observed: float
    expected: float
    relative: bool


class DecisionView(BaseModel):
    """A decision. Without an `effect` the `effect_reason` says why; neither is there before it has been looked at."""

    id: UUID
    region: str
    problem_id: UUID | None
    title: str
    text: str | None
    owner: str
    due_on: date | None
    started_on: date | None
    state: DecisionState
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: UUID | None
    metric: str
    effect: DecisionEffect | None
    effect_reason: Reason | None
    effect_note: str | None
    computed_at: datetime | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, decision: DecisionRow) -> DecisionView:
        """A stored one."""
        return cls.model_validate(_shown(decision))


class EffectWeek(BaseModel):
    """A week that begins on `week`: what came, and what was to be expected, with 90 %. Before `started_on` the expectation shows
    how well the comparison fits."""

    week: date
    observed: float | None
    expected: float
    low: float
    high: float


class ComparedSeries(BaseModel):
    """What it was compared with, and its share in the expectation."""

    key: str
    share: float


class DecisionChangeView(BaseModel):
    """Who changed what; the fields as they were set."""

    version: int
    changed: dict[str, str | None]
    client_id: str
    person: UUID | None
    changed_at: datetime


class DecisionDetail(DecisionView):
    """One decision with its weeks, what it was compared with, and its journal, the newest first."""

    series: list[EffectWeek]
    compared_by: str | None
    compared_with: list[ComparedSeries]
    journal: list[DecisionChangeView]
    definition: dict[str, str]

    @classmethod
    def with_journal(cls, decision: DecisionRow, journal: list[DecisionChangeView]) -> DecisionDetail:
        """A stored one with what became of it."""
        judgement = judgement_of(decision)
        measure = MEASURES[decision.metric]
        return cls.model_validate(
            {
                **_shown(decision),
                "series": [] if judgement is None else _series(judgement),
                "compared_by": judgement and judgement.compared_by,
                "compared_with": []
                if judgement is None
                else [{"key": each.key, "share": each.share} for each in judgement.compared_with],
                "journal": journal,
                "definition": {decision.metric: measure.definition},
            }
        )


class DecisionPage(BaseModel):
    """Part of the list."""

    items: list[DecisionView]
    next_cursor: str | None


def judgement_of(decision: DecisionRow) -> Judgement | None:
    """What is kept of its effect."""
    return None if decision.judged is None else JUDGEMENT.validate_python(decision.judged)


def _shown(decision: DecisionRow) -> dict[str, object]:
    judgement, reason = judgement_of(decision), decision.effect_reason
    named = {name: getattr(decision, name) for name in DecisionView.model_fields if hasattr(decision, name)}
    return {
        **named,
        "group": decision.topic_group,
        "organisation": decision.organisation_id,
        "effect": None if judgement is None else _effect(judgement, decision.metric),
        "effect_note": None if reason is None else REASONS[reason],  # type: ignore[index]
    }


def _effect(judgement: Judgement, metric: str) -> DecisionEffect:
    comparison = MEASURES[metric].comparison
    relative = comparison is None or comparison.scale != "mean"
    found = judgement.found
    named = {name: getattr(found, name) for name in DecisionEffect.model_fields if name != "relative"}
    return DecisionEffect(**named, relative=relative)


def _series(judgement: Judgement) -> list[EffectWeek]:
    return [
        EffectWeek(
            week=judgement.started_on + each.number * WEEK,
            observed=each.observed,
            expected=each.expected,
            low=each.low,
            high=each.high,
        )
        for each in judgement.found.series
    ]
