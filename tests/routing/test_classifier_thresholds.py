"""What is stored with a model and judged: thresholds, groups, levels, places, frequencies, formats of files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from services.routing.classifier import corpus, cross_validation, evaluation, training
from services.routing.classifier.calibration import find_thresholds
from services.routing.classifier.frequencies import with_frequencies
from services.routing.classifier.model import Model, from_bytes, load_model, to_bytes
from services.routing.classifier.places import Places
from services.routing.classifier.solving import Kernel, one_hot, solve_ridge

MATTERS = {
    "Свет": ("Не горит фонарь, темно на улице", "Темнота во дворе, фонари не работают"),
    "Ямы": ("Яма на дороге, разбит асфальт", "Дорога в ямах, асфальта нет"),
    "Вода": ("Нет горячей воды в доме", "Вода из крана ржавая, холодной нет"),
}
TOWNS = {"Льгов": ["льгов"], "Рыльск": ["рыльск"]}
GROUPS = {"Свет": "Город", "Ямы": "Город", "Вода": "Дом"}


def appeals(words: int = 12) -> list[dict[str, str]]:
    """Each matter in each town, told in a few ways; the town's administration answers."""
    return [
        {
            "text": f"{sentence} в {town}е, дом номер {'абвгдежзиклмнопр'[number]}",
            "topic": topic,
            "group": GROUPS[topic],
            "agency": f"{topic}: {town}",
        }
        for topic, sentences in MATTERS.items()
        for sentence in sentences
        for town in TOWNS
        for number in range(words)
    ]


PARENTS = {f"{topic}: {town}": town for topic in MATTERS for town in TOWNS}


@pytest.fixture(scope="module")
def trained() -> Model:
    return training.train(appeals(), PARENTS, TOWNS)


def test_a_loaded_model_predicts_and_decides_as_the_trained_one(trained: Model) -> None:
    loaded = from_bytes(to_bytes(trained))
    texts = [row["text"] for row in appeals()[::7]]
    assert loaded.predict(texts) == trained.predict(texts)
    assert loaded.thresholds == trained.thresholds
    assert to_bytes(loaded) == to_bytes(trained)


def test_the_same_rows_give_the_same_model(trained: Model) -> None:
    assert to_bytes(training.train(appeals(), PARENTS, TOWNS)) == to_bytes(trained)


def test_every_kind_of_label_has_thresholds_from_unseen_rows(trained: Model) -> None:
    assert trained.thresholds.keys() == {"topic", "group", "organisation", "level"}
    assert all(0 < score <= 1 for scores in trained.thresholds.values() for score in scores.values())
    figures = evaluation.evaluate(trained, appeals(), parents=PARENTS)
    assert figures["thresholds"]["topic"]["0.80"]["precision"] >= 0.8
    assert figures["level"]["top1"] >= 0.9


def test_groups_and_levels_add_up_what_belongs_to_them(trained: Model) -> None:
    prediction = trained.predict(["Яма на дороге во Льгове"])[0]
    topics = dict([(prediction.topic, prediction.confidence), *prediction.alternatives])
    assert dict(prediction.groups)["Город"] == pytest.approx(topics["Свет"] + topics["Ямы"], abs=2e-4)
    of_town = sum(share for agency, share in prediction.agencies if agency.endswith("Льгов"))
    assert dict(prediction.levels)["Льгов"] == pytest.approx(of_town, abs=5e-4)
    assert prediction.levels[0][0] == "Льгов"


def test_files_of_the_first_format_are_still_read() -> None:
    with np.load(io.BytesIO(to_bytes(load_model())), allow_pickle=False) as arrays:
        old = {name: arrays[name] for name in arrays if name != "topic_coarser"}
    file = io.BytesIO()
    np.savez_compressed(file, **{**old, "format": np.array(1)})
    model = from_bytes(file.getvalue())
    assert (model.thresholds, model.topic.coarser) == ({}, ())
    text = "Яма на дороге"
    assert model.predict([text])[0].alternatives == load_model().predict([text])[0].alternatives


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 cut short"])
def test_other_bytes_are_no_model(content: bytes) -> None:
    with pytest.raises(ValueError):
        from_bytes(content)


def test_a_threshold_is_the_lowest_score_with_the_precision() -> None:
    judged = [(0.9, True)] * 30 + [(0.6, True)] * 10 + [(0.6, False)] * 4 + [(0.3, False)] * 50
    found = find_thresholds(judged)
    assert found == {0.80: 0.6, 0.90: 0.9, 0.95: 0.9}
    lucky = [(0.9, True)] * 30 + [(0.6, True)] * 10 + [(0.6, False)] * 10
    assert find_thresholds(lucky)[0.80] == 0.9, "just 0.8 may be luck"
    assert find_thresholds(judged[:10]) == {}, "ten rows say nothing"


