"""How often what is decided without a person is right: the composed path on real appeals, with a model that never saw them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest

from otklik.demo_places import demo_directory
from otklik.ranking import demo_levels, demo_reference
from services.routing.classifier import training
from services.routing.classifier.corpus import read_rows
from services.routing.classifier.model import Prediction, load_model
from services.routing.placement.rules.decisions import Decision, Question, decide
from services.routing.placement.rules.guesses import Learned, read_guess
from services.routing.reference.rules.place_stems import place_stems
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.region_settings import RegionSettings

FOLDS = 5
TARGET = 0.8
BOOK = demo_reference()
NOTHING: Learned = {}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A real appeal, whose it was, and what a model that had not seen it makes of it."""

    text: str
    organisation: UUID
    prediction: Prediction
    learned: Learned

    def decide(self, reference: RegionReference) -> Decision:
        """As production does."""
        guess = read_guess(reference, self.prediction, learned=self.learned)
        return decide(reference, Question(self.text), guess)


@dataclass(frozen=True, slots=True)
class Figures:
    """`automatic`: share decided without a person; of these, the shares given to the right organisation and level."""

    automatic: float
    organisation: float
    level: float


def _rows(samples: Path) -> list[dict[str, str]]:
    return read_rows(samples / "kursk_appeals.csv")


def _labelled(
    rows: Sequence[Mapping[str, str]], predictions: Sequence[Prediction], learned: Learned = NOTHING
) -> list[Labelled]:
    ids = {each.name: each.id for each in BOOK.organisations.values()}
    return [
        Labelled(row["text"], ids[row["agency"]], prediction, learned)
        for row, prediction in zip(rows, predictions, strict=True)
    ]


def _figures(appeals: Sequence[Labelled], **settings: float | None) -> Figures:
    reference = replace(BOOK, settings=RegionSettings(**settings))  # type: ignore[arg-type]
    given = [
        (organisation_id, each.organisation)
        for each in appeals
        if (organisation_id := each.decide(reference).organisation_id) is not None
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
def test_a_model_predicts_what_it_has_not_seen(samples: Path, unseen: dict[int, Labelled], fold: int) -> None:
    """One test a fold, since a training may take minutes."""
    rows = _rows(samples)
    hidden = _order(rows)[fold::FOLDS]
    seen = [row for number, row in enumerate(rows) if number not in set(hidden)]
    model = training.train(seen, demo_levels(), place_stems(demo_directory()))
    chosen = [rows[number] for number in hidden]
    labelled = _labelled(chosen, model.predict([row["text"] for row in chosen]), model.thresholds)
    unseen.update(zip(hidden, labelled, strict=True))
    assert all(each.prediction.levels for each in labelled)


@pytest.mark.full
def test_the_models_own_thresholds_hold_for_what_is_decided_without_a_person(
    unseen: dict[int, Labelled], proof: Callable[..., None]
) -> None:
    """Each fold by the thresholds its own model learned, of which none has seen the fold."""
    assert unseen, "runs after the folds"
    appeals = list(unseen.values())
    targeted = _figures(appeals, target_precision=TARGET)
    proof(target=TARGET, with_target=str(targeted), plain=str(_figures(appeals)))
    assert targeted.level >= TARGET - 0.02
    assert targeted.automatic >= 0.60


@pytest.fixture(scope="module")
def unseen() -> dict[int, Labelled]:
    """Appeals of all folds, by row."""
    return {}


def _order(rows: Sequence[dict[str, str]]) -> list[int]:
    order = list(range(len(rows)))
    random.Random(7).shuffle(order)
    return order
