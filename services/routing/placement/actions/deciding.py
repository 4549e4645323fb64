"""What is decided of new appeals: their texts are read, guessed by the region's model and decided, all of a batch together."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.normal import NormalText, normalise
from contracts.intake import AppealRegistered, place_of
from meaning import Meaning
from services.routing.assignments.rules.local_days import local_day
from services.routing.placement.queries import read_meanings
from services.routing.placement.rules.decisions import Decision, Question, decide, needs_guess
from services.routing.placement.rules.foreign import decide_foreign, is_foreign
from services.routing.placement.rules.guesses import Guess, read_guess
from services.routing.placement.rules.planned import find_planned, give_to_work
from services.routing.placement.rules.splitting import decide_apart, questions_of
from services.routing.reference.queries.cache import classifier_of
from services.routing.reference.queries.houses import find_served
from services.routing.reference.queries.models import ModelInUse, predict_topics
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.service_areas import AskedHouse, find_house

_APPEALS_A_BREATH: Final = 20  # then the event loop may answer requests


@dataclass(frozen=True, slots=True)
class ReadAppeal:
    """An appeal with what its text means. `question`: what decides about its way."""

    event: AppealRegistered
    meaning: Meaning
    question: Question

    @property
    def is_foreign(self) -> bool:
        """Whether it is in another language than Russian: its topic is not guessed."""
        return is_foreign(self.meaning.language)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of an appeal: one decision, or one for each of its questions, the lead's first.

    `guess`: the model's opinion of the whole text, where it was asked and decided. `work_id`: the planned work that the
    appeal comes from, whose notice answers the lead.
    """

    appeal: ReadAppeal
    decisions: tuple[Decision, ...]
    guess: Guess | None
    work_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Guessed:
    """An appeal with what the model makes of the whole text and of the questions in it."""

    appeal: ReadAppeal
    whole: Guess | None
    parts: Sequence[tuple[str, Guess]]

    @property
    def region(self) -> str:
        return self.appeal.event.region

    @property
    def topics(self) -> list[str | None]:
        """All that are likely of the whole and of its questions, by code."""
        own = [] if self.whole else [self.appeal.question.topic]
        guesses = filter(None, [self.whole, *(guess for _, guess in self.parts)])
        return [*own, *(code for guess in guesses for code in guess.codes)]


class Text(NamedTuple):
    """A text to be guessed for a region."""

    region: str
    text: str


async def read_appeals(events: Sequence[AppealRegistered]) -> list[ReadAppeal]:
    """Kind, importance and language of each."""
    texts = [normalise(event.text) for event in events]
    meanings = await read_meanings(texts)
    return [
        ReadAppeal(event, meaning, _question_of(event, meaning, normal))
        for event, meaning, normal in zip(events, meanings, texts, strict=True)
    ]


def importance_of(event: AppealRegistered, meaning: Meaning) -> str:
    """A danger that intake has found in the original text is one, whatever masking left of it."""
    return "danger" if event.danger else meaning.importance.value


def _question_of(event: AppealRegistered, meaning: Meaning, normal: NormalText) -> Question:
    return Question(
        event.text,
        event.address,
        event.topic,
        event.municipality,
        event.complained_about,
        event.regime,
        event.channel,
        importance_of(event, meaning),
        anonymous=event.anonymous,
        place=place_of(event),
        day=local_day(event.received_at, event.region, event.municipality),
        normal=normal,
    )


