"""Topics the classifier lacks are proposed from texts that fit no topic but one another."""

from __future__ import annotations

import itertools

from services.routing.classifier.model import Prediction
from services.routing.classifier.proposals import propose_topics

WOLVES = ("волки", "стая волков", "волк", "волчица с волчатами")
WHERE = ("у деревни", "за околицей", "в лесу у посёлка", "возле фермы")
WHAT = ("режут овец", "пугают детей", "воют по ночам", "утащили собаку")
NOISE = ("жалоба", "просьба", "спасибо", "вопрос", "помогите", "прошу", "требую", "сообщаю")
THINGS = ("яма", "свет", "вода", "мусор", "школа", "врач", "автобус", "снег", "крыша", "налог")


def unsure(number: int) -> Prediction:
    topics = ["Животные", "Дороги", "Школы", "Вода"]
    best = topics[number % 4]
    return Prediction(best, 0.2, [(topic, 0.1) for topic in topics if topic != best], [])


def texts() -> list[str]:
    wolves = [" ".join(parts) for parts in itertools.product(WOLVES, WHERE, WHAT)][::2]
    noise = [f"{word} {thing} номер" for word in NOISE for thing in THINGS]
    return [*wolves, *noise]


def test_texts_about_one_missing_matter_are_proposed_together_with_their_words() -> None:
    all_texts = texts()
    predictions = [
        Prediction("Животные", 0.2, [("Лес", 0.15)], []) if index < 32 else unsure(index)
        for index in range(len(all_texts))
    ]
    found = propose_topics(all_texts, predictions)
    wolves = max(found, key=lambda each: sum(index < 32 for index in each.members))
    hits = sum(index < 32 for index in wolves.members)
    assert hits / len(wolves.members) >= 0.6
    assert hits / 32 >= 0.6
    assert "волк" in wolves.words
    assert set(wolves.examples) <= set(wolves.members)
    assert wolves.nearest[0][0] == "Животные"
    assert 0 < wolves.cohesion <= 1
    assert found == propose_topics(all_texts, predictions), "the same texts, the same proposals"


def test_texts_that_fit_are_no_proposal() -> None:
    sure = [Prediction("Животные", 0.9, [], []) for _ in texts()]
    assert propose_topics(texts(), sure) == []
    assert propose_topics([], []) == []
