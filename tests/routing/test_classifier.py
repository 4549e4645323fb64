"""The classifier: shipped model and its corpus, what a prediction promises, training, figures, real samples."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.databases import PROJECT
from services.routing.classifier import corpus, evaluation, training
from services.routing.classifier.features import describe_text, tokenize
from services.routing.classifier.heads import calibrate
from services.routing.classifier.model import COLD_START, load_model

ABOUT = json.loads(COLD_START.with_suffix(".json").read_text())
STEP = 6  # every sixth topic is enough for the quick trainings of these tests


def small_corpus() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Our own sentences of a few topics, every fourth kept aside; a made-up body for each pair of topics."""
    rows = [row for path in corpus.example_files() for row in corpus.read_rows(path)]
    names = sorted({row["topic"] for row in rows})[::STEP]
    rows = [
        {**row, "agency": f"орган {names.index(row['topic']) // 2}"} for row in rows if row["topic"] in names
    ]
    return [row for i, row in enumerate(rows) if i % 4], [row for i, row in enumerate(rows) if not i % 4]


@pytest.fixture
def only_given_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training that does not add our own sentences, so that those kept aside stay unseen."""
    monkeypatch.setattr(training, "read_examples", list)


def test_shipped_model_belongs_to_the_corpus_beside_it() -> None:
    assert ABOUT["corpus_sha256"] == corpus.hash_of_examples(), (
        "run `python -m services.routing.classifier.training`"
    )
    assert ABOUT["corpus_rows"] == len(corpus.read_examples())
    model = load_model()
    assert len(model.topic.labels) == ABOUT["topics"] == 160
    assert model.agency is None
    assert COLD_START.stat().st_size <= 6_000_000


def test_corpus_has_twelve_or_more_sentences_of_every_topic() -> None:
    rows = [row for path in corpus.example_files() for row in corpus.read_rows(path)]
    counts = {label: sum(row["topic"] == label for row in rows) for label in load_model().topic.labels}
    assert min(counts.values()) >= 12
    assert len({row["text"] for row in rows}) == len(rows)


def test_a_server_that_predicts_never_loads_the_trainers_libraries() -> None:
    code = (
        "import sys; from services.routing.classifier.model import load_model; "
        "from services.routing.classifier import evaluation; load_model().predict(['Яма на дороге']); "
        "sys.exit(any(name in sys.modules for name in ('scipy', 'pandas')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


def test_prediction_names_topic_alternatives_and_speaking_words() -> None:
    text = "Во дворе дома 5 по улице Ленина вторую неделю не горит ни один фонарь, вечером темно"
    prediction = load_model().predict([text])[0]
    assert "свещени" in prediction.topic
    assert "фонарь" in prediction.terms
    assert set(prediction.terms) <= set(tokenize(text))
    scores = [prediction.confidence, *(score for _, score in prediction.alternatives)]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) <= 1.001
    assert len(prediction.alternatives) == 5
    assert prediction.topic not in dict(prediction.alternatives)


def test_prediction_does_not_depend_on_its_neighbours() -> None:
    texts = ["Яма на дороге", "", "Нет горячей воды в доме", "Не вывозят мусор", "123 [имя] [телефон]"]
    model = load_model()
    assert model.predict(texts) == [model.predict([text])[0] for text in texts]
    assert model.predict([]) == []


def test_masked_places_numbers_and_case_say_nothing() -> None:
    model = load_model()
    plain, other = model.predict(["ёлка упала на дорогу", "[имя] ЕЛКА упала 15 на дорогу, 8 [телефон]"])
    assert plain == other


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_any_text_gets_a_best_guess(text: str) -> None:
    prediction = load_model().predict([text])[0]
    assert 0 < prediction.confidence <= 1
    features = describe_text(text)
    assert len(features.words) == len(features.lengths)
    assert sum(features.lengths) <= features.buckets.size


def test_a_very_long_text_is_cut_not_refused() -> None:
    assert load_model().predict(["Яма на дороге. " * 5000 + "а" * 100_000])[0].confidence > 0


def test_unknown_or_broken_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "absent.npz")
    np.savez(tmp_path / "other.npz", format=np.array(99))
    with pytest.raises(ValueError):
        load_model(tmp_path / "other.npz")


@pytest.mark.usefixtures("only_given_rows")
def test_training_finds_topics_and_bodies_of_sentences_kept_aside(tmp_path: Path) -> None:
    seen, aside = small_corpus()
    model = training.train(seen)
    assert set(model.topic.labels) == {row["topic"] for row in seen}
    figures = evaluation.evaluate(model, aside)
    assert figures["rows"] == len(aside)
    # Twelve sentences a topic, neighbouring topics on purpose, no wording twice: a guess would be right in 4 %.
    assert figures["topic"]["top1"] >= 0.42
    assert figures["topic"]["top3"] >= 0.65
    assert figures["agency"]["top1"] >= 0.45
    assert figures["topic"]["ece"] <= 0.2
    loaded = load_model(training.save_trained(model, tmp_path).parent)
    assert [p.topic for p in loaded.predict([row["text"] for row in aside])] == [
        p.topic for p in model.predict([row["text"] for row in aside])
    ]
    assert json.loads((tmp_path / "model.json").read_text())["topics"] == len(model.topic.labels)


@pytest.mark.usefixtures("only_given_rows")
def test_training_without_bodies_has_topics_only() -> None:
    seen, _ = small_corpus()
    rows = [{"text": row["text"], "topic": row["topic"]} for row in seen[:60]]
    assert training.train(rows).agency is None


def test_training_refuses_what_cannot_be_learnt() -> None:
    with pytest.raises(ValueError):
        training.train([{"text": "яма", "topic": "дороги", "agency": "комитет"}] * 10)
    with pytest.raises(ValueError):
        training.train([])


def test_calibration_keeps_the_order_and_sums_to_one() -> None:
    logits = np.random.default_rng(0).normal(size=(50, 9)) * 5
    calibrated = calibrate(logits, 0.7, 0.4)
    assert np.allclose(calibrated.sum(axis=1), 1)
    assert (calibrated.argsort(axis=1) == logits.argsort(axis=1)).all()


def test_calibration_error_by_hand() -> None:
    sure_and_right = [(0.99, True)] * 4
    assert evaluation.calibration_error(sure_and_right) == pytest.approx(0.01)
    assert evaluation.calibration_error([(0.5, True), (0.5, False)]) == pytest.approx(0.0)
    assert evaluation.calibration_error([(1.0, False)]) == pytest.approx(1.0)
    assert evaluation.calibration_error([]) == 0


def test_coverage_takes_all_rows_of_one_confidence_or_none() -> None:
    judged = [(0.9, True), (0.8, True), (0.7, True), (0.6, True), (0.5, False), (0.4, False)]
    assert evaluation.coverage_at_precision(judged) == pytest.approx(5 / 6)
    assert evaluation.coverage_at_precision([(0.5, True), (0.5, False)]) == 0
    assert evaluation.coverage_at_precision([]) == 0


@pytest.mark.parametrize(
    "contacts",
    [
        " Меня зовут [имя], телефон [телефон], почта [почта].",
        " С уважением, [имя] тел.: [телефон], эл. почта: [почта]",
        " Заявитель: [имя]; мой контактный телефон – [телефон]; e-mail [почта]",
        " [имя] [телефон]",
    ],
)
def test_how_somebody_is_reached_says_nothing_of_the_topic(contacts: str) -> None:
    trouble = "Третий день нет отопления, батареи холодные."
    assert tokenize(trouble + contacts) == tokenize(trouble)


def test_what_a_mask_does_not_belong_to_stays() -> None:
    stays = ["на", "почту", "не", "носит", "письма", "телефон", "не", "работает"]
    assert tokenize("На почту [имя] не носит письма, телефон не работает") == stays
