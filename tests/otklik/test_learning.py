"""Training and judging from the command line, and bodies by the demo region's rules."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from otklik.ranking import demo_reference, rank_by_rules
from tests.otklik.commandline import Run

LIGHT, DOGS, TREES = "Темнота на улице", "Безнадзорные животные", "Аварийные деревья"


@dataclass
class Guess:
    """A classifier's guess."""

    topic: str
    confidence: float = 1.0
    alternatives: list[tuple[str, float]] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    agencies: list[tuple[str, float]] = field(default_factory=list)
    levels: list[tuple[str, float]] = field(default_factory=list)


def labelled(path: Path, agencies: bool = True) -> Path:
    """A file of appeals about three things."""
    kinds = [
        ("Собаки бегают стаей у дома {}, отловите бездомных собак", DOGS, "Отлов"),
        ("На улице {} не горит фонарь, темно, нет освещения", LIGHT, "Горсвет"),
        ("Дерево у дома {} вот-вот упадёт, спилите аварийное дерево", TREES, "Зеленстрой"),
    ]
    pairs = [(text.format(number), topic, agency) for text, topic, agency in kinds for number in range(8)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["text", "topic", "agency", "group"] if agencies else ["text", "topic"])
        writer.writerows((*pair, "Улица") if agencies else pair[:2] for pair in pairs)
    return path


def test_a_model_is_trained_and_judged(run: Run, tmp_path: Path) -> None:
    file = labelled(tmp_path / "labelled.csv")
    trained = run("train", file, "--model", tmp_path / "model", "--json")
    assert trained.code == 0
    assert (trained.result["rows"], trained.result["topics"], trained.result["agencies"]) == (24, 3, 3)
    judged = run("evaluate", file, "--model", tmp_path / "model", "--json").result
    assert judged.keys() >= {"rows", "topic", "agency", "texts_per_second"}
    assert judged["topic"].keys() == {"top1", "top3", "ece", "coverage_at_80", "coverage_at_90"}
    assert judged["agency"].keys() == judged["topic"].keys()
    assert "level" not in judged
    assert (judged["rows"], judged["topic"]["top1"], judged["agency"]["top1"]) == (24, 1.0, 1.0)
    assert "texts/s" in run("evaluate", file, "--model", tmp_path / "model").out


def test_agencies_are_judged_by_level_groups_by_the_files_own(run: Run, tmp_path: Path) -> None:
    file = labelled(tmp_path / "labelled.csv")
    levels = tmp_path / "levels.csv"
    levels.write_text("agency,level\nОтлов,Город\nГорсвет,Город\n", encoding="utf-8")
    run("train", file, "--model", tmp_path / "model", "--parents", levels)
    judged = run("evaluate", file, "--model", tmp_path / "model", "--parents", levels, "--json").result
    assert judged["level"] == {"top1": 1.0, "coverage_at_80": 1.0}
    assert judged["group"] == {"top1": 1.0}
    assert judged["thresholds"].keys() == {"topic", "group", "organisation", "level"}


def test_folds_judge_rows_by_models_that_have_not_seen_them(run: Run, tmp_path: Path) -> None:
    judged = run("evaluate", labelled(tmp_path / "labelled.csv"), "--folds", 2, "--json").result
    assert (judged["rows"], judged["topic"]["top1"]) == (24, 1.0)
    both = run("evaluate", labelled(tmp_path / "labelled.csv"), "--folds", 2, "--model", tmp_path)
    assert both.code == 2


def test_the_shipped_model_learns_a_regions_frequencies(run: Run, tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text(f"topic,count\n{DOGS},40\n{TREES},5\n", encoding="utf-8")
    made = run("train", "--frequencies", counts, "--model", tmp_path / "model", "--json").result
    assert (made["rows"], made["topics"], made["agencies"]) == (2, 160, 0)
    file = labelled(tmp_path / "labelled.csv")
    assert run("evaluate", file, "--model", tmp_path / "model", "--json").result["topic"]["top3"] >= 0.5
    counts.write_text(f"topic,count\n{DOGS},many\n", encoding="utf-8")
    refused = run("train", "--frequencies", counts, "--model", tmp_path / "other")
    assert (refused.code, "no whole number" in refused.err) == (1, True)
    assert run("train", "--model", tmp_path / "other").code == 2


def test_the_shipped_model_is_judged(run: Run, tmp_path: Path) -> None:
    judged = run("evaluate", labelled(tmp_path / "labelled.csv"), "--json").result
    assert judged["topic"]["top3"] >= 0.5, "stray dogs and dangerous trees are topics of the demo region"
    assert judged["agency"]["top1"] == 0, "these bodies are not"
    without = run("evaluate", labelled(tmp_path / "labelled.csv", agencies=False), "--json").result
    assert without["agency"] is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,agency\nЯма,Отдел\n", "no rows with `text` and `topic`"),
        ("text,topic\nЯма,Дороги\n", "at least two topics"),
        ("text,topic\nЯма, большая,Дороги\n", "row 1 has 3 values"),
    ],
)
def test_unusable_files_say_what_is_wrong(run: Run, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "file.csv"
    file.write_text(content)
    ended = run("train", file, "--model", tmp_path / "model")
    assert ended.code == 1
    assert message in ended.err
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("content", [None, b"nonsense", b"PK\x03\x04 cut short"])
def test_unusable_models_say_what_to_do(run: Run, tmp_path: Path, content: bytes | None) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    if content is not None:
        (folder / "model.npz").write_bytes(content)
    ended = run("evaluate", labelled(tmp_path / "labelled.csv"), "--model", folder)
    assert ended.code == 1
    assert ended.err.startswith("otklik: ")
    assert "train" in ended.err


def test_the_demo_region_is_whole() -> None:
    reference = demo_reference()
    assert len(reference.topics) == 160
    assert len(reference.organisations) == 77
    for topic in reference.topics.values():
        assert rank_by_rules("Темно", Guess(topic.name)), topic


def test_the_place_in_the_text_chooses_the_body() -> None:
    there = rank_by_rules("В Льговском районе бегает стая собак", Guess(DOGS))
    anywhere = rank_by_rules("Бегает стая собак", Guess(DOGS))
    assert there[0][0] == "Администрация Льговского района"
    assert anywhere[0][0] != there[0][0]
    assert there[0][1] > anywhere[0][1], "a named place makes it surer"


def test_topics_of_one_body_add_up() -> None:
    alone = dict(rank_by_rules("Темно", Guess(DOGS, 0.5)))
    together = dict(rank_by_rules("Темно", Guess(DOGS, 0.5, [(TREES, 0.3)])))
    assert (
        together["Комитет городского хозяйства города Курска"]
        > alone["Комитет городского хозяйства города Курска"]
    )
    assert sum(together.values()) <= 1


def test_unknown_topics_name_nobody() -> None:
    assert rank_by_rules("Темно", Guess("Нет такой темы")) == []
