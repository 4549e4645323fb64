"""How often what is decided without a person is right: the composed path on real appeals, with a model that never saw them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from otklik.ranking import demo_reference
from services.routing.classifier import training
from services.routing.classifier.corpus import read_rows
from services.routing.classifier.model import Prediction, load_model
from services.routing.placement.rules.decisions import Decision, Question, decide, locate_question
from services.routing.placement.rules.guesses import read_guess
from services.routing.placement.rules.levels import (
    Thresholds,
    rank_levels,
    rank_organisations,
    thresholds_of,
)
from services.routing.reference.rules.region_reference import RegionReference, RegionSettings

FOLDS = 5
TARGET = 0.8
BOOK = demo_reference()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A real appeal, whose it was, and what a model that had not seen it makes of it."""

    text: str
    organisation: UUID
    prediction: Prediction

    def decide(self, reference: RegionReference, thresholds: Thresholds | None = None) -> Decision:
        """As production does."""
        return decide(reference, Question(self.text), read_guess(reference, self.prediction), thresholds)


@dataclass(frozen=True, slots=True)
class Figures:
    """`automatic`: share decided without a person; of these, the shares given to the right organisation and level."""

    automatic: float
    organisation: float
    level: float


def _rows(samples: Path) -> list[dict[str, str]]:
    return read_rows(samples / "kursk_appeals.csv")


def _labelled(rows: Sequence[Mapping[str, str]], predictions: Sequence[Prediction]) -> list[Labelled]:
    ids = {each.name: each.id for each in BOOK.organisations.values()}
    return [
        Labelled(row["text"], ids[row["agency"]], prediction)
        for row, prediction in zip(rows, predictions, strict=True)
    ]


def _figures(
    appeals: Sequence[Labelled], thresholds: Thresholds | None = None, **settings: float | None
) -> Figures:
    reference = replace(BOOK, settings=RegionSettings(**settings))  # type: ignore[arg-type]
    given = [
        (organisation_id, each.organisation)
        for each in appeals
        if (organisation_id := each.decide(reference, thresholds).organisation_id) is not None
    ]
    right = sum(given_to == wanted for given_to, wanted in given)
    levels = sum(BOOK.levels[given_to] == BOOK.levels[wanted] for given_to, wanted in given)
    count = max(len(given), 1)
    return Figures(round(len(given) / len(appeals), 4), round(right / count, 4), round(levels / count, 4))


def test_levels_decide_more_appeals_at_no_loss_of_precision(
    samples: Path, proof: Callable[..., None]
) -> None:
    """The shipped model, which knows no region."""
    rows = _rows(samples)
    appeals = _labelled(rows, load_model().predict([row["text"] for row in rows]))
    topics_alone = _figures(appeals, organisation_threshold=1.0, level_threshold=1.0)
    with_levels = _figures(appeals)
    proof(topics_alone=str(topics_alone), with_levels=str(with_levels), rows=len(rows))
    assert with_levels.automatic >= topics_alone.automatic + 0.08
    assert with_levels.level >= topics_alone.level - 0.005
    assert with_levels.level >= 0.70
    assert with_levels.organisation >= topics_alone.organisation - 0.01


def test_deciding_costs_little_beside_predicting(samples: Path, proof: Callable[..., None]) -> None:
    rows = _rows(samples)[::4]
    appeals = _labelled(rows, load_model().predict([row["text"] for row in rows]))
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for each in appeals:
            each.decide(BOOK)
        best = min(best, (time.process_time() - began) / len(appeals))
    proof(microseconds_with_place=round(best * 1e6, 1))
    assert best < 0.002


@pytest.mark.full
@pytest.mark.parametrize("fold", range(FOLDS))
def test_a_model_predicts_what_it_has_not_seen(
    samples: Path, unseen: dict[int, Prediction], fold: int
) -> None:
    """One test a fold, since a training may take minutes."""
    rows = _rows(samples)
    hidden = _order(rows)[fold::FOLDS]
    model = training.train([row for number, row in enumerate(rows) if number not in set(hidden)])
    predictions = model.predict([rows[number]["text"] for number in hidden])
    unseen.update(zip(hidden, predictions, strict=True))
    assert any(each.agencies for each in predictions)


@pytest.mark.full
def test_thresholds_of_unseen_rows_hold_on_other_unseen_rows(
    samples: Path, unseen: dict[int, Prediction], proof: Callable[..., None]
) -> None:
    """Thresholds from one half of what the models of the folds had not seen, precision on the other."""
    rows = _rows(samples)
    assert len(unseen) == len(rows), "runs after the folds"
    order = _order(rows)
    appeals = _labelled([rows[number] for number in order], [unseen[number] for number in order])
    figures = []
    for half in (0, 1):
        learned = _thresholds(appeals[half::2])
        chosen = thresholds_of(RegionSettings(target_precision=TARGET), learned)
        figures.append(_figures(appeals[1 - half :: 2], chosen))
    proof(target=TARGET, halves=[str(each) for each in figures], plain=str(_figures(appeals)))
    assert sum(each.level for each in figures) / 2 >= TARGET - 0.03
    assert sum(each.automatic for each in figures) / 2 >= 0.70


@pytest.fixture(scope="module")
def unseen() -> dict[int, Prediction]:
    """Predictions of all folds, by row."""
    return {}


def _order(rows: Sequence[dict[str, str]]) -> list[int]:
    order = list(range(len(rows)))
    random.Random(7).shuffle(order)
    return order


def _thresholds(appeals: Sequence[Labelled]) -> dict[str, dict[float, float]]:
    organisations, levels = [], []
    for each in appeals:
        location = locate_question(BOOK, Question(each.text))
        ranked = rank_organisations(BOOK, read_guess(BOOK, each.prediction), location)
        for (best, score), *_ in [ranked] if ranked else []:
            organisations.append((score, best == each.organisation))
        for (level, score), *_ in [rank_levels(BOOK, ranked)] if ranked else []:
            levels.append((score, level == BOOK.levels[each.organisation]))
    return {
        "organisation": {TARGET: _threshold(organisations)},
        "level": {TARGET: _threshold(levels)},
    }


def _threshold(judged: Sequence[tuple[float, bool]]) -> float:
    """The lowest score from which on the target is reached; more than 1 where none is."""
    right, found = 0, 1.01
    for count, (score, hit) in enumerate(sorted(judged, reverse=True), 1):
        right += hit
        if right >= TARGET * count:
            found = score
    return found