def test_what_a_ridge_says_of_a_row_left_out_is_what_it_says_without_it() -> None:
    texts = corpus.Corpus([row["text"] for row in appeals(3)], 1)
    labels = np.arange(len(appeals(3))) % 3
    targets = one_hot(labels, 3)
    _, unseen = solve_ridge(Kernel(texts.matrix), targets, 1.0, len(labels))
    without = np.arange(1, len(labels))
    linear, _ = solve_ridge(Kernel(texts.matrix[without]), targets[without], 1.0, 0)
    assert np.allclose(unseen[0], (texts.matrix[[0]] @ linear.weights + linear.bias)[0], atol=1e-3)


def test_many_rows_are_solved_without_their_inner_products(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = corpus.Corpus([row["text"] for row in appeals()], 1)
    labels = np.arange(len(appeals())) % 3
    dense, _ = solve_ridge(Kernel(texts.matrix), one_hot(labels, 3), 1.0, len(labels))
    monkeypatch.setattr("services.routing.classifier.solving.DENSE_LIMIT", 10)
    sparse, _ = solve_ridge(Kernel(texts.matrix), one_hot(labels, 3), 1.0, len(labels))
    assert np.allclose(dense.weights, sparse.weights, atol=1e-3)
    model = training.train(appeals(), PARENTS, TOWNS)
    assert model.predict(["Яма на дороге во Льгове"])[0].agencies[0][0] == "Ямы: Льгов"


def test_places_are_found_by_the_beginnings_of_their_names() -> None:
    places = Places({"Льговский район": ["льговский район", "льговского район"], "Рыльск": ["рыльск"]})
    assert places.find(["жители", "льговского", "района"]) == [0]
    assert places.find(["из", "рыльска", "в", "льговский", "район"]) == [0, 1]
    assert places.find(["льговский", "лес"]) == []
    assert np.linalg.norm(places.vectors_of([["рыльске"], ["лес"]]), axis=1).tolist() == [1, 0]


def test_frequencies_move_what_is_common_and_keep_the_rest_possible() -> None:
    model = load_model()
    common, text = "Аварийные деревья", "Помогите, пожалуйста"
    moved = with_frequencies(model, {common: 500, "Неприятные запахи": 10})
    before, after = model.predict([text])[0], moved.predict([text])[0]
    assert before.topic != after.topic == common
    dark = moved.predict(["Во дворе не горит ни один фонарь, уличное освещение не работает, темно"])[0]
    assert "свещени" in dark.topic
    with pytest.raises(ValueError):
        with_frequencies(model, {"Нет такой темы": 3})


def test_every_row_is_judged_by_a_model_that_has_not_seen_it() -> None:
    rows = [*appeals(4), {"text": "Волки", "topic": "Волки", "group": "Лес", "agency": "Лес"}]
    figures = cross_validation.cross_validate(rows, 2, PARENTS, TOWNS)
    assert figures["rows"] == len(rows)
    assert figures["topic"]["top1"] == pytest.approx(1 - 1 / len(rows), abs=1e-4), "nobody knew of the wolves"
    assert figures.keys() >= {"level", "topic", "group", "agency", "thresholds", "texts_per_second"}
    with pytest.raises(ValueError):
        cross_validation.cross_validate(rows, 1)


def test_groups_of_the_file_judge_a_model_with_other_groups() -> None:
    rows = [{"text": "Яма на дороге", "topic": "Аварийные деревья", "group": "1"}]
    figures = evaluation.evaluate(None, rows)
    assert figures["group"]["top1"] in (0, 1)
    own = evaluation.evaluate(None, [{"text": "Упало дерево", "topic": "Аварийные деревья"}])
    assert own["group"] == {"top1": 1.0}


def test_the_shipped_groups_are_those_of_its_topics(tmp_path: Path) -> None:
    model = load_model()
    assert corpus.read_groups().keys() == set(model.topic.labels)
    assert dict(model.thresholds) == {}, "our own sentences are no sample of appeals"


def test_organisations_of_the_shipped_model_come_from_the_caller() -> None:
    rows = [
        {"text": "яма на дороге", "topic": "x", "agency": "Б"},
        {"text": "мусор", "topic": "x", "agency": "Я"},
    ]
    assert evaluation.evaluate(None, rows)["agency"] is None
    figures = evaluation.evaluate(None, rows, lambda text, prediction: [("А", 0.6), ("Б", 0.3)], {"Б": "А"})
    expected = {"top1": 0.0, "top3": 0.5, "ece": 0.6, "coverage_at_80": 0.0, "coverage_at_90": 0.0}
    assert figures["agency"] == expected
    assert figures["level"] == {"top1": 0.5, "coverage_at_80": 0.0}, "the sums of an organisation's own ones"