async def decide_appeals(
    session: AsyncSession, references: Mapping[str, RegionReference], appeals: Sequence[ReadAppeal]
) -> list[Decided]:
    """Whole texts and the questions in them are guessed together."""
    parts = [_parts_of(references[each.event.region], each) for each in appeals]
    whole = [_needs_guess(references[each.event.region], each) for each in appeals]
    asked: list[Text] = []
    for appeal, own, needed in zip(appeals, parts, whole, strict=True):
        region = appeal.event.region
        asked += [Text(region, appeal.event.text)] * needed + [Text(region, part) for part in own]
    guesses = iter(await guess_texts(session, references, asked))
    guessed = [
        _Guessed(appeal, next(guesses) if needed else None, [(part, next(guesses)) for part in own])
        for appeal, own, needed in zip(appeals, parts, whole, strict=True)
    ]
    houses = await _find_houses(session, references, guessed)
    decided: list[Decided] = []
    for number, each in enumerate(guessed, start=1):
        if number % _APPEALS_A_BREATH == 0:
            await asyncio.sleep(0)
        reference = references[each.region]
        alone = _decide(reference, each, houses.get(each.appeal.event.appeal_id))
        decided.append(_with_work(reference, each, alone))
    return decided


def _with_work(reference: RegionReference, guessed: _Guessed, decided: Decided) -> Decided:
    """With the planned work that the lead's decision fits, if there is one: then the work decides, and no model.

    Not where one assignment holds several questions: a notice answers one of them only.
    """
    appeal, lead = decided.appeal, decided.decisions[0]
    if appeal.is_foreign or (guessed.parts and len(decided.decisions) == 1):
        return decided
    kind, received_at = appeal.meaning.kind.value, appeal.event.received_at
    fit = find_planned(reference, appeal.question, kind, received_at, lead)
    if fit is None:
        return decided
    decisions = (give_to_work(lead, fit), *decided.decisions[1:])
    return replace(decided, decisions=decisions, guess=None, work_id=fit.work.id)


async def _find_houses(
    session: AsyncSession, references: Mapping[str, RegionReference], guessed: Sequence[_Guessed]
) -> dict[UUID, Served]:
    """Who serves the appeals' houses, where a rule of their topic, or of one of their questions' topics, asks for it."""
    asked: dict[UUID, AskedHouse] = {}
    for each in guessed:
        question = each.appeal.question
        if question.day is None or not any(map(references[each.region].asks_for_house, each.topics)):
            continue
        house = find_house(each.region, question.address, question.text, question.day)
        if house is not None:
            asked[each.appeal.event.appeal_id] = house
    return await find_served(session, asked)


def _needs_guess(reference: RegionReference, appeal: ReadAppeal) -> bool:
    return not appeal.is_foreign and needs_guess(reference, appeal.question.topic)


def _parts_of(reference: RegionReference, appeal: ReadAppeal) -> tuple[str, ...]:
    return () if appeal.is_foreign else questions_of(reference, appeal.question)


def _decide(reference: RegionReference, guessed: _Guessed, house: Served | None) -> Decided:
    appeal, guess = guessed.appeal, guessed.whole
    if appeal.is_foreign:
        foreign = decide_foreign(reference, appeal.question, appeal.meaning.language)
        return Decided(appeal, (foreign,), guess)
    question = replace(appeal.question, house=house) if house else appeal.question
    whole = decide(reference, question, guess)
    if not guessed.parts or "proposal" in whole.explanation:
        return Decided(appeal, (whole,), guess)
    texts, guesses = zip(*guessed.parts, strict=True)
    return Decided(appeal, decide_apart(reference, question, texts, guesses) or (whole,), guess)


async def guess_texts(
    session: AsyncSession, references: Mapping[str, RegionReference], asked: Sequence[Text]
) -> list[Guess]:
    """The opinion of each region's model, in order."""
    by_model: dict[UUID | None, tuple[ModelInUse, list[int]]] = {}
    for place, each in enumerate(asked):
        model = await classifier_of(session, references[each.region])
        by_model.setdefault(model.id, (model, []))[1].append(place)
    guesses: dict[int, Guess] = defaultdict(Guess)
    for model, places in by_model.values():
        predictions = await predict_topics(model.classifier, [asked[place].text for place in places])
        for place, prediction in zip(places, predictions, strict=True):
            reference = references[asked[place].region]
            guesses[place] = read_guess(reference, prediction, model.id, model.classifier.thresholds)
    return [guesses[place] for place in range(len(asked))]
