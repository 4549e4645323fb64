"""What texts mean: kind, importance, danger, language, on sentences that the rules were made from and on others."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from chassis.normal import fold
from meaning import Meaning, dangers, read
from meaning.languages import language_of

HERE = Path(__file__).parent
# Just under what is reached, so that a change that makes it worse is noticed.
FLOORS = {"kind": 0.86, "importance": 0.91, "recall": 0.98, "precision": 0.93, "language": 0.98}


def rows_of(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_people_labelled_is_recognised(proof: Callable[..., None]) -> None:
    rows = rows_of("judging.csv")
    read_as = [read(row["text"]) for row in rows]
    danger = [row["importance"] == "danger" for row in rows]
    found = [meaning.importance.value == "danger" for meaning in read_as]
    figures = {
        "kind": score([row["kind"] for row in rows], [meaning.kind.value for meaning in read_as]),
        "importance": score(
            [row["importance"] for row in rows], [meaning.importance.value for meaning in read_as]
        ),
        "recall": recall_score(danger, found),
        "precision": precision_score(danger, found),
        "language": sum(
            row["language"] == meaning.language for row, meaning in zip(rows, read_as, strict=True)
        )
        / len(rows),
    }
    proof(**{figure: round(float(value), 3) for figure, value in figures.items()})
    for figure, floor in FLOORS.items():
        assert figures[figure] >= floor, figures


def score(labels: list[str], predicted: list[str]) -> float:
    return float(f1_score(labels, predicted, average="macro"))


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("В подъезде сильно пахнет газом", "gas"),
        ("Из окна валит дым, люди кричат", "fire"),
        ("Оборванный кабель лежит на тротуаре", "wire"),
        ("Люк без крышки у школы", "hatch"),
        ("Дети бегают по тонкому льду пруда", "ice"),
        ("Мужик с ножом кидается на прохожих", "weapon"),
        ("У мамы закончился инсулин", "medicine"),
        ("Сосулька висит над входом в подъезд", "falling"),
        ("Ребенок застрял в лифте", "person"),
        ("Он сидит на краю крыши и хочет прыгнуть", "suicide"),
        ("В\u00ad подъ\u200bезде пaхнет гaзoм", "gas"),  # read in the normal form, as everything is
    ],
)
def test_dangers_have_names(text: str, sort: str) -> None:
    found = dangers.find(text)
    assert found is not None
    assert found.sort == sort


@pytest.mark.parametrize(
    "text",
    [
        "Спасибо пожарным, быстро потушили",
        "В прошлом году был пожар, справку не дают",
        "Горю желанием попасть на концерт",
        "Газель ездит грязная",
        "Люк уже закрыли, спасибо",
        "Газ подключить к дому просим второй год, очередь",
        "Не пахнет газом, счётчик исправен",
        "Предлагаю провести учения: пожар в школе",
        "",
        "12345",
    ],
)
def test_mentions_are_no_dangers(text: str) -> None:
    assert dangers.find(text) is None


def test_a_danger_after_thanks_and_in_a_question_is_one() -> None:
    for text in (
        "Спасибо за двор, но люк оставили открытым, дети рядом",
        "Провод лежит на земле, искрит, это нормально?",
    ):
        assert read(text).importance.value == "danger"


def test_a_complaint_in_the_form_of_a_question_or_of_thanks_is_a_problem() -> None:
    for text in (
        "Когда уже уберут снег с улицы Мичурина? Вторую неделю не чистят",
        "Спасибо за ремонт, но лифт снова стоит, не работает третий день",
    ):
        assert read(text).kind.value == "problem"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Безнең урамда юл начар, төзәтегез әле", "tt"),
        ("У нашому дворі не вивозять сміття", "uk"),
        ("Біздің көшеде жарық жоқ", "kk"),
        ("Where can I register my visa in this city?", "en"),
        ("Kak zapisatsya k vrachu cherez gosuslugi?", "ru"),
        ("На остановке висит реклама «Best price only today», закрывает весь обзор", "ru"),
        ("12 34 😀", "und"),
        ("фывапролдж", "und"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(max_size=300))
def test_any_text_has_one_meaning(text: str) -> None:
    first: Meaning = read(text)
    assert read(text) == first
    assert 0 <= first.kind.confidence <= 1
    assert 0 <= first.importance.confidence <= 1
    assert (dangers.find(text) is not None) == (first.importance.value == "danger")


WORDS = st.sampled_from([word for row in rows_of("development.csv") for word in row["text"].split()])


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_a_quick_look_never_overlooks_what_reading_finds(text: str) -> None:
    folded = fold(text)
    named = {concept for concepts in dangers.LEXICON.read(folded) for concept in concepts}
    assert dangers.LEXICON.mask(named) & ~dangers.LEXICON.possible(folded) == 0


def test_no_sentence_judges_what_was_made_from_it() -> None:
    assert {row["text"] for row in rows_of("development.csv")}.isdisjoint(
        row["text"] for row in rows_of("judging.csv")
    )
