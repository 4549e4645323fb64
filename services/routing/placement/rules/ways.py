"""Who gets an appeal whose topic the classifier guessed: by the topic, by the organisation, by the level, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from services.routing.assignments.rules.explanations import DecidedBy
from services.routing.placement.rules.guesses import Guess
from services.routing.placement.rules.law.receivers import may_receive
from services.routing.placement.rules.levels import (
    Ranked,
    Scores,
    Thresholds,
    find_contradiction,
    inside,
    is_sure,
    only_receivers,
    rank_by_competence,
    rank_levels,
    rank_with_hints,
    read_hints,
)
from services.routing.placement.rules.locations import Location
from services.routing.reference.rules.competence import Choice
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_reference import RegionReference

MOST_SUGGESTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Way:
    """Whom to give an appeal and how sure that is; without `by` a coordinator decides, because of `doubt`."""

    choice: Choice
    by: DecidedBy | None = None
    score: float | None = None
    threshold: float | None = None
    doubt: str | None = None
    suggestions: Ranked = ()
    hints: Ranked = ()


@dataclass(frozen=True, slots=True)
class GuessedAppeal:
    """What a way is looked for: the classifier's guess, the place, the object of a complaint, the rules' choice; `day`: the
    local one of registration, `house`: who serves it."""

    reference: RegionReference
    guess: Guess
    location: Location
    complained_about: UUID | None
    thresholds: Thresholds
    choice: Choice
    day: date | None = None
    house: Served | None = None


def find_way(appeal: GuessedAppeal) -> Way:
    """A sure topic decides by the rules; else the organisation that the likely topics lead to, if it is sure; else the
    level of government; else a person, with suggestions.

    What the model learned of organisations contradicts the rules at times: then neither the topic nor the hint decides
    alone, and the contradiction stands in the explanation.
    """
    reference, guess, location = appeal.reference, appeal.guess, appeal.location
    hints = read_hints(reference, guess.agencies)
    contradiction = find_contradiction(reference, hints, appeal.choice.organisation_id)
    if location.unknown is not None or guess.code is None:
        return Way(appeal.choice, hints=hints[:MOST_SUGGESTIONS])
    if _is_settled(appeal) and contradiction is None:
        return Way(
            appeal.choice, "topic", guess.score, appeal.thresholds.topic, hints=hints[:MOST_SUGGESTIONS]
        )
    named = rank_by_competence(reference, guess, location, appeal.day, appeal.house)
    ranked = rank_with_hints(reference, guess, named, appeal.complained_about)
    organisations, levels = ranked, rank_levels(reference, ranked)
    if appeal.thresholds.of_model:
        organisations = only_receivers(reference, hints, appeal.complained_about)
        levels = read_hints(reference, guess.levels)
    way = _by_organisation(appeal, organisations, named) or _by_level(appeal, levels, ranked, named)
    if way is None:
        doubt = _doubt_about(appeal, contradiction)
        way = Way(appeal.choice, doubt=doubt, suggestions=ranked[:MOST_SUGGESTIONS])
    return Way(
        way.choice, way.by, way.score, way.threshold, way.doubt, way.suggestions, hints[:MOST_SUGGESTIONS]
    )


def _is_settled(appeal: GuessedAppeal) -> bool:
    """The topic is sure, and the rules know whose it is or that the law lets nobody have it."""
    threshold = appeal.thresholds.topic
    known = appeal.choice.organisation_id or appeal.choice.rule or not appeal.location.contested
    return threshold is not None and appeal.guess.score >= threshold and bool(known)


def _by_organisation(appeal: GuessedAppeal, ranked: Ranked, named: Scores) -> Way | None:
    """The surest organisation that the rules name for a likely topic."""
    best = next(((each, score) for each, score in ranked if each in named), None)
    if best is None or not is_sure(best[1], appeal.thresholds.organisation):
        return None
    organisation, score = best
    rule = appeal.choice.rule if organisation == appeal.choice.organisation_id else None
    note = appeal.choice.note if rule else ""
    return Way(Choice(rule, organisation, note=note), "organisation", score, appeal.thresholds.organisation)


def _by_level(appeal: GuessedAppeal, levels: Ranked, ranked: Ranked, named: Scores) -> Way | None:
    """The surest level, if the rules name an organisation of it; its topmost organisation finds the one inside."""
    reference = appeal.reference
    if not levels or not is_sure(levels[0][1], appeal.thresholds.level):
        return None
    level, score = levels[0]
    of_rules = any(reference.levels[each] == level for each in named)
    if not of_rules or not may_receive(reference, level, appeal.complained_about):
        return None
    suggestions = inside(reference, level, ranked)[:MOST_SUGGESTIONS]
    return Way(
        Choice(organisation_id=level), "level", score, appeal.thresholds.level, suggestions=suggestions
    )


def _doubt_about(appeal: GuessedAppeal, contradiction: UUID | None) -> str | None:
    score, threshold = appeal.guess.score, appeal.thresholds.topic
    if threshold is None:
        return "Ни исполнитель, ни уровень не определены с заданной точностью: проверьте тему и исполнителя."
    if score < threshold:
        return (
            f"Уверенность в теме {score:.0%} ниже порога {threshold:.0%}: проверьте тему и исполнителя."
        ).replace("%", " %")
    if contradiction is None:
        return None
    name = appeal.reference.organisations[contradiction].name
    return f"Правила и опыт расходятся: похожие обращения решались на уровне «{name}». Проверьте исполнителя."
